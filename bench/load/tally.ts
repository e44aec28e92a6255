import { percentile } from "../report/statistics.ts";
import { now } from "./clock.ts";
import type { Outcome, Spread } from "./plan.ts";

/** What happened to requests whose intended instant lies in the measured part. Instants are of clock.ts. */
export interface Tally {
  begin(): void;
  end(): void;
  sent(intendedAt: number, at: number): void;
  answered(intendedAt: number, at: number): void;
  lost(intendedAt: number): void;
  bad(): void;
  event(id: string): void;
  outcome(): Outcome;
}

/** In a closed loop, what is answered while the clock runs counts; in the others, what was sent while it ran. */
export function createTally(isClosed: boolean): Tally {
  let begunAt = Number.POSITIVE_INFINITY;
  let endedAt = Number.POSITIVE_INFINITY;
  const counts = { sent: 0, answered: 0, lost: 0, bad: 0 };
  const latencies: number[] = [];
  const lags: number[] = [];
  const events: string[] = [];
  const isMeasured = (instant: number): boolean => instant >= begunAt && instant < endedAt;
  return {
    begin: () => void (begunAt = now()),
    end: () => void (endedAt = now()),
    sent(intendedAt, at) {
      if (!isMeasured(intendedAt)) return;
      counts.sent++;
      lags.push(at - intendedAt);
    },
    answered(intendedAt, at) {
      if (!isMeasured(isClosed ? at : intendedAt)) return;
      counts.answered++;
      latencies.push(at - intendedAt);
    },
    lost(intendedAt) {
      if (isMeasured(intendedAt)) counts.lost++;
    },
    bad: () => void counts.bad++,
    event: (id) => void events.push(id),
    outcome() {
      return {
        ...counts,
        seconds: (endedAt - begunAt) / 1_000,
        latency: spreadOf(latencies),
        lag: spreadOf(lags),
        events,
      };
    },
  };
}

/** Of milliseconds, in microseconds. */
function spreadOf(times: readonly number[]): Spread {
  const sorted = Float64Array.from(times).toSorted();
  return { p50: percentile(sorted, 0.5) * 1_000, p99: percentile(sorted, 0.99) * 1_000 };
}
