import { setTimeout as sleep } from "node:timers/promises";

/** Lets callers through at a steady rate, in the order in which they came. */
export interface Pace {
  /** Resolves when it is the caller's turn; at once when nobody was let through lately. */
  turn(): Promise<void>;
}

export function createPace(perSecond: number, clock: () => number = () => performance.now()): Pace {
  const gapMs = 1_000 / perSecond;
  let next = 0;
  return {
    turn: async () => {
      const at = Math.max(next, clock());
      next = at + gapMs;
      const waitMs = at - clock();
      if (waitMs > 0) await sleep(waitMs);
    },
  };
}
