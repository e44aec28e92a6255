import { createHash, createHmac } from "node:crypto";
import fc from "fast-check";
import { createHmacMd5, createMd5, hmacKey } from "../../../radius-edge/wire/md5.ts";

const md5 = createMd5();
const hmac = createHmacMd5();

/** Octets, and the places at which they are cut into pieces. */
const message = fc.record({
  bytes: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  cuts: fc.array(fc.nat(300), { maxLength: 4 }),
});

/** [start, end) of each piece, in order. */
function pieces({ bytes, cuts }: { readonly bytes: Buffer; readonly cuts: readonly number[] }) {
  const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).toSorted((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, i) => [places[i]!, end] as const);
}

function digestOf(digest: { finish(target: Buffer, offset: number): void }): string {
  const target = Buffer.alloc(20, 0xaa);
  digest.finish(target, 2);
  expect([target.subarray(0, 2), target.subarray(18)]).toEqual([Buffer.alloc(2, 0xaa), Buffer.alloc(2, 0xaa)]);
  return target.toString("hex", 2, 18);
}

test.each([
  ["", "d41d8cd98f00b204e9800998ecf8427e"],
  ["a", "0cc175b9c0f1b6a831c399e269772661"],
  ["abc", "900150983cd24fb0d6963f7d28e17f72"],
  ["message digest", "f96b697d7cb7938d525a2f31aaf161d0"],
  ["abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"],
  ["ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", "d174ab98d277d9f5a5611c2c9f419d9f"],
  ["1234567890".repeat(8), "57edf4a22be3c955ac49da2e2107b67a"],
])("RFC 1321 §A.5: MD5 of %j", (text, expected) => {
  expect(digestOf(md5.begin().update(Buffer.from(text)))).toBe(expected);
});

test.each([
  ["a key of 16 octets", Buffer.alloc(16, 0x0b), "Hi There", "9294727a3638bb1c13f48ef8158bfc9d"],
  ["a short key", Buffer.from("Jefe"), "what do ya want for nothing?", "750c783e6ab0b503eaa86e310a5db738"],
  [
    "a key longer than a block",
    Buffer.alloc(80, 0xaa),
    "Test Using Larger Than Block-Size Key - Hash Key First",
    "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd",
  ],
  [
    "a key and a message longer than a block",
    Buffer.alloc(80, 0xaa),
    "Test Using Larger Than Block-Size Key and Larger Than One Block-Size Data",
    "6f630fad67cda0ee1fb1f562db3aa53e",
  ],
])("RFC 2202 §2: HMAC-MD5 with %s", (_, key, text, expected) => {
  expect(digestOf(hmac.begin(hmacKey(key)).update(Buffer.from(text)))).toBe(expected);
});

test("MD5 is that of node:crypto, whatever the octets and the pieces", () => {
  fc.assert(
    fc.property(message, (any) => {
      md5.begin();
      for (const [start, end] of pieces(any)) md5.update(any.bytes, start, end);
      expect(digestOf(md5)).toBe(createHash("md5").update(any.bytes).digest("hex"));
    }),
    { numRuns: 500 },
  );
});

test("HMAC-MD5 is that of node:crypto, whatever the key, the octets and the pieces", () => {
  const anyKey = fc.uint8Array({ maxLength: 130 }).map((key) => Buffer.from(key));
  fc.assert(
    fc.property(anyKey, message, (key, any) => {
      hmac.begin(hmacKey(key));
      for (const [start, end] of pieces(any)) hmac.update(any.bytes, start, end);
      expect(digestOf(hmac)).toBe(createHmac("md5", key).update(any.bytes).digest("hex"));
    }),
    { numRuns: 500 },
  );
});
