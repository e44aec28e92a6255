import { mkdir, open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import type { EdgeRecord } from "../domain/record.ts";

/** Records that Postgres has not taken yet, in a file: one JSON text a line, appended and synced before the answer leaves. */
export interface Journal {
  /** Resolves when the records are on the disk. */
  append(records: readonly EdgeRecord[]): Promise<void>;
  /** The oldest records, at most `limit`; empty when all are delivered. */
  oldest(limit: number): Promise<readonly EdgeRecord[]>;
  /** Forgets the oldest `count` records, which have been delivered. */
  delivered(count: number): Promise<void>;
  /** Records that wait. */
  readonly length: number;
  close(): Promise<void>;
}

/**
 * Opens the journal, and with it what an earlier process left: a last line that was cut short by a crash is dropped, for
 * its answer never left. Only when everything is delivered is the file emptied; a crash before that delivers some
 * records again, which changes nothing (their event ids are known).
 */
export async function openJournal(path: string): Promise<Journal> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = await open(path, "a+", 0o600);
  let lines = await readWholeLines(file);
  let taken = 0;
  let size = Buffer.byteLength(lines.map((line) => `${line}\n`).join(""));
  // One change of the file at a time: emptying it must not take a line with it that is being appended.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work, work);
    last = turn.catch(() => undefined);
    return turn;
  };
  return {
    append: (records) =>
      inTurn(async () => {
        const added = records.map((record) => JSON.stringify(record));
        const text = added.map((line) => `${line}\n`).join("");
        try {
          await file.appendFile(text);
          await file.datasync();
        } catch (error) {
          // Half a line (the disk is full) would spoil the next one.
          await file.truncate(size);
          throw error;
        }
        size += Buffer.byteLength(text);
        lines.push(...added);
      }),
    oldest: (limit) => Promise.resolve(lines.slice(taken, taken + limit).map((line) => JSON.parse(line) as EdgeRecord)),
    delivered: (count) =>
      inTurn(async () => {
        taken += count;
        if (taken < lines.length) return;
        await file.truncate(0);
        lines = [];
        taken = 0;
        size = 0;
      }),
    get length() {
      return lines.length - taken;
    },
    close: () => inTurn(() => file.close()),
  };
}

async function readWholeLines(file: FileHandle): Promise<string[]> {
  const text = await file.readFile("utf8");
  const end = text.lastIndexOf("\n") + 1;
  if (end < text.length) await file.truncate(Buffer.byteLength(text.slice(0, end)));
  return text.slice(0, end).split("\n").filter(Boolean);
}
