import { appendFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EdgeRecord } from "../../domain/record.ts";
import { openJournal } from "../../radius-edge/journal.ts";
import { createRecorder, NotRecordedError } from "../../radius-edge/recorder.ts";
import { failedEap } from "../support/edge-records.ts";
import { organizationId } from "../support/domain-values.ts";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "portcullis-journal-"));
  path = join(folder, "journal.jsonl");
});
afterEach(() => rm(folder, { recursive: true }));

const records = (count: number): EdgeRecord[] => Array.from({ length: count }, () => failedEap(organizationId));

test("records go to the journal while Postgres is away, and are delivered once and in order when it is back", async () => {
  let isAway = true;
  const taken: string[] = [];
  const write = (batch: readonly EdgeRecord[]): Promise<void> => {
    if (isAway) return Promise.reject(new Error("away"));
    taken.push(...batch.map(({ event }) => event.id));
    return Promise.resolve();
  };
  const journal = await openJournal(path);
  const recorder = createRecorder({
    write,
    journal,
    retryMs: 10,
    onFailure: () => undefined,
    onDelivered: () => undefined,
  });
  const made = records(5);
  for (const record of made.slice(0, 4)) await recorder.record(record);
  expect(recorder.target).toBe("journal");
  expect((await readFile(path, "utf8")).trim().split("\n")).toHaveLength(4);
  isAway = false;
  while (recorder.journaled > 0 || recorder.target === "journal")
    await new Promise((resolve) => setTimeout(resolve, 5));
  await recorder.record(made[4]!);
  await recorder.close();
  expect(taken).toEqual(made.map(({ event }) => event.id));
  expect(await readFile(path, "utf8")).toBe("");
});

test("what an earlier process left is delivered, less a last line that was cut short", async () => {
  const [record] = records(1);
  const first = await openJournal(path);
  await first.append([record!]);
  await first.close();
  await appendFile(path, '{"kind":"authent');
  const journal = await openJournal(path);
  expect(journal.length).toBe(1);
  expect(await journal.oldest(10)).toEqual([JSON.parse(JSON.stringify(record))]);
  await journal.close();
});

test("a record that can be stored nowhere is refused, and its answer with it", async () => {
  const journal = await openJournal(path);
  await journal.close();
  const away = (): Promise<void> => Promise.reject(new Error("away"));
  const recorder = createRecorder({ write: away, journal, onFailure: () => undefined, onDelivered: () => undefined });
  await expect(recorder.record(records(1)[0]!)).rejects.toThrow(NotRecordedError);
});
