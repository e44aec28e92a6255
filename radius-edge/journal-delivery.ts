import type { EdgeRecord } from "../domain/record.ts";
import type { Journal } from "./journal.ts";

/** Brings the journal to Postgres in the background, as often as it takes. */
export interface JournalDelivery {
  /** Tries after `delayMs`, and again until the journal is empty. */
  schedule(delayMs?: number): void;
  /** Waits for the try under way, and starts no other. */
  close(): Promise<void>;
}

export interface JournalDeliveryOptions {
  readonly journal: Journal;
  /** Harmless when repeated: a try may fail after Postgres has taken the records. */
  readonly write: (records: readonly EdgeRecord[]) => Promise<void>;
  readonly batch: number;
  readonly retryMs: number;
  readonly onDelivered: (count: number) => void;
  /** The journal was found empty, or has just been emptied. */
  readonly onEmpty: () => void;
}

export function createJournalDelivery(options: JournalDeliveryOptions): JournalDelivery {
  const { journal, write, batch, retryMs } = options;
  let timer: NodeJS.Timeout | undefined;
  let underWay: Promise<void> | undefined;
  let isClosed = false;

  const deliver = async (): Promise<void> => {
    for (let records = await journal.oldest(batch); records.length > 0; records = await journal.oldest(batch)) {
      await write(records);
      await journal.delivered(records.length);
      options.onDelivered(records.length);
    }
    options.onEmpty();
  };
  const attempt = async (): Promise<void> => {
    const isDelivered = await deliver().then(
      () => true,
      () => false,
    );
    timer = undefined;
    // What was appended while the last batch was on its way goes next.
    if (!isDelivered || journal.length > 0) schedule(isDelivered ? 0 : retryMs);
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
