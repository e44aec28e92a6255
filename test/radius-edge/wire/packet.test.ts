import fc from "fast-check";
import radius from "radius";
import {
  attributeName,
  attributeType,
  decodePacket,
  describeAttribute,
  encodePacket,
} from "../../../radius-edge/wire/packet.ts";
import { CODE_NUMBERS } from "../../../radius-edge/wire/packet-code.ts";
import type { PacketCode } from "../../../radius-edge/wire/packet-code.ts";
import { anyAttribute, bytesOf, datagram, packetOf } from "./make.ts";
import { CAPTURES, octets, RFC2865_7_1 } from "./vectors.ts";

const anyCode = fc.constantFrom(...(Object.keys(CODE_NUMBERS) as PacketCode[]));
const sixteen = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes));

test("RFC 2865 §7.1: the request, decoded", () => {
  const packet = packetOf(RFC2865_7_1.request);
  expect(packet.code).toBe("Access-Request");
  expect(packet.identifier).toBe(0);
  expect(packet.authenticator).toEqual(octets("0f403f9473978057bd83d5cb98f4227a"));
  expect(packet.attributes).toEqual([
    [1, Buffer.from("nemo")],
    [2, octets("0dbe708d93d413ce3196e43f782a0aee")],
    [4, octets("c0a80110")],
    [5, octets("00000003")],
  ]);
});

test.each([
  ["RFC 2865 §7.1, request", RFC2865_7_1.request],
  ["RFC 2865 §7.1, accept", RFC2865_7_1.accept],
  ["an Aruba MAC authentication", CAPTURES.arubaMacAuthentication.request],
  ["an EAP request", CAPTURES.eapRequest.request],
  ["a Cisco accounting request", CAPTURES.ciscoAccounting.request],
])("%s: encode(decode(bytes)) = bytes, and the radius package sees the same attributes", (_, bytes) => {
  const packet = packetOf(bytes);
  expect(bytesOf(encodePacket(packet))).toEqual(bytes);
  expect(radius.decode_without_secret({ packet: bytes }).raw_attributes).toEqual(packet.attributes);
});

test("decode(encode(packet)) = packet, for any attributes", () => {
  const drafts = fc.record({
    code: anyCode,
    identifier: fc.nat(255),
    authenticator: sixteen,
    attributes: fc.array(anyAttribute, { maxLength: 15 }),
  });
  fc.assert(
    fc.property(drafts, (draft) => {
      expect(packetOf(bytesOf(encodePacket(draft)))).toMatchObject(draft);
    }),
  );
});

test("no byte string makes the decoder throw", () => {
  const headed = fc
    .tuple(anyCode, fc.uint8Array({ maxLength: 300 }))
    .map(([code, attributes]) => datagram(CODE_NUMBERS[code], Buffer.from(attributes)));
  const anyBytes = fc.uint8Array({ maxLength: 4200 }).map((bytes) => Buffer.from(bytes));
  fc.assert(
    fc.property(fc.oneof(headed, anyBytes), (bytes) => {
      expect(["packet", "drop"]).toContain(decodePacket(bytes).kind);
    }),
    { numRuns: 2_000 },
  );
});

test("no attribute makes its description throw, or lets a NUL through to Postgres", () => {
  const anyType = fc.tuple(
    fc.integer({ min: 0, max: 255 }),
    fc.uint8Array({ maxLength: 253 }).map((value) => Buffer.from(value)),
  );
  fc.assert(
    fc.property(anyType, (attribute) => {
      expect(describeAttribute(attribute)).not.toContain("\0");
    }),
    { numRuns: 2_000 },
  );
});

test("a code that nobody serves here is dropped", () => {
  expect(decodePacket(datagram(52))).toEqual({ kind: "drop", reason: "unsupported-code" });
  expect(decodePacket(datagram(0))).toEqual({ kind: "drop", reason: "unsupported-code" });
});

test("what cannot be encoded is refused with a sentence that names it", () => {
  const head = { code: "Access-Accept", identifier: 1, authenticator: Buffer.alloc(16) } as const;
  expect(encodePacket({ ...head, attributes: [[11, Buffer.alloc(254)]] })).toEqual({
    kind: "refused",
    sentence: "Filter-Id takes at most 253 octets, not 254.",
  });
  const full = Array.from({ length: 16 }, () => [25, Buffer.alloc(253)] as const);
  expect(encodePacket({ ...head, attributes: full })).toEqual({
    kind: "refused",
    sentence: "A packet takes at most 4096 octets; these attributes need 4100.",
  });
});

test("an encoded packet does not keep the package's 4096 octets alive", () => {
  const bytes = bytesOf(encodePacket(packetOf(RFC2865_7_1.accept)));
  // The package makes a buffer of 4096 for each; a small copy lives in Node's shared pool.
  expect(bytes.buffer.byteLength).toBe(Buffer.poolSize);
});

test("attribute names and numbers, by the dictionaries", () => {
  expect(attributeName(11)).toBe("Filter-Id");
  expect(attributeName(241)).toBe("Attribute-241");
  expect(attributeType("Idle-Timeout")).toBe(28);
  for (const name of ["Idle-timeout", "28", "constructor", "__proto__", "Constructor", ""]) {
    expect(attributeType(name)).toBeUndefined();
  }
});

test.each([
  ["a text", 1, Buffer.from("nemo"), "nemo"],
  ["a text with NUL", 1, Buffer.from("ne\0mo"), "ne\\x00mo"],
  ["a number", 5, octets("00000003"), "3"],
  ["a named number", 61, octets("0000000f"), "Ethernet"],
  ["an address", 4, octets("c0a80110"), "192.168.1.16"],
  ["a tagged number", 64, octets("0000000d"), "VLAN"],
  ["a date", 55, octets("00000000"), "1970-01-01T00:00:00.000Z"],
  ["a number of one octet", 5, octets("01"), "01"],
  ["a vendor's own layout", 26, octets("00001fe4000100060000"), "00001fe4000100060000"],
  ["a password, which stays hidden", 2, octets("0dbe708d"), "0dbe708d"],
])("%s, described", (_, type, value, text) => {
  expect(describeAttribute([type, value])).toBe(text);
});
