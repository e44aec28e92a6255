import fc from "fast-check";
import type { IdentityKey } from "../../../domain/identity.ts";
import type { MacAddress } from "../../../domain/mac-address.ts";
import type { DecisiveVerdict } from "../../../domain/verdict.ts";
import { REASONS, STATUSES } from "../../../radius-edge/snapshot/packed-verdict.ts";
import { createVerdictTable } from "../../../radius-edge/snapshot/verdict-table.ts";
import type { VerdictTable } from "../../../radius-edge/snapshot/verdict-table.ts";

const digits = (length: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...Array.from("0123456789abcdef")), minLength: length, maxLength: length });
/** Many fall on each other: few values, in every shape, and shapes that are prefixes of one another. */
const identity = fc
  .oneof(
    digits(12).map((mac) => `mac:${mac}`),
    ...[24, 32, 40].flatMap((length) => [
      digits(length).map((id) => `device:${id}`),
      digits(1).map((digit) => `device:${digit.repeat(length)}`),
    ]),
    digits(1).map((digit) => `mac:${digit.repeat(12)}`),
    fc.string().map((name) => `user:${name}`),
    digits(11).map((short) => `mac:${short}`),
  )
  .map((key) => key as IdentityKey);
const instant = fc.integer({ min: 0, max: 2 ** 43 - 1 });
const verdict: fc.Arbitrary<DecisiveVerdict> = fc.record(
  {
    status: fc.constantFrom(...STATUSES),
    reason: fc.constantFrom(...REASONS),
    matchedBy: fc.constantFrom(undefined, "deviceId", "mac"),
    matchedMac: fc.option(
      digits(12).map((mac) => mac as MacAddress),
      { nil: undefined },
    ),
    revision: fc.integer({ min: 0, max: 2 ** 42 - 1 }),
    checkedAt: fc.option(instant, { nil: undefined }),
    dueAt: instant,
  },
  { noNullPrototype: true },
);

const heldIn = (table: VerdictTable, keys: Iterable<IdentityKey>) => [...keys].map((key) => [key, table.get(key)]);

test("behaviour 1.1: the table answers as a Map does, whatever is put into it: never with another's verdict", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(identity, verdict), { maxLength: 60 }), fc.array(identity), (entries, strangers) => {
      const table = createVerdictTable();
      for (const [key, value] of entries) table.set(key, value);
      const model = new Map(entries);
      expect(table.size).toBe(model.size);
      expect(heldIn(table, model.keys())).toStrictEqual([...model]);
      for (const stranger of strangers) expect(table.get(stranger)).toEqual(model.get(stranger));
    }),
  );
});

test("blocks carry a table to another, over several blocks and over what was there", () => {
  const table = createVerdictTable();
  const model = new Map<IdentityKey, DecisiveVerdict>();
  const values = fc.sample(verdict, { numRuns: 100, seed: 1 });
  for (let i = 0; i < 10_000; i++) {
    const key = `mac:${i.toString(16).padStart(12, "0")}` as IdentityKey;
    model.set(key, values[i % values.length]!);
    table.set(key, model.get(key)!);
  }
  const copy = createVerdictTable();
  copy.set([...model.keys()][77]!, values[1]!);
  for (let index = 0; index < table.blocks; index++) copy.addBlock(table.block(index));
  expect(copy.size).toBe(model.size);
  expect(heldIn(copy, model.keys())).toStrictEqual([...model]);
});

test("a device takes 64 octets at most, once there are many", () => {
  const table = createVerdictTable();
  const [value] = fc.sample(verdict, { numRuns: 1, seed: 2 });
  for (let i = 0; i < 50_000; i++) table.set(`device:${i.toString(16).padStart(32, "0")}` as IdentityKey, value!);
  expect(table.octets / table.size).toBeLessThanOrEqual(64);
});

test("an instant beyond what is held is the last that is", () => {
  const table = createVerdictTable();
  const [value] = fc.sample(verdict, { numRuns: 1, seed: 3 });
  const key = "mac:a483e7112233" as IdentityKey;
  table.set(key, { ...value!, dueAt: Number.MAX_SAFE_INTEGER, checkedAt: -5 });
  expect(table.get(key)).toStrictEqual({ ...value, dueAt: 2 ** 43 - 1, checkedAt: 0 });
});
