import fc from "fast-check";
import { decodeEap, encodeEapMessage, encodeEapOutcome } from "../../../radius-edge/eap/packet.ts";
import { aSentence } from "./bench.ts";

const octets = fc.uint8Array({ maxLength: 1_100 }).map((bytes) => Buffer.from(bytes));
const octet = fc.nat(255);

test("a message survives the wire", () => {
  const messages = fc.record({
    kind: fc.constantFrom("request" as const, "response" as const),
    identifier: octet,
    type: octet,
    typeData: octets,
  });
  fc.assert(fc.property(messages, (message) => expect(decodeEap(encodeEapMessage(message))).toEqual(message)));
});

test("Success and Failure are four octets with the identifier they answer", () => {
  expect(encodeEapOutcome({ kind: "success", identifier: 9 })).toEqual(Buffer.from([3, 9, 0, 4]));
  expect(encodeEapOutcome({ kind: "failure", identifier: 255 })).toEqual(Buffer.from([4, 255, 0, 4]));
  expect(decodeEap(Buffer.from([3, 9, 0, 4]))).toEqual({ kind: "success", identifier: 9 });
});

test("octets after the EAP Length are padding (RFC 3748 §4.1)", () => {
  const decoded = decodeEap(Buffer.from([2, 7, 0, 6, 1, 0x61, 0xff, 0xff]));
  expect(decoded).toEqual({ kind: "response", identifier: 7, type: 1, typeData: Buffer.from("a") });
});

test.each([
  ["nothing", []],
  ["three octets", [2, 1, 0]],
  ["a Length beyond the packet", [2, 1, 0, 9, 1]],
  ["a Response without a Type", [2, 1, 0, 4]],
  ["a Length that cuts the header", [2, 1, 0, 3, 1]],
  ["a Success with data", [3, 1, 0, 5, 0]],
  ["code 0", [0, 1, 0, 5, 1]],
  ["code 5", [5, 1, 0, 5, 1]],
])("says why %s is no EAP packet", (_name, bytes) => {
  const decoded = decodeEap(Buffer.from(bytes));
  expect(decoded).toEqual({ kind: "malformed", sentence: aSentence });
});

test("no byte string makes the decoder throw, and what it decodes lies within the packet", () => {
  fc.assert(
    fc.property(octets, (bytes) => {
      const decoded = decodeEap(bytes);
      const octetsRead = "typeData" in decoded ? 5 + decoded.typeData.length : 4;
      expect(decoded.kind === "malformed" || octetsRead === bytes.readUInt16BE(2)).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});
