import { createHash, randomBytes } from "node:crypto";
import { reveal, secret } from "../../../domain/secret.ts";
import { mppeKeysOf, readMppeKeys, writeMppeKeys } from "../../../radius-edge/wire/mppe-keys.ts";
import { carrying, SECRET } from "./make.ts";

const MSK = randomBytes(64);
const NONCE = randomBytes(16);
const KEYS = mppeKeysOf(MSK);

test("the halves of the MSK, there and back", () => {
  const accept = carrying(...writeMppeKeys(KEYS, SECRET, NONCE));
  const read = readMppeKeys(accept, SECRET, NONCE)!;
  expect(Buffer.concat([read.receiveKey, read.sendKey])).toEqual(MSK);
});

test("laid out and hidden as RFC 2548 §2.4.3 says, worked out here block by block", () => {
  const [receive] = writeMppeKeys(KEYS, SECRET, NONCE);
  const value = receive![1];
  expect(value.subarray(0, 6)).toEqual(Buffer.from([0, 0, 1, 0x37, 17, 2 + 2 + 48]));
  const salt = value.subarray(6, 8);
  const hidden = value.subarray(8);
  const plain = Buffer.concat([Buffer.from([32]), MSK.subarray(0, 32), Buffer.alloc(15)]);
  let before: Buffer = Buffer.concat([NONCE, salt]);
  for (let block = 0; block < 3; block += 1) {
    const mask = createHash("md5").update(reveal(SECRET)).update(before).digest();
    before = hidden.subarray(16 * block, 16 * block + 16);
    expect(before.map((octet, i) => octet ^ mask[i]!)).toEqual(plain.subarray(16 * block, 16 * block + 16));
  }
});

test("salts have their first bit set and differ within a packet (RFC 2548 §2.4.2)", () => {
  for (let i = 0; i < 200; i += 1) {
    const salts = writeMppeKeys(KEYS, SECRET, NONCE).map(([, value]) => value.readUInt16BE(6));
    expect(salts.every((salt) => salt >= 0x8000)).toBe(true);
    expect(new Set(salts).size).toBe(2);
  }
});

test("another secret gives no keys, or others", () => {
  const accept = carrying(...writeMppeKeys(KEYS, SECRET, NONCE));
  expect(readMppeKeys(accept, secret("another"), NONCE)?.receiveKey).not.toEqual(KEYS.receiveKey);
  expect(readMppeKeys(carrying(), SECRET, NONCE)).toBeUndefined();
});
