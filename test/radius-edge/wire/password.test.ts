import fc from "fast-check";
import { reveal, secret } from "../../../domain/secret.ts";
import { encodePacket } from "../../../radius-edge/wire/packet.ts";
import type { Packet } from "../../../radius-edge/wire/packet.ts";
import { readUserPassword, writeUserPassword } from "../../../radius-edge/wire/password.ts";
import { bytesOf, carrying, packetOf, SECRET } from "./make.ts";
import { CAPTURES, RFC2865_7_1 } from "./vectors.ts";

function read(...from: Parameters<typeof readUserPassword>): string | undefined {
  const password = readUserPassword(...from);
  return password === undefined ? undefined : reveal(password);
}

/** A request with this password, hidden by a NAS. */
function hiding(password: string): Packet {
  const { code, identifier, authenticator } = carrying();
  const attributes = [writeUserPassword(secret(password), SECRET, authenticator)];
  return packetOf(bytesOf(encodePacket({ code, identifier, authenticator, attributes })));
}

test("RFC 2865 §7.1: the password is arctangent, and hides as the RFC shows", () => {
  const request = packetOf(RFC2865_7_1.request);
  expect(read(request, RFC2865_7_1.secret)).toBe("arctangent");
  const written = writeUserPassword(secret("arctangent"), RFC2865_7_1.secret, request.authenticator);
  expect(written).toEqual(request.attributes[1]);
});

test("a password of two blocks, as an Aruba controller hides it", () => {
  const { request, secret: shared } = CAPTURES.arubaMacAuthentication;
  expect(read(packetOf(request), shared)).toBe("7c:c5:37:ff:f8:af");
});

test("any password of up to 128 octets, there and back, NULs inside it and all", () => {
  const passwords = fc
    .string({ unit: "binary", maxLength: 128 })
    .filter((text) => Buffer.byteLength(text) <= 128 && !text.endsWith("\0"));
  fc.assert(
    fc.property(passwords, (password) => {
      expect(read(hiding(password), SECRET)).toBe(password);
    }),
  );
});

test("a NUL in the first block does not glue the blocks together", () => {
  const password = "ab\0cdefghijklmnopqrst";
  expect(read(hiding(password), SECRET)).toBe(password);
});

test("impossible lengths and another secret give none, and never a throw", () => {
  for (const length of [0, 1, 15, 17, 144]) expect(read(carrying([2, Buffer.alloc(length)]), SECRET)).toBeUndefined();
  expect(read(carrying(), SECRET)).toBeUndefined();
  expect(read(packetOf(RFC2865_7_1.request), secret("another"))).toBeUndefined();
});

test("a password prints as [redacted]", () => {
  expect(JSON.stringify(readUserPassword(packetOf(RFC2865_7_1.request), RFC2865_7_1.secret))).toBe('"[redacted]"');
});
