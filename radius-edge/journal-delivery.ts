import type { EdgeRecord } from "../domain/record.ts";
import { isRefused } from "../store/edge-records.ts";
import type { Journal } from "./journal.ts";

/** Brings the journal to Postgres in the background, as often as it takes. */
export interface JournalDelivery {
  /** Tries after `delayMs`, and again until the journal is empty. */
  schedule(delayMs?: number): void;
  /** Waits for the batch under way, and starts no other: the rest stays in the journal. */
  close(): Promise<void>;
}

export interface JournalDeliveryOptions {
  readonly journal: Journal;
  /** Harmless when repeated: a try may fail after Postgres has taken the records. */
  readonly write: (records: readonly EdgeRecord[]) => Promise<void>;
  readonly batch: number;
  readonly retryMs: number;
  readonly onDelivered: (count: number) => void;
  /** A try failed for another reason than the one before it. */
  readonly onFailure: (error: unknown) => void;
  /** The journal was found empty, or has just been emptied. */
  readonly onEmpty: () => void;
}

export function createJournalDelivery(options: JournalDeliveryOptions): JournalDelivery {
  const { journal, write, batch, retryMs } = options;
  let timer: NodeJS.Timeout | undefined;
  let underWay: Promise<void> | undefined;
  let isClosed = false;
  let lastFailure: string | undefined;

  /** A record that Postgres will never take is found by halving, and must not hold up those behind it. */
  const deliverBatch = async (records: readonly EdgeRecord[]): Promise<void> => {
    const refusal = await write(records).then(
      () => undefined,
      (error: unknown) => {
        if (isRefused(error)) return error;
        throw error;
      },
    );
    if (refusal === undefined) {
      await journal.delivered(records.length);
      options.onDelivered(records.length);
    } else if (records.length === 1) await journal.refuse(refusal.message);
    else {
      const middle = records.length >> 1;
      await deliverBatch(records.slice(0, middle));
      await deliverBatch(records.slice(middle));
    }
  };
  const deliver = async (): Promise<void> => {
    for (let records = await journal.oldest(batch); records.length > 0; records = await journal.oldest(batch)) {
      await deliverBatch(records);
      if (isClosed) return;
    }
    options.onEmpty();
  };
  const attempt = async (): Promise<void> => {
    const failure = await deliver().then(
      () => undefined,
      (error: unknown) => ({ error, text: String(error) }),
    );
    if (failure !== undefined && failure.text !== lastFailure) options.onFailure(failure.error);
    lastFailure = failure?.text;
    timer = undefined;
    // What was appended while the last batch was on its way goes next.
    if (failure !== undefined || journal.length > 0) schedule(failure === undefined ? 0 : retryMs);
  };
  const schedule = (delayMs = retryMs): void => {
    if (isClosed || timer !== undefined) return;
    timer = setTimeout(() => {
      underWay = attempt();
    }, delayMs).unref();
  };
  return {
    schedule,
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await underWay;
    },
  };
}
