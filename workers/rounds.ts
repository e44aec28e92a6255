import { setTimeout as sleep } from "node:timers/promises";

/** Something done again and again: at once, then at an interval, sooner after a failure or when hurried. */
export interface Rounds {
  /** The next round starts now, or right after the one under way. */
  readonly hurry: () => void;
  readonly close: () => Promise<void>;
}

export function startRounds(options: {
  readonly everyMs: number;
  readonly afterFailureMs: number;
  /** Hurried rounds keep this distance. */
  readonly atLeastMs: number;
  readonly round: (stop: AbortSignal) => Promise<void>;
  readonly onFailure: (error: unknown) => void;
}): Rounds {
  const stop = new AbortController();
  let hurried = new AbortController();
  const pause = async (ms: number): Promise<void> => {
    await sleep(Math.min(ms, options.atLeastMs), undefined, { signal: stop.signal });
    const either = AbortSignal.any([stop.signal, hurried.signal]);
    await sleep(Math.max(0, ms - options.atLeastMs), undefined, { signal: either });
  };
  const run = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      hurried = new AbortController();
      let pauseMs = options.everyMs;
      try {
        await options.round(stop.signal);
      } catch (error) {
        pauseMs = options.afterFailureMs;
        options.onFailure(error);
      }
      await pause(pauseMs).catch(() => undefined);
    }
  };
  const ended = run();
  return {
    hurry: () => hurried.abort(),
    close: () => {
      stop.abort();
      return ended;
    },
  };
}
