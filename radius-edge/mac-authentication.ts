import { reveal } from "../domain/secret.ts";
import type { Secret } from "../domain/secret.ts";
import { parseMac } from "../domain/mac-address.ts";
import { SERVICE_TYPE } from "./wire/attribute-type.ts";
import { readCallingStationId, readServiceType, readUserName } from "./wire/attribute-readers.ts";
import { readUserPassword } from "./wire/password.ts";
import type { Packet } from "./wire/packet.ts";

export type MacAuthentication =
  | { readonly kind: "mac"; readonly userName: string }
  | { readonly kind: "refused"; readonly sentence: string };

/**
 * Recognizes MAC authentication as NASes do it: User-Name is a MAC address in any notation, and either Service-Type is
 * Call-Check (RFC 2865 §5.6) or the password repeats it. Anything else without EAP is a password for which there is no
 * directory here.
 */
export function recognizeMacAuthentication(request: Packet, secret: Secret): MacAuthentication {
  const userName = readUserName(request) ?? "";
  const claimed = parseMac(userName);
  if (claimed === undefined) return refuse("The request carries neither EAP nor a MAC address as User-Name.");
  const isCallCheck = readServiceType(request) === SERVICE_TYPE.CallCheck;
  const password = readUserPassword(request, secret);
  if (password !== undefined ? parseMac(reveal(password)) !== claimed && !isCallCheck : !isCallCheck) {
    return refuse(
      "User-Name is a MAC address, but the request is no MAC authentication: neither Call-Check nor the MAC as password.",
    );
  }
  const calling = readCallingStationId(request);
  const from = calling === undefined ? undefined : parseMac(calling);
  if (from !== undefined && from !== claimed) return refuse("User-Name and Calling-Station-Id name two MAC addresses.");
  return { kind: "mac", userName };
}

function refuse(sentence: string): MacAuthentication {
  return { kind: "refused", sentence };
}
