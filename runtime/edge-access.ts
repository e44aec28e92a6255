import { createHash, timingSafeEqual } from "node:crypto";
import { secret } from "../domain/secret.ts";
import type { Secret } from "../domain/secret.ts";
import { deriveKey, deriveKeys } from "./master-keys.ts";
import type { MasterKeys } from "./master-keys.ts";

const TOKEN = "edge-internal";
const CHANNEL = "edge-channel";

/** The bearer token with which our own processes call an edge's internal port: lower-case hexadecimal. */
export function makeInternalToken(keys: MasterKeys): Secret {
  return secret(hex(deriveKey(keys, TOKEN)));
}

/**
 * Whether an Authorization header carries the token of any of the installation's master keys, so that processes may be
 * restarted one by one during a rotation. Takes the same time for every wrong token.
 */
export function verifyInternalToken(keys: MasterKeys, authorization: string | undefined): boolean {
  const given = digest(/^Bearer ([0-9a-f]{64})$/.exec(authorization ?? "")?.[1] ?? "");
  return tokenDigests(keys)
    .map((right) => timingSafeEqual(right, given))
    .includes(true);
}

/** As long as somebody holds the keys: to derive them anew cost an edge a sixth of each CoA that it was ordered (measured). */
const digestsOf = new WeakMap<MasterKeys, readonly Uint8Array[]>();

function tokenDigests(keys: MasterKeys): readonly Uint8Array[] {
  let digests = digestsOf.get(keys);
  if (digests === undefined) {
    digests = deriveKeys(keys, TOKEN).map((key) => digest(hex(key)));
    digestsOf.set(keys, digests);
  }
  return digests;
}

/**
 * What both ends of a TLS channel to an edge know and nobody else does: the pre-shared key of RFC 8446 §2.2. It proves
 * each end to the other, where a certificate would prove one of them and need an authority.
 */
export interface ChannelKey {
  /** The master key's id; travels in clear text. */
  readonly identity: string;
  /** 32 octets. */
  readonly key: Uint8Array;
}

/** The key that our own processes offer. */
export function makeChannelKey(keys: MasterKeys): ChannelKey {
  return { identity: keys.current.kid, key: deriveKey(keys, CHANNEL) };
}

/** The key of that identity, made from any of the installation's master keys. */
export function findChannelKey(keys: MasterKeys, identity: string): Uint8Array | undefined {
  const index = keys.all.findIndex(({ kid }) => kid === identity);
  return deriveKeys(keys, CHANNEL)[index];
}

/** Clear text stays on the machine. `host` is a name or address, IPv6 with or without brackets. */
export function isLoopback(host: string): boolean {
  return /^(127(\.\d{1,3}){3}|localhost|::1|\[::1\])$/.test(host);
}

function digest(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
