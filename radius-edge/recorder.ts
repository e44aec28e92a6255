import { wholeRecord } from "../domain/record.ts";
import type { Recordable } from "../domain/record.ts";
import { createGroupCommit } from "./group-commit.ts";
import type { Journal } from "./journal.ts";
import { createJournalDelivery } from "./journal-delivery.ts";

/** The journal took it no more than Postgres did: it is full, or the disk is, or gone. */
export class NotRecordedError extends Error {
  override readonly name = "NotRecordedError";
}

/** Makes the events of answers durable: in Postgres, or else in the journal, before the answer leaves. */
export interface Recorder {
  /**
   * Resolves when the record is durable. One that could be stored nowhere is counted and its answer goes on (behaviour
   * 10.1); a strict recorder rejects with NotRecordedError.
   */
  record(record: Recordable): Promise<void>;
  /** How long the oldest record that is not durable yet has waited. */
  waitingMs(): number;
  /** Where records go now. */
  readonly target: "postgres" | "journal";
  /** Records that wait in the journal. */
  readonly journaled: number;
  /** Records that could be stored nowhere, since the start. */
  readonly unrecorded: number;
  /** Writes what waits, and stops. */
  close(): Promise<void>;
}

export interface RecorderOptions {
  /** One transaction for all of them (store/edge-records.ts); harmless when repeated. */
  readonly write: (records: readonly Recordable[]) => Promise<void>;
  readonly journal: Journal;
  /** No answer without a durable record. */
  readonly isStrict: boolean;
  /** How long an answer waits for Postgres before its record goes to the journal. */
  readonly waitMs?: number;
  /** Pause between tries to deliver the journal. */
  readonly retryMs?: number;
  /** Postgres did not take a batch, of answers or of the journal; the same failure is told once until one succeeds. */
  readonly onFailure: (error: unknown) => void;
  readonly onDelivered: (count: number) => void;
  /** Told when a gap in the record begins, and when it ends. */
  readonly onGap: (gap: Gap) => void;
}

/** Answers that left, or were held back, without a record. */
export type Gap =
  | { readonly kind: "begins"; readonly error: unknown }
  | { readonly kind: "ends"; readonly records: number };

/** More rows in one statement buy nothing (measured: 198,000 events/s at 1,000 as at 5,000). */
const BATCH = 1_000;

/**
 * After one failed commit the journal takes everything, in order, until Postgres has taken the journal; only then does
 * the writer go back to it.
 */
export function createRecorder(options: RecorderOptions): Recorder {
  const { journal, waitMs = 500, retryMs = 1_000 } = options;
  let target: "postgres" | "journal" = journal.length > 0 ? "journal" : "postgres";
  const makeDurable = async (records: readonly Recordable[]): Promise<void> => {
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
    await journal.append(records.map(wholeRecord));
  };
  const gaps = countGaps(makeDurable, options);
  const group = createGroupCommit({
    commit: gaps.commit,
    most: BATCH,
    // With nothing waiting and nothing in the journal, in one turn of the event loop, no record can be overtaken.
    onIdle: () => {
      if (target === "journal" && journal.length === 0) target = "postgres";
    },
  });
  const delivery = createJournalDelivery({
    journal,
    write: options.write,
    batch: BATCH,
    retryMs,
    onDelivered: options.onDelivered,
    onFailure: options.onFailure,
    onEmpty: () => void group.wake(),
  });
  if (target === "journal") delivery.schedule(0);

  return {
    record: (record) => group.add(record),
    waitingMs: () => group.waitingMs(),
    get target() {
      return target;
    },
    get journaled() {
      return journal.length;
    },
    get unrecorded() {
      return gaps.total;
    },
    async close() {
      await group.wake();
      await delivery.close();
      await journal.close();
    },
  };
}

/** Lets answers go whose records nothing takes, unless strict. One gap has one beginning and one end. */
function countGaps(
  makeDurable: RecorderOptions["write"],
  { isStrict, onGap }: Pick<RecorderOptions, "isStrict" | "onGap">,
): { readonly total: number; readonly commit: RecorderOptions["write"] } {
  let total = 0;
  let width = 0;
  return {
    get total() {
      return total;
    },
    async commit(records) {
      try {
        await makeDurable(records);
      } catch (cause) {
        if (width === 0) onGap({ kind: "begins", error: cause });
        width += records.length;
        total += records.length;
        if (isStrict) throw new NotRecordedError("the event was stored nowhere", { cause });
        return;
      }
      if (width > 0) onGap({ kind: "ends", records: width });
      width = 0;
    },
  };
}

/** Rejects after `ms`; the write may still succeed, and then is repeated harmlessly from the journal. */
function within(ms: number, work: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`Postgres did not commit within ${ms} ms`)), ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
