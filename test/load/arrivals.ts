import { setTimeout as sleep } from "node:timers/promises";
import { SECOND_MS } from "../../domain/time.ts";

/** Clients that come by the clock, whatever becomes of those before them. */
export interface Arrivals {
  readonly begun: number;
  /** Nobody comes any more; resolves when all that came have left. Rejects when the work of one did. */
  end(): Promise<void>;
}

/** What comes between two ticks comes together. */
const TICK_MS = 5;
/** On a machine that falls behind by more, it is not made up for: that would be a burst, which is another test. */
const LAG_MS = 200;

/** Nobody comes while there is no room. */
export function arrive(
  pace: { readonly perSecond: number; readonly hasRoom: () => boolean },
  begin: (n: number) => Promise<unknown>,
): Arrivals {
  const stepMs = SECOND_MS / pace.perSecond;
  const begun: Promise<unknown>[] = [];
  let isOver = false;
  const run = async (): Promise<void> => {
    let due = performance.now();
    while (!isOver) {
      const now = performance.now();
      due = Math.max(due, now - LAG_MS);
      for (; due <= now && pace.hasRoom(); due += stepMs) begun.push(begin(begun.length));
      await sleep(TICK_MS);
    }
  };
  const running = run();
  return {
    get begun() {
      return begun.length;
    },
    async end() {
      isOver = true;
      await running;
      await Promise.all(begun);
    },
  };
}
