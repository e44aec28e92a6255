import { createRequestLog } from "./request-log.ts";
import type { Arriving, RequestLog } from "./request-log.ts";

/** What to do with a request that arrived. */
type Arrival =
  | { readonly kind: "new"; readonly answer: (bytes: Buffer | undefined) => void }
  | { readonly kind: "inFlight" }
  | { readonly kind: "answered"; readonly bytes: Buffer };

export interface Duplicates {
  arrive(request: Arriving, now: number): Arrival;
  readonly size: number;
}

/**
 * Duplicate detection (RFC 5080 §2.2.2): a NAS that did not hear us sends the same octets again and must get the same
 * octets back, without a second EAP step, event or look-up. Answers are kept for `keepMs` (as long as a NAS tries: §2.2.1's
 * MRD of 30 s, since copies may lie in the receive buffer of an edge that is behind), but never more than `capacity` of them; a request that was dropped is forgotten at once, since its retransmission may fare better.
 *
 * A port has one request of each code and identifier at a time: a new one takes the place of the one before. Requests are kept
 * in two generations, of which the older is dropped as a whole, so that nothing is ever searched for what is too old.
 */
export function createDuplicates(keepMs = 30_000, capacity = 200_000): Duplicates {
  const most = Math.ceil(capacity / 2);
  let older = createRequestLog();
  let current = createRequestLog();
  let since = -Infinity;
  const turnOver = (now: number): void => {
    if (now - since < keepMs && current.rows < most) return;
    older = current;
    current = createRequestLog();
    since = now;
  };
  const recall = (log: RequestLog, row: number, request: Arriving, now: number): Arrival | undefined => {
    if (row < 0 || now - log.at(row) >= keepMs || log.isForgotten(row) || !log.isSame(row, request)) return undefined;
    const bytes = log.answer(row);
    return bytes === undefined ? { kind: "inFlight" } : { kind: "answered", bytes };
  };
  return {
    arrive(request, now) {
      // What stands in the older generation at the place of a newer request is over.
      const row = current.find(request);
      const found = row < 0 ? recall(older, older.find(request), request, now) : recall(current, row, request, now);
      if (found !== undefined) return found;
      turnOver(now);
      const log = current;
      const written = log.write(request, now);
      const answer = (bytes: Buffer | undefined): void => {
        if (log.isSame(written, request)) log.settle(written, bytes);
      };
      return { kind: "new", answer };
    },
    get size() {
      return current.size + older.size;
    },
  };
}
