import { setTimeout as sleep } from "node:timers/promises";
import { SECOND_MS } from "../../domain/time.ts";

/** Work that begins again and again, without waiting for what was begun before. */
export interface Traffic<Result> {
  /** Of what has ended so far, in that order. */
  readonly results: readonly Result[];
  /** Begins no more, waits for what is under way, and answers with every result. Rejects when one piece of work did. */
  end(): Promise<readonly Result[]>;
}

/** More than this under way at once, and the machine is given time: RADIUS itself ends at 256 identifiers a socket. */
const UNDER_WAY_AT_MOST = 100;

/** Begins work at a steady pace, never to catch up, and `atMost` times. */
export function steadily<Result>(
  pace: { readonly perSecond: number; readonly atMost: number },
  work: (n: number) => Promise<Result>,
): Traffic<Result> {
  const results: Result[] = [];
  const underWay = new Set<Promise<void>>();
  const stop = new AbortController();
  let failure: unknown;
  const begin = (n: number): void => {
    const piece = work(n).then(
      (result) => void results.push(result),
      (error: unknown) => void (failure ??= error),
    );
    underWay.add(piece);
    void piece.then(() => underWay.delete(piece));
  };
  const run = async (): Promise<void> => {
    for (let n = 0; n < pace.atMost && !stop.signal.aborted;) {
      if (underWay.size < UNDER_WAY_AT_MOST) begin(n++);
      await sleep(SECOND_MS / pace.perSecond, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  };
  const ended = run();
  return {
    results,
    end: async () => {
      stop.abort();
      await ended;
      await Promise.all(underWay);
      if (failure !== undefined) throw failure;
      return results;
    },
  };
}
