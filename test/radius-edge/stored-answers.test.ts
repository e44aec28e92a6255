import fc from "fast-check";
import { createStoredAnswers } from "../../radius-edge/stored-answers.ts";

/** Up to the longest packet (RFC 2865 §3). */
const answers = fc.array(fc.tuple(fc.nat(200), fc.uint8Array({ minLength: 1, maxLength: 4_096 })), { maxLength: 300 });

test("each row's last answer is read as it was written, whatever the lengths, rows and the order", () => {
  fc.assert(
    fc.property(answers, (writes) => {
      const stored = createStoredAnswers();
      const last = new Map<number, Buffer>();
      for (const [row, octets] of writes) {
        stored.write(row, Buffer.from(octets));
        last.set(row, Buffer.from(octets));
      }
      for (const [row, answer] of last) expect(stored.read(row).equals(answer)).toBe(true);
    }),
    { numRuns: 50 },
  );
});

test("what was read is the reader's own, and stays what it was when the row is written again", () => {
  const stored = createStoredAnswers();
  stored.write(0, Buffer.from("first"));
  const read = stored.read(0);
  stored.write(0, Buffer.from("again"));
  expect(read.toString()).toBe("first");
});
