import type { EdgeRecord } from "../domain/record.ts";
import type { Journal } from "./journal.ts";
import { createJournalDelivery } from "./journal-delivery.ts";

/** The journal took it no more than Postgres did: the disk is full, or gone. */
export class NotRecordedError extends Error {
  override readonly name = "NotRecordedError";
}

/** Makes the events of answers durable: no answer leaves before its record is in Postgres or in the journal. */
export interface Recorder {
  /** Resolves when the record is durable; rejects with NotRecordedError when it could be stored nowhere. */
  record(record: EdgeRecord): Promise<void>;
  /** Where records go now. */
  readonly target: "postgres" | "journal";
  /** Records that wait in the journal. */
  readonly journaled: number;
  /** Writes what waits, and stops. */
  close(): Promise<void>;
}

export interface RecorderOptions {
  /** One transaction for all of them (store/edge-records.ts); harmless when repeated. */
  readonly write: (records: readonly EdgeRecord[]) => Promise<void>;
  readonly journal: Journal;
  /** How long an answer waits for Postgres before its record goes to the journal. */
  readonly waitMs?: number;
  /** Pause between tries to deliver the journal. */
  readonly retryMs?: number;
  readonly onFailure: (error: unknown) => void;
  readonly onDelivered: (count: number) => void;
}

/** More rows in one statement buy nothing (measured: 198,000 events/s at 1,000 as at 5,000). */
const BATCH = 1_000;

interface Waiting {
  readonly record: EdgeRecord;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Group commit: one writer, and whatever gathered while it wrote is its next batch. After one failed commit the
 * journal takes everything, in order, until Postgres has taken the journal; only then does the writer go back to it.
 */
export function createRecorder(options: RecorderOptions): Recorder {
  const { journal, waitMs = 500, retryMs = 1_000 } = options;
  let target: "postgres" | "journal" = journal.length > 0 ? "journal" : "postgres";
  const waiting: Waiting[] = [];
  let writing: Promise<void> | undefined;

  const commit = async (records: readonly EdgeRecord[]): Promise<void> => {
    if (target === "postgres") {
      try {
        await within(waitMs, options.write(records));
        return;
      } catch (error) {
        target = "journal";
        options.onFailure(error);
        delivery.schedule();
      }
    }
    await journal.append(records);
  };

  const writeAll = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting.splice(0, BATCH);
      await settle(batch, commit(batch.map(({ record }) => record)));
    }
    // With nothing waiting and nothing in the journal, in one turn of the event loop, no record can be overtaken.
    if (target === "journal" && journal.length === 0) target = "postgres";
  };

  const wake = (): Promise<void> => {
    writing ??= writeAll().finally(() => {
      writing = undefined;
      if (waiting.length > 0) void wake();
    });
    return writing;
  };

  const delivery = createJournalDelivery({
    journal,
    write: options.write,
    batch: BATCH,
    retryMs,
    onDelivered: options.onDelivered,
    onEmpty: () => void wake(),
  });
  if (target === "journal") delivery.schedule(0);

  return {
    record: (record) =>
      new Promise((resolve, reject) => {
        waiting.push({ record, resolve, reject });
        void wake();
      }),
    get target() {
      return target;
    },
    get journaled() {
      return journal.length;
    },
    async close() {
      await writing;
      await delivery.close();
      await journal.close();
    },
  };
}

/** Lets the answers of a batch go, or none of them. */
function settle(batch: readonly Waiting[], work: Promise<void>): Promise<void> {
  return work.then(
    () => batch.forEach(({ resolve }) => resolve()),
    (cause: unknown) => {
      const error = new NotRecordedError("the event was stored nowhere", { cause });
      batch.forEach(({ reject }) => reject(error));
    },
  );
}

/** Rejects after `ms`; the write may still succeed, and then is repeated harmlessly from the journal. */
async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`Postgres did not commit within ${ms} ms`)), ms);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}
