import fc from "fast-check";
import { reveal } from "../../../domain/secret.ts";
import { decodeAvps, encodeAvps } from "../../../radius-edge/eap/ttls-avps.ts";
import { readPap, writePap } from "../../../radius-edge/eap/ttls-pap.ts";
import { aSentence } from "./bench.ts";

const name = { code: 1, vendor: 0, data: Buffer.from("amy") };
const password = { code: 2, vendor: 0, data: Buffer.from("secret\0\0\0\0\0\0\0\0\0\0") };
/** An AVP that may be ignored: as encoded, less the M flag. */
function optional(avp: Buffer): Buffer {
  const changed = Buffer.from(avp);
  changed.writeUInt8(changed.readUInt8(4) & ~0x40, 4);
  return changed;
}

test("name and password come back as written, without the padding", () => {
  const text = fc
    .string({ unit: "binary", maxLength: 60 })
    .filter((s) => Buffer.from(s).toString() === s && !s.includes("\0"));
  const name = text.filter((s) => s !== "");
  const roundTrip = fc.property(name, text, (userName, secretText) => {
    const read = readPap(writePap(userName, secretText));
    if (read.kind === "refused") throw new Error(read.failure.sentence);
    expect([read.userName, reveal(read.password)]).toEqual([userName, secretText]);
  });
  expect(() => fc.assert(roundTrip)).not.toThrow();
});

test("a password that the client did not pad is read too, and the length of any is hidden on the wire", () => {
  const bare = encodeAvps([name, { ...password, data: Buffer.from("secret") }]);
  const read = readPap(bare);
  expect(read.kind === "pap" && reveal(read.password)).toBe("secret");
  expect(writePap("amy", "a")).toHaveLength(writePap("amy", "sixteen octets..").length);
});

test("every octet string is read or refused, never thrown at", () => {
  const octets = fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes));
  const near = fc
    .array(fc.record({ code: fc.nat(3), vendor: fc.nat(1), data: octets }), { maxLength: 3 })
    .map(encodeAvps);
  fc.assert(
    fc.property(fc.oneof(octets, near), (bytes) => {
      expect(["pap", "refused"]).toContain(readPap(bytes).kind);
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  ["ends within a header", Buffer.from([0, 0, 0, 1, 0x40, 0, 0])],
  ["has no room for its header", Buffer.from([0, 0, 0, 1, 0x40, 0, 0, 7])],
  ["has no room for its vendor", Buffer.from([0, 0, 0, 1, 0x80, 0, 0, 8, 0, 0, 0, 0])],
  ["lacks its padding", encodeAvps([name]).subarray(0, 11)],
  ["reaches beyond the message", encodeAvps([password]).subarray(0, 20)],
])("an AVP that %s is malformed (RFC 5281 §10.1)", (_name, bytes) => {
  expect(decodeAvps(bytes)).toEqual({ kind: "malformed", sentence: aSentence });
  expect(readPap(bytes)).toMatchObject({ kind: "refused", failure: { reason: "protocolError" } });
});

test("an unknown AVP is refused when it is mandatory, and passed over when not", () => {
  const known = encodeAvps([name, password]);
  const unknown = encodeAvps([{ code: 4711, vendor: 9, data: Buffer.from("x") }]);
  expect(readPap(Buffer.concat([known, unknown]))).toMatchObject({
    kind: "refused",
    failure: { reason: "protocolError", sentence: expect.stringContaining("9/4711") as unknown },
  });
  expect(readPap(Buffer.concat([known, optional(unknown)])).kind).toBe("pap");
});

test.each([
  ["EAP", [{ code: 79, vendor: 0, data: Buffer.from([2, 0, 0, 5, 1]) }]],
  ["CHAP", [name, { code: 60, vendor: 0, data: Buffer.alloc(16) }, { code: 3, vendor: 0, data: Buffer.alloc(17) }]],
  ["MSCHAPv2", [name, { code: 25, vendor: 311, data: Buffer.alloc(50) }]],
])("a client that offers %s inside is told that only PAP is supported", (method, avps) => {
  const read = readPap(encodeAvps(avps));
  expect(read).toMatchObject({ kind: "refused", failure: { reason: "innerMethodRefused", sentence: aSentence } });
  expect(read.kind === "refused" && read.failure.sentence).toContain(`offers ${method} inside EAP-TTLS; only PAP`);
});

test.each([
  ["no password", [name]],
  ["no name", [password]],
  ["two names", [name, name, password]],
  ["two passwords", [name, password, password]],
  ["an empty name", [{ ...name, data: Buffer.alloc(0) }, password]],
  ["a name that no NAS could carry", [{ ...name, data: Buffer.alloc(254, "a") }, password]],
  ["a name that is no UTF-8", [{ ...name, data: Buffer.from([0xff]) }, password]],
  ["a name with a NUL", [{ ...name, data: Buffer.from("amy\0root") }, password]],
])("%s is refused", (_name, avps) => {
  expect(readPap(encodeAvps(avps))).toMatchObject({ kind: "refused", failure: { reason: "protocolError" } });
});

test("a password that is no UTF-8 is a wrong one, and stays out of the sentence", () => {
  const read = readPap(encodeAvps([name, { ...password, data: Buffer.from([0x71, 0xff]) }]));
  expect(read).toMatchObject({ failure: { reason: "passwordWrong", userName: "amy", sentence: aSentence } });
});
