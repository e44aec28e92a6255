import { macNotations, parseMac } from "../domain/mac-address.ts";
import type { MacAddress } from "../domain/mac-address.ts";
import { reveal } from "../domain/secret.ts";
import type { Secret } from "../domain/secret.ts";
import { ATTRIBUTE, SERVICE_TYPE } from "./wire/attribute-type.ts";
import { readCallingStationId, readServiceType, readUserName } from "./wire/attribute-readers.ts";
import { readChapAnswer } from "./wire/chap.ts";
import { has } from "./wire/exchange.ts";
import type { Packet } from "./wire/packet.ts";
import { readUserPassword } from "./wire/password.ts";

export type MacAuthentication =
  | { readonly kind: "mac"; readonly userName: string }
  | { readonly kind: "refused"; readonly sentence: string };

/**
 * Recognizes MAC authentication as NASes do it: User-Name is a MAC address in any notation, and either Service-Type is
 * Call-Check (RFC 2865 §5.6), whatever the password, or Calling-Station-Id repeats it and so does the password, plain or by
 * CHAP, if there is one. Anything else without EAP is a password for which there is no directory here: who logs in to a
 * switch chooses his name and password, and could call himself by a MAC address, but comes from an IP address or nowhere.
 */
export function recognizeMacAuthentication(request: Packet, secret: Secret): MacAuthentication {
  const isCallCheck = readServiceType(request) === SERVICE_TYPE.CallCheck;
  // RFC 2865 §5.6 has the NAS name the caller by Calling-Station-Id, and repeat it as User-Name only by recommendation.
  const userName = readUserName(request) ?? (isCallCheck ? readCallingStationId(request) : undefined) ?? "";
  const claimed = parseMac(userName);
  if (claimed === undefined) return refuse("The request carries neither EAP nor a MAC address as User-Name.");
  const calling = readCallingMac(request);
  if (calling !== undefined && calling !== claimed) {
    return refuse("User-Name and Calling-Station-Id name two MAC addresses.");
  }
  const isProved = (isCallCheck || calling === claimed) && provesMac(request, secret, claimed);
  return isProved ? { kind: "mac", userName } : refuse(NOT_REPEATED);
}

const NOT_REPEATED =
  "User-Name is a MAC address, but the request is no MAC authentication: neither Call-Check nor the MAC as Calling-Station-Id and as password.";

/** The client's MAC address; `undefined` when Calling-Station-Id is missing or names none. */
export function readCallingMac(request: Packet): MacAddress | undefined {
  const calling = readCallingStationId(request);
  return calling === undefined ? undefined : parseMac(calling);
}

/** Whether the password is the address `claimed`, where there is a password and it counts. */
export function provesMac(request: Packet, secret: Secret, claimed: MacAddress): boolean {
  if (readServiceType(request) === SERVICE_TYPE.CallCheck) return true;
  if (has(request, ATTRIBUTE.UserPassword)) {
    const password = readUserPassword(request, secret);
    return password !== undefined && parseMac(reveal(password)) === claimed;
  }
  if (has(request, ATTRIBUTE.ChapPassword)) {
    const answer = readChapAnswer(request);
    return answer !== undefined && macNotations(claimed).some((notation) => answer.isOf(notation));
  }
  return true;
}

function refuse(sentence: string): MacAuthentication {
  return { kind: "refused", sentence };
}
