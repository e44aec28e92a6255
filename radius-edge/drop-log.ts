import { MINUTE_MS } from "../domain/time.ts";
import type { Log } from "../runtime/log.ts";
import { describeDrop } from "./wire/drop-reason.ts";
import type { DropReason } from "./wire/drop-reason.ts";

/** Tells people of packets without an answer: metrics count each, the log says who and why. */
export interface DropLog {
  /** `now`: epoch milliseconds. */
  note(reason: DropReason, address: string, now: number): void;
}

/** How long one peer's one reason is known. */
const QUIET_MS = 10 * MINUTE_MS;
/** Lines within that time: a flood from forged addresses must not become one of log lines. */
const MOST_LINES = 200;

/** What happens on every network and says nothing of a peer. */
const USUAL: ReadonlySet<DropReason> = new Set([
  "duplicate-in-flight",
  "eap-state-expired",
  "overload",
  "password-unjudged",
  "shutting-down",
]);

export function createDropLog(log: Pick<Log, "warn" | "debug">): DropLog {
  const told = new Set<string>();
  let since = 0;
  let untold = 0;
  const beginAnew = (now: number): void => {
    if (untold > 0) log.warn({ drops: untold }, "more packets were dropped than the log was told of");
    told.clear();
    since = now;
    untold = 0;
  };
  return {
    note(reason, address, now) {
      if (now - since >= QUIET_MS) beginAnew(now);
      const key = `${reason} ${address}`;
      const isNews = !USUAL.has(reason) && !told.has(key);
      if (isNews && told.size < MOST_LINES) {
        told.add(key);
        return log.warn({ reason, peer: address }, describeDrop(reason));
      }
      if (isNews) untold++;
      log.debug({ reason, peer: address }, describeDrop(reason));
    },
  };
}
