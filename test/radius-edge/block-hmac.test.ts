import { createHmac } from "node:crypto";
import fc from "fast-check";
import { createBlockHmac, HMAC_OCTETS } from "../../radius-edge/block-hmac.ts";

test("RFC 2104, FIPS 180-4: the same octets as OpenSSL, for every key and message of one block", () => {
  const octets = (most: number) => fc.uint8Array({ maxLength: most });
  fc.assert(
    fc.property(octets(64), fc.array(octets(55), { minLength: 1, maxLength: 5 }), (key, messages) => {
      const hmac = createBlockHmac(key);
      for (const message of messages) {
        const target = new Uint8Array(HMAC_OCTETS + 2).fill(7);
        hmac(message, target, 1);
        const expected = createHmac("sha256", key).update(message).digest();
        expect([...target]).toEqual([7, ...expected, 7]);
      }
    }),
  );
});

test("a message that needs a second block is refused", () => {
  expect(() => createBlockHmac(Buffer.alloc(32))(Buffer.alloc(56), Buffer.alloc(HMAC_OCTETS), 0)).toThrow(RangeError);
});
