import fc from "fast-check";
import { createPacketStream } from "../../../radius-edge/wire/stream.ts";
import type { PacketStream } from "../../../radius-edge/wire/stream.ts";
import { datagram } from "./make.ts";

/** All that can be read now. */
function drain(stream: PacketStream): readonly (Buffer | "fault")[] {
  const packets: (Buffer | "fault")[] = [];
  for (let next = stream.next(); next !== undefined; next = stream.next()) {
    packets.push(next);
    if (next === "fault") break;
  }
  return packets;
}

test("however TCP cuts them, the packets come out as they went in", () => {
  const anyPacket = fc.uint8Array({ maxLength: 4_076 }).map((bytes) => datagram(1, Buffer.from(bytes)));
  fc.assert(
    fc.property(fc.array(anyPacket, { maxLength: 8 }), fc.array(fc.nat(9_000)), (packets, cuts) => {
      const octets = Buffer.concat(packets);
      const ends = [...cuts.filter((cut) => cut < octets.length).toSorted((a, b) => a - b), octets.length];
      const stream = createPacketStream();
      const read = ends.flatMap((end, n) => {
        stream.push(octets.subarray(ends[n - 1] ?? 0, end));
        return drain(stream);
      });
      expect(read).toEqual(packets);
    }),
    { numRuns: 200 },
  );
});

test.each([0, 3, 19, 4_097, 65_535])("a length of %i is a fault that stays, whatever follows", (length) => {
  const stream = createPacketStream();
  const good = datagram(12);
  stream.push(Buffer.concat([good, datagram(1, Buffer.alloc(0), length)]));
  expect(drain(stream)).toEqual([good, "fault"]);
  stream.push(good);
  expect(drain(stream)).toEqual(["fault"]);
});

test("four octets are enough to refuse", () => {
  const stream = createPacketStream();
  stream.push(Buffer.from([1, 1, 255]));
  expect(drain(stream)).toEqual([]);
  stream.push(Buffer.from([255]));
  expect(drain(stream)).toEqual(["fault"]);
});

test("any octets at all give packets of a sound length, or a fault, and no error", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 20 }), (chunks) => {
      const stream = createPacketStream();
      for (const chunk of chunks) {
        stream.push(Buffer.from(chunk));
        for (const read of drain(stream)) {
          if (read === "fault") return;
          expect(read.length).toBe(read.readUInt16BE(2));
          expect(read.length).toBeGreaterThanOrEqual(20);
        }
      }
    }),
    { numRuns: 1_000 },
  );
});
