import type { Crl } from "./crl.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "./time.ts";

/** Never so often that a server would mind. */
const AT_LEAST_MS = 15 * MINUTE_MS;
const AT_MOST_MS = DAY_MS;
const FIRST_RETRY_MS = 5 * MINUTE_MS;
const LAST_RETRY_MS = HOUR_MS;

/** When a list is fetched again: in time before the next one is due, and once a day, since one may come before its time. */
export function nextFetchAt({ nextUpdate }: Pick<Crl, "nextUpdate">, now: number): number {
  return now + Math.max(AT_LEAST_MS, Math.min(AT_MOST_MS, (nextUpdate - now) / 2));
}

/** When a failed fetch is tried again. `failures`: in a row, before this one. */
export function retryFetchAt(failures: number, now: number): number {
  return now + Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** failures);
}
