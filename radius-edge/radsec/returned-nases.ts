import type { NasId } from "../../domain/identifiers.ts";
import { SECOND_MS } from "../../domain/time.ts";
import type { Log } from "../../runtime/log.ts";
import { resumeEnforcements } from "../../store/enforcements.ts";
import type { Store } from "../../store/pool.ts";

/** NASes that can be sent CoA again: whatever waits for them is told. */
export interface ReturnedNases {
  /** The NAS has connected, and had no connection to this edge before. */
  note(nasId: NasId): void;
  close(): Promise<void>;
}

/** After a restart all NASes come back together, and are one statement; one whose link flutters is told of no more often. */
const GATHERED_FOR_MS = SECOND_MS;
/** Postgres is away; the workflows also try again by themselves. */
const RETRY_MS = 5 * SECOND_MS;
const TEXT = "the NAS has opened a RadSec connection";

export function createReturnedNases(store: Store, log: Log): ReturnedNases {
  const returned = new Set<NasId>();
  let timer: NodeJS.Timeout | undefined;
  let telling: Promise<void> = Promise.resolve();
  const tellIn = (ms: number): void => {
    timer ??= setTimeout(() => {
      telling = tell();
    }, ms).unref();
  };
  const tell = async (): Promise<void> => {
    const nasIds = [...returned];
    returned.clear();
    try {
      const resumed = await resumeEnforcements(store, nasIds, TEXT);
      if (resumed > 0) log.info({ nases: nasIds.length, resumed }, "NASes are back: their clients are moved");
      timer = undefined;
      if (returned.size > 0) tellIn(GATHERED_FOR_MS);
    } catch (error) {
      for (const id of nasIds) returned.add(id);
      log.warn({ err: error, nases: nasIds.length }, "it could not be told that NASes are back");
      timer = undefined;
      tellIn(RETRY_MS);
    }
  };
  return {
    note(nasId) {
      returned.add(nasId);
      tellIn(GATHERED_FOR_MS);
    },
    async close() {
      await telling;
      clearTimeout(timer);
    },
  };
}
