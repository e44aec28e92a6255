import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OrganizationId } from "../../domain/identifiers.ts";
import { wholeRecord } from "../../domain/record.ts";
import type { EdgeRecord } from "../../domain/record.ts";
import { openJournal } from "../../radius-edge/journal.ts";
import type { Journal } from "../../radius-edge/journal.ts";
import { createRecorder, NotRecordedError } from "../../radius-edge/recorder.ts";
import type { Gap, Recorder, RecorderOptions } from "../../radius-edge/recorder.ts";
import { recordBatch } from "../../store/edge-records.ts";
import { searchEvents } from "../../store/events.ts";
import { accounting, authentication, failedEap, newId } from "../support/edge-records.ts";
import { NOW } from "../support/domain-values.ts";
import { newOrganization, openTestStore } from "../support/store.ts";
import type { TestStore } from "../support/store.ts";

let folder: string;
let journal: Journal;
let gaps: Gap[];
const organizationId = newId<OrganizationId>();
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "portcullis-journal-"));
  gaps = [];
});
afterEach(() => rm(folder, { recursive: true }));

const records = (count: number): EdgeRecord[] => Array.from({ length: count }, () => failedEap(organizationId));
const away = (): Promise<void> => Promise.reject(new Error("away"));

async function openRecorder(
  write: RecorderOptions["write"],
  options: Partial<RecorderOptions & { maxBytes: number }> = {},
): Promise<Recorder> {
  journal = await openJournal({ folder, maxBytes: options.maxBytes ?? 1e9, onFault: () => undefined });
  return createRecorder({
    write,
    journal,
    isStrict: false,
    retryMs: 10,
    onFailure: () => undefined,
    onDelivered: () => undefined,
    onGap: (gap) => gaps.push(gap),
    ...options,
  });
}

async function untilDelivered(recorder: Recorder): Promise<void> {
  while (recorder.journaled > 0 || recorder.target === "journal")
    await new Promise((resolve) => setTimeout(resolve, 5));
}

test("records go to the journal while Postgres is away, and are delivered once and in order when it is back", async () => {
  let isAway = true;
  const taken: string[] = [];
  const recorder = await openRecorder((batch) => {
    if (isAway) return away();
    taken.push(...batch.map((record) => wholeRecord(record).event.id));
    return Promise.resolve();
  });
  const made = records(5);
  for (const record of made.slice(0, 4)) await recorder.record(record);
  expect(recorder.target).toBe("journal");
  expect(journal.length).toBe(4);
  isAway = false;
  await untilDelivered(recorder);
  await recorder.record(made[4]!);
  await recorder.close();
  expect(taken).toEqual(made.map(({ event }) => event.id));
  expect(journal.bytes).toBe(0);
});

test("an edge that stops leaves what the journal still holds to its next start", async () => {
  let isAway = true;
  const taken: string[] = [];
  let hasBegun = false;
  const recorder = await openRecorder(async (batch) => {
    if (isAway) return away();
    hasBegun = true;
    await new Promise((resolve) => setTimeout(resolve, 20));
    taken.push(...batch.map((record) => wholeRecord(record).event.id));
  });
  const made = records(5_000);
  await Promise.all(made.map((record) => recorder.record(record)));
  isAway = false;
  while (!hasBegun) await new Promise((resolve) => setTimeout(resolve, 1));
  await recorder.close();
  expect(taken.length).toBeLessThanOrEqual(1_000); // the batch that was under way
  const next = await openRecorder(
    async (batch) => void taken.push(...batch.map((record) => wholeRecord(record).event.id)),
  );
  await untilDelivered(next);
  await next.close();
  expect(taken).toEqual(made.map(({ event }) => event.id));
});

test("behaviour 10.1: when nothing takes a record, a strict edge refuses the answer", async () => {
  const recorder = await openRecorder(away, { isStrict: true });
  await journal.close();
  await expect(recorder.record(records(1)[0]!)).rejects.toThrow(NotRecordedError);
  expect(recorder.unrecorded).toBe(1);
});

test("behaviour 10.1: when the journal is full, answers go on, and the gap is counted and told once", async () => {
  const recorder = await openRecorder(away, { maxBytes: 1_000 });
  const made = [...records(6), accounting(organizationId, "start", { at: NOW })];
  for (const record of made) await recorder.record(record);
  expect(journal.length).toBeGreaterThan(0);
  expect(journal.length + recorder.unrecorded).toBe(7);
  expect(gaps).toMatchObject([{ kind: "begins", error: { name: "JournalFullError" } }]);
  await recorder.close();
});

test("behaviour 10.1: the end of a gap is told, with its width", async () => {
  let isAway = true;
  const recorder = await openRecorder(() => (isAway ? away() : Promise.resolve()), { maxBytes: 1_000 });
  for (const record of records(6)) await recorder.record(record);
  const { unrecorded } = recorder;
  isAway = false;
  await untilDelivered(recorder);
  await recorder.record(records(1)[0]!);
  expect(gaps.at(-1)).toEqual({ kind: "ends", records: unrecorded });
  expect(recorder.unrecorded).toBe(unrecorded);
  await recorder.close();
});

describe("with Postgres", () => {
  let store: TestStore;
  beforeAll(async () => {
    store = await openTestStore();
  });
  afterAll(() => store.close());

  test("behaviour 9.1, 10.1: a record that Postgres refuses for ever holds up none behind it", async () => {
    const organization = await newOrganization(store);
    const poison = accounting(organization, "start", { at: NOW + 3, framedIpAddress: "no address" });
    const sound = [
      authentication(organization),
      accounting(organization, "start", { at: NOW + 1 }),
      failedEap(organization, NOW + 2),
      poison,
      failedEap(organization, NOW + 4),
    ];
    const recorder = await openRecorder((batch) => recordBatch(store, batch));
    await Promise.all(sound.map((record) => recorder.record(record)));
    await untilDelivered(recorder);
    await recorder.close();
    const { events } = await searchEvents(store, organization, { start: 0, end: NOW * 2, limit: 10 });
    const expected = sound.filter((record) => record !== poison).map(({ event }) => event.id);
    expect(events.map(({ id }) => id).toSorted()).toEqual(expected.toSorted());
    expect(await readFile(join(folder, "refused.jsonl"), "utf8")).toContain(poison.event.id);
  });

  test("a schema that does not fit yet is no fault of the records: they wait for it", async () => {
    const organization = await newOrganization(store);
    let statement = "select * from not_migrated_yet";
    const recorder = await openRecorder(async (batch) => {
      await store.pool.query(statement);
      await recordBatch(store, batch);
    });
    const record = failedEap(organization);
    await recorder.record(record);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(recorder.journaled).toBe(1);
    statement = "select 1";
    await untilDelivered(recorder);
    await recorder.close();
    const { events } = await searchEvents(store, organization, { start: 0, end: NOW * 2, limit: 10 });
    expect(events.map(({ id }) => id)).toEqual([record.event.id]);
  });
});
