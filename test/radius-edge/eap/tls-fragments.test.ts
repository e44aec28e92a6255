import fc from "fast-check";
import { TlsFragments, typeDataRoomOctets } from "../../../radius-edge/eap/tls-fragments.ts";
import { aSentence } from "./bench.ts";

const LENGTH = 0x80;
const MORE = 0x40;

/** Carries `message` from one end to the other, both with their own room; returns what arrived. */
function carry(message: Buffer, senderRoom: number, receiverRoom: number): { whole: Buffer; pieces: Buffer[] } {
  const sender = new TlsFragments();
  const receiver = new TlsFragments();
  const pieces = [sender.send(message, senderRoom)];
  for (;;) {
    const arrived = receiver.receive(pieces.at(-1)!, receiverRoom);
    if (arrived.kind === "message") return { whole: arrived.bytes, pieces };
    if (arrived.kind !== "send") throw new Error(arrived.kind);
    const next = sender.receive(arrived.typeData, senderRoom);
    if (next.kind !== "send") throw new Error(next.kind);
    pieces.push(next.typeData);
  }
}

test("a message of any length arrives whole, in pieces that fit", () => {
  const message = fc.uint8Array({ minLength: 1, maxLength: 20_000 }).map((bytes) => Buffer.from(bytes));
  fc.assert(
    fc.property(message, fc.integer({ min: 51, max: 1_400 }), (bytes, room) => {
      const { whole, pieces } = carry(bytes, room, 200);
      expect(whole.equals(bytes)).toBe(true);
      expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThanOrEqual(room);
    }),
    { numRuns: 200 },
  );
});

test("only the first of several fragments carries the length (RFC 5216 §2.1.5)", () => {
  const { pieces } = carry(Buffer.alloc(250, 1), 105, 105);
  expect(pieces.map((piece) => piece[0])).toEqual([LENGTH | MORE, MORE, 0]);
  expect(pieces[0]!.readUInt32BE(1)).toBe(250);
});

test("the peer's empty answer to our last piece acknowledges the message", () => {
  const sender = new TlsFragments();
  sender.send(Buffer.alloc(10), 100);
  expect(sender.receive(Buffer.from([0]), 100)).toEqual({ kind: "acknowledged" });
});

test("the room of a link follows its Framed-MTU (RFC 3579 §2.4) within what RFC 2865 §5.12 and the way to the NAS allow, and is RFC 3748 §3.1's where nobody tells", () => {
  expect(typeDataRoomOctets(undefined)).toBe(1_015);
  expect(typeDataRoomOctets(9_000)).toBe(1_275);
  expect(typeDataRoomOctets(1_200)).toBe(1_191);
  expect(typeDataRoomOctets(1_000)).toBe(991);
  expect(typeDataRoomOctets(0)).toBe(55);
});

test.each([
  ["no flags", [[]]],
  ["a length cut short", [[LENGTH, 0, 0]]],
  ["a message of 16 MB", [[LENGTH | MORE, 1, 0, 0, 0, 9]]],
  ["an endless run of nothing", [[MORE]]],
  ["more octets than announced", [[LENGTH, 0, 0, 0, 1, 9, 9]]],
  ["fewer octets than announced", [[LENGTH, 0, 0, 0, 3, 9, 9]]],
  [
    "two lengths that disagree",
    [
      [LENGTH | MORE, 0, 0, 0, 3, 9],
      [LENGTH, 0, 0, 0, 2, 9],
    ],
  ],
])("refuses %s", (_name, packets) => {
  const fragments = new TlsFragments();
  const turns = packets.map((packet) => fragments.receive(Buffer.from(packet), 100));
  expect(turns.at(-1)).toEqual({ kind: "malformed", sentence: aSentence });
});

test("refuses data where the acknowledgement of a fragment is due", () => {
  const fragments = new TlsFragments();
  fragments.send(Buffer.alloc(300), 100);
  expect(fragments.receive(Buffer.from([0, 1, 2, 3]), 100).kind).toBe("malformed");
});

test("a message without a length stops at 64 KB", () => {
  const fragments = new TlsFragments();
  const piece = Buffer.concat([Buffer.from([MORE]), Buffer.alloc(1_000)]);
  const kinds = Array.from({ length: 70 }, () => fragments.receive(piece, 100).kind);
  expect(kinds.indexOf("malformed")).toBe(65);
});
