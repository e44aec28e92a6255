import fc from "fast-check";
import { encodeFrame, payloadOf, spansOf } from "../../../radius-edge/journal/frame.ts";

const texts = fc.array(fc.json({ maxDepth: 1 }), { minLength: 1, maxLength: 8 });
const journalOf = (records: readonly string[]): Buffer => Buffer.concat(records.map(encodeFrame));
const readBack = (bytes: Buffer): readonly string[] =>
  spansOf(bytes).flatMap((span) => (span.kind === "record" ? [payloadOf(bytes, span)] : []));

test("what was framed is read back, in its order", () => {
  fc.assert(fc.property(texts, (records) => expect(readBack(journalOf(records))).toEqual(records)));
});

test("wherever a crash cuts the end off, all whole records before it are read, and the rest is torn", () => {
  fc.assert(
    fc.property(texts, fc.nat(), (records, at) => {
      const bytes = journalOf(records);
      const cut = bytes.subarray(0, at % bytes.length);
      const read = readBack(cut);
      expect(read).toEqual(records.slice(0, read.length));
      const whole = journalOf(read).length;
      expect(spansOf(cut).filter(({ kind }) => kind !== "record")).toEqual(
        whole < cut.length ? [{ kind: "torn", start: whole, end: cut.length }] : [],
      );
    }),
  );
});

test("a changed octet costs the records that it touches, and never makes another", () => {
  fc.assert(
    fc.property(texts, fc.nat(), fc.integer({ min: 1, max: 255 }), (records, at, mask) => {
      const bytes = journalOf(records);
      const place = at % bytes.length;
      bytes[place] = bytes[place]! ^ mask;
      let end = 0;
      const untouched = records.filter((record) => {
        const start = end;
        end += encodeFrame(record).length;
        return place < start || place >= end;
      });
      expect(readBack(bytes)).toEqual(untouched);
      const spans = spansOf(bytes);
      expect(spans.map(({ start }) => start)).toEqual([0, ...spans.slice(0, -1).map((span) => span.end)]);
      expect(spans.at(-1)!.end).toBe(bytes.length);
    }),
  );
});

test("a client cannot put a record of its own into a field", () => {
  const forged = encodeFrame('{"forged":true}').toString("latin1");
  const bytes = encodeFrame(JSON.stringify({ userName: forged }));
  // Even with the frame around it gone.
  expect(readBack(bytes.subarray(20))).toEqual([]);
});
