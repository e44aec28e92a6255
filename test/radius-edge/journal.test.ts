import { open, readdir, readFile, stat, truncate, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import type { EdgeRecord } from "../../domain/record.ts";
import { JournalFullError, openJournal } from "../../radius-edge/journal.ts";
import type { Journal, JournalFault, JournalOptions } from "../../radius-edge/journal.ts";
import { failedEap } from "../support/edge-records.ts";
import { organizationId } from "../support/domain-values.ts";

let folder: string;
let faults: JournalFault[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "portcullis-journal-"));
  faults = [];
});
afterEach(() => rm(folder, { recursive: true }));

const openHere = (options: Partial<JournalOptions> = {}): Promise<Journal> =>
  openJournal({ folder, maxBytes: 1e9, onFault: (fault) => faults.push(fault), ...options });
const records = (count: number): EdgeRecord[] => Array.from({ length: count }, () => failedEap(organizationId));
const idsOf = (of: readonly EdgeRecord[]): readonly string[] => of.map(({ event }) => event.id);
const segments = async (): Promise<string[]> =>
  (await readdir(folder)).filter((name) => name.endsWith(".segment")).toSorted();

async function drain(journal: Journal, batch = 10): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let next = await journal.oldest(batch); next.length > 0; next = await journal.oldest(batch)) {
    ids.push(...idsOf(next));
    await journal.delivered(next.length);
  }
  return ids;
}

test("behaviour 10.1: what was appended is delivered once and in order, across segments and restarts", async () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("append" as const), count: fc.integer({ min: 1, max: 4 }) }),
    fc.record({ kind: fc.constant("deliver" as const), count: fc.integer({ min: 1, max: 5 }) }),
    fc.record({ kind: fc.constant("restart" as const), count: fc.constant(0) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const own = await mkdtemp(join(folder, "run-"));
      const openOwn = (): Promise<Journal> => openHere({ folder: own, segmentBytes: 700 });
      let journal = await openOwn();
      const expected: string[] = [];
      for (const { kind, count } of steps) {
        const taken = kind === "deliver" ? await journal.oldest(count) : [];
        expect(idsOf(taken)).toEqual(expected.splice(0, taken.length));
        if (kind === "append") {
          const made = records(count);
          await journal.append(made);
          expected.push(...idsOf(made));
        } else if (kind === "deliver") {
          await journal.delivered(taken.length);
        } else {
          await journal.close();
          journal = await openOwn();
        }
        expect(journal.length).toBe(expected.length);
      }
      expect(await drain(journal)).toEqual(expected);
      expect((await readdir(own)).filter((name) => name.endsWith(".segment"))).toEqual([]);
      expect(journal.bytes).toBe(0);
      await journal.close();
    }),
    { numRuns: 25 },
  );
  expect(faults).toEqual([]);
});

test("behaviour 10.1: a record that a crash cut short is cut off and counted; those before it are delivered", async () => {
  const made = records(3);
  for (const cut of [1, 17, 200]) {
    const first = await openHere();
    await first.append(made);
    await first.close();
    const path = join(folder, (await segments())[0]!);
    await truncate(path, (await stat(path)).size - cut);
    const journal = await openHere();
    expect(journal.length).toBe(2);
    expect(await drain(journal)).toEqual(idsOf(made.slice(0, 2)));
    await journal.close();
    expect(faults.splice(0)).toEqual([expect.objectContaining({ kind: "torn" })]);
  }
});

test("behaviour 10.1: a record damaged in the middle is put aside and counted, and never delivered wrong", async () => {
  const made = records(5);
  const first = await openHere();
  await first.append(made);
  await first.close();
  const path = join(folder, (await segments())[0]!);
  const file = await open(path, "r+");
  const { size } = await file.stat();
  await file.write(Buffer.from("X"), 0, 1, Math.floor(size / 2));
  await file.close();
  const journal = await openHere();
  expect(await drain(journal)).toEqual(idsOf(made).filter((_, i) => i !== 2));
  expect(journal.length).toBe(0);
  expect(faults).toMatchObject([{ kind: "damaged", file: path, isKept: true }]);
  expect(await readFile(join(folder, "quarantine"), "utf8")).toContain("X");
  await journal.close();
});

test("a record that is damaged after it was counted is not waited for", async () => {
  const journal = await openHere();
  await journal.append(records(1));
  const file = await open(join(folder, (await segments())[0]!), "r+");
  await file.write(Buffer.from("X"), 0, 1, 40);
  await file.close();
  expect(await journal.oldest(10)).toEqual([]);
  expect(journal.length).toBe(0);
  await journal.close();
});

test("a record that is refused is kept aside, and the next is the oldest", async () => {
  const made = records(2);
  const journal = await openHere();
  await journal.append(made);
  await journal.refuse("no such thing");
  expect(idsOf(await journal.oldest(10))).toEqual([made[1]!.event.id]);
  expect(faults).toEqual([{ kind: "refused", eventId: made[0]!.event.id, reason: "no such thing", isKept: true }]);
  const line: unknown = JSON.parse(await readFile(join(folder, "refused.jsonl"), "utf8"));
  expect(line).toMatchObject({ reason: "no such thing", record: { event: { id: made[0]!.event.id } } });
  await journal.close();
});

test("behaviour 10.1: the journal is bounded, and takes records again once delivered ones are gone", async () => {
  const journal = await openHere({ maxBytes: 2_000, segmentBytes: 500 });
  const taken: string[] = [];
  const fill = async (): Promise<void> => {
    for (;;) {
      const [record] = records(1);
      await journal.append([record!]);
      taken.push(record!.event.id);
    }
  };
  await expect(fill()).rejects.toThrow(JournalFullError);
  expect(journal.bytes).toBeLessThanOrEqual(2_000);
  const [first, second] = await journal.oldest(2);
  expect(idsOf([first!, second!])).toEqual(taken.slice(0, 2));
  await journal.delivered(2);
  const [late] = records(1);
  await journal.append([late!]);
  expect(await drain(journal)).toEqual([...taken.slice(2), late!.event.id]);
  await journal.close();
});

test("nobody else reads the journal, and it leaves no segment behind", async () => {
  const journal = await openHere();
  await journal.append(records(2));
  await journal.refuse("for the mode of its file");
  for (const name of await readdir(folder)) expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
  await journal.delivered(1);
  expect(await segments()).toEqual([]);
  await journal.close();
});

test("a position that cannot be read delivers again rather than not at all", async () => {
  const made = records(3);
  const first = await openHere();
  await first.append(made);
  await first.oldest(1);
  await first.delivered(1);
  await first.close();
  const position = await open(join(folder, "position"), "r+");
  await position.write(Buffer.from("9"), 0, 1, 15);
  await position.close();
  const journal = await openHere();
  expect(await drain(journal)).toEqual(idsOf(made));
  await journal.close();
});
