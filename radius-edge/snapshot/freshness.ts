import { MINUTE_MS } from "../../domain/time.ts";

/**
 * How current an edge's snapshot is, and how far verdicts may age by it (behaviour 10.1): up to the instant at which it
 * was last in step with Postgres, since an edge that is cut off cannot hear that an MDM has answered again.
 */
export interface Freshness {
  /** All organizations are as Postgres has them. */
  synced(): void;
  /** Milliseconds since then. */
  ageMs(): number;
  /** Epoch milliseconds. */
  agesUntil(): number;
  /** By how much the clock has jumped, in milliseconds; 0 when it is in order. */
  jumpMs(): number;
}

/** A step this long is no correction of a clock that drifts. */
const JUMP_MS = 5 * MINUTE_MS;

export interface FreshnessOptions {
  /** Epoch milliseconds at which what is held was in step. */
  readonly syncedAt: number;
  /** Milliseconds; only differences count. */
  readonly monotonic?: () => number;
  readonly wall?: () => number;
  /** The clock has jumped: nothing ages until it is back where it should be, or the edge starts again. */
  readonly onJump: (jumpMs: number) => void;
  readonly onClockBack: () => void;
}

export function createFreshness(options: FreshnessOptions): Freshness {
  const { monotonic = () => performance.now(), wall = Date.now } = options;
  // Where the wall clock stands against the monotonic one; small steps are followed, a jump is not.
  let offset = wall() - monotonic();
  let jump = 0;
  let agesUntil = Math.min(options.syncedAt, wall());
  let syncedAt = monotonic() - Math.max(0, wall() - options.syncedAt);

  const checkClock = (): void => {
    const step = wall() - monotonic() - offset;
    if (Math.abs(step) <= JUMP_MS) {
      offset += step;
      if (jump !== 0) options.onClockBack();
      jump = 0;
    } else {
      if (jump === 0) options.onJump(step);
      jump = step;
    }
  };
  return {
    synced() {
      checkClock();
      syncedAt = monotonic();
      if (jump === 0) agesUntil = wall();
    },
    ageMs: () => monotonic() - syncedAt,
    agesUntil() {
      checkClock();
      return agesUntil;
    },
    jumpMs() {
      checkClock();
      return jump;
    },
  };
}
