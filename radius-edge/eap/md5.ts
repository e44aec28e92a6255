/**
 * EAP-MD5 (RFC 3748 §5.4), for nothing but MAC authentication: some switches ask so on behalf of a client that does not
 * speak EAP, with its MAC address as identity and as password. It proves as little as User-Name and User-Password do.
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { macNotations, parseMac } from "../../domain/mac-address.ts";
import type { EapContext, EapMethod, MethodOffer, Step } from "./method.ts";
import { EAP_TYPE } from "./packet.ts";
import { eapFailure } from "./failure.ts";

/** RFC 3748 §5.4: the size of the value, then the value; what may follow is a name. */
const VALUE_OCTETS = 16;

export const eapMd5: MethodOffer = {
  type: EAP_TYPE.md5,
  name: "EAP-MD5",
  isFor: ({ mac, takesMd5 }: EapContext, identity) =>
    takesMd5 === true && mac !== undefined && parseMac(identity) === mac,
  open: (_, identity) => challenge(identity, randomBytes(VALUE_OCTETS)),
};

function challenge(identity: string, value: Buffer): EapMethod {
  return {
    begin: () => Buffer.concat([Buffer.of(VALUE_OCTETS), value]),
    process: (typeData, _, identifier) => Promise.resolve(judge(identity, value, typeData, identifier)),
    close: () => undefined,
  };
}

function judge(identity: string, value: Buffer, typeData: Buffer, identifier: number): Step {
  if (typeData[0] !== VALUE_OCTETS || typeData.length <= VALUE_OCTETS) {
    return { kind: "failure", failure: eapFailure("protocolError", "The EAP-MD5 response has no value of 16 octets.") };
  }
  const given = typeData.subarray(1, 1 + VALUE_OCTETS);
  const mac = parseMac(identity);
  const passwords = mac === undefined ? [] : [identity, ...macNotations(mac)];
  if (passwords.some((password) => timingSafeEqual(given, valueOf(identifier, password, value)))) {
    return { kind: "success", evidence: { method: "EAP-MD5", identity }, msk: Buffer.alloc(0) };
  }
  const sentence = "EAP-MD5 is for MAC authentication only, and the password is not the client's MAC address.";
  return { kind: "failure", failure: eapFailure("macNotRepeated", sentence) };
}

/** RFC 1994 §4.1: MD5 over identifier, password and challenge. */
function valueOf(identifier: number, password: string, value: Buffer): Buffer {
  return createHash("md5").update(Buffer.of(identifier)).update(password).update(value).digest();
}
