import { randomInt } from "node:crypto";
import type { Secret } from "../../domain/secret.ts";
import { BLOCK_OCTETS, hide, unhide } from "./hiding.ts";
import type { Attribute, Packet } from "./packet.ts";
import { readVendorValues, VENDOR, writeVendorAttribute } from "./vendor-attribute.ts";

/** RFC 2548 §2.4.2, §2.4.3. */
const MS_MPPE_SEND_KEY = 16;
const MS_MPPE_RECV_KEY = 17;
const KEY_OCTETS = 32;
const SALT_OCTETS = 2;

/** The two halves of the MSK, named from the NAS's side. 32 octets each. */
export interface MppeKeys {
  readonly receiveKey: Buffer;
  readonly sendKey: Buffer;
}

/** RFC 5216 §2.3: MSK octets 0–31 are the receive key, 32–63 the send key. */
export function mppeKeysOf(msk: Buffer): MppeKeys {
  return { receiveKey: msk.subarray(0, KEY_OCTETS), sendKey: msk.subarray(KEY_OCTETS, 2 * KEY_OCTETS) };
}

/** The attributes that hand the keys to the NAS in an Access-Accept, hidden with the request's authenticator. */
export function writeMppeKeys(keys: MppeKeys, secret: Secret, requestAuthenticator: Buffer): readonly Attribute[] {
  // RFC 2548 §2.4.2: the first bit of a salt is set, and no two salts in a packet are alike.
  const salt = 0x8000 | randomInt(0x8000);
  return [
    writeKey(MS_MPPE_RECV_KEY, keys.receiveKey, salt, secret, requestAuthenticator),
    writeKey(MS_MPPE_SEND_KEY, keys.sendKey, salt ^ 1, secret, requestAuthenticator),
  ];
}

function writeKey(
  vendorType: number,
  key: Buffer,
  saltNumber: number,
  secret: Secret,
  authenticator: Buffer,
): Attribute {
  const salt = Buffer.alloc(SALT_OCTETS);
  salt.writeUInt16BE(saltNumber);
  const plain = Buffer.concat([Buffer.from([key.length]), key]);
  const hidden = hide(plain, secret, Buffer.concat([authenticator, salt]));
  return writeVendorAttribute({ vendorId: VENDOR.Microsoft, vendorType, value: Buffer.concat([salt, hidden]) });
}

/** The keys in an Access-Accept, as a NAS reads them; `undefined` when one is missing or malformed. */
export function readMppeKeys(response: Packet, secret: Secret, requestAuthenticator: Buffer): MppeKeys | undefined {
  const receiveKey = readKey(response, MS_MPPE_RECV_KEY, secret, requestAuthenticator);
  const sendKey = readKey(response, MS_MPPE_SEND_KEY, secret, requestAuthenticator);
  return receiveKey === undefined || sendKey === undefined ? undefined : { receiveKey, sendKey };
}

function readKey(response: Packet, vendorType: number, secret: Secret, authenticator: Buffer): Buffer | undefined {
  const value = readVendorValues(response, VENDOR.Microsoft, vendorType)[0];
  if (value === undefined || value.length <= SALT_OCTETS) return undefined;
  const hidden = value.subarray(SALT_OCTETS);
  if (hidden.length % BLOCK_OCTETS !== 0) return undefined;
  const plain = unhide(hidden, secret, Buffer.concat([authenticator, value.subarray(0, SALT_OCTETS)]));
  const octets = plain[0]!;
  return octets < plain.length ? plain.subarray(1, 1 + octets) : undefined;
}
