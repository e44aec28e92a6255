import { setTimeout as sleep } from "node:timers/promises";
import { SECOND_MS } from "../../domain/time.ts";

/** Work that begins again and again, without waiting for what was begun before. */
export interface Traffic<Result> {
  /** Of what has ended well so far. */
  readonly results: readonly Result[];
  /** Begins no more, waits for what is under way, and answers with every result in the order begun. Rejects when a piece of work did. */
  end(): Promise<readonly Result[]>;
}

/** More than this under way at once, and the machine is given time: RADIUS itself ends at 256 identifiers a socket. */
const UNDER_WAY_AT_MOST = 100;

/** Begins work at a steady pace, never to catch up, and `atMost` times. */
export function steadily<Result>(
  pace: { readonly perSecond: number; readonly atMost: number },
  work: (n: number) => Promise<Result>,
): Traffic<Result> {
  const begun: Promise<Result>[] = [];
  const results: Result[] = [];
  const stop = new AbortController();
  let underWay = 0;
  const begin = (): void => {
    const piece = work(begun.length);
    begun.push(piece);
    underWay++;
    const isOver = (): void => void underWay--;
    piece.then((result) => void results.push(result)).then(isOver, isOver);
  };
  const run = async (): Promise<void> => {
    while (begun.length < pace.atMost && !stop.signal.aborted) {
      if (underWay < UNDER_WAY_AT_MOST) begin();
      await sleep(SECOND_MS / pace.perSecond, undefined, { signal: stop.signal, ref: false }).catch(() => undefined);
    }
  };
  const ended = run();
  return {
    results,
    end: async () => {
      stop.abort();
      await ended;
      return Promise.all(begun);
    },
  };
}
