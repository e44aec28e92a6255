import { performance } from "node:perf_hooks";
import { SECOND_MS } from "../../domain/time.ts";
import type { Awaitable } from "./method.ts";
import { WaitingLine } from "./waiting-line.ts";

/**
 * How many conversations are carried on at a time, of those whose TLS one thread runs: what waits for it must hold up nobody whose
 * TLS runs elsewhere. Each takes its turns among all, and each lives for so long: where more begin together than can be finished
 * by then, none is. So as many go on as have proved to end in good time, here and now: one more for each that does while others
 * wait to begin, half as many when one does not. NASes begin by turns.
 */
export interface Pace {
  /** Whether another of this NAS may begin: at once, or when it is its turn, or not, since that would be too late. */
  mayBegin(nas: string): Awaitable<Leave>;
  /**
   * A conversation that took its work has ended, `ms` after its first packet. One that a client can bring to its end for nothing
   * is no proof that more are possible, and not to be told.
   */
  note(ms: number): void;
  /** Nobody who waits may begin. */
  close(): void;
}

/** `nasFull`: as many of this NAS wait as may. `full`: as many of all do, or it has waited for too long. */
export type Leave = "granted" | "full" | "nasFull";

export const HELD_BACK = {
  full: "As many EAP conversations are under way as can be finished in good time.",
  nasFull: "As many EAP conversations wait to begin for this NAS as may.",
} as const;

export interface PaceOptions {
  /** Conversations that are open, of all threads: where these are few there is nothing to count. */
  readonly open: () => number;
  /** Those of this thread that go on. */
  readonly underWay: () => number;
  /** No more than may be open can be under way. */
  readonly capacity: number;
  /** From the first packet to the last, of a conversation that ends in good time. */
  readonly withinMs?: number | undefined;
  /** Under way at a time until more have proved to be possible. */
  readonly first: number;
  /** Whether it is we that keep conversations waiting, and not their clients or who judges them. */
  readonly isBusy: () => boolean;
}

/** A third of what a conversation lives. Half of it is how long a beginning waits: a NAS asks some three times, for 6 to 15 s. */
const WITHIN_MS = 10 * SECOND_MS;
/** Within ten seconds by a machine that needs 40 ms for each, ten times what they take. */
export const FIRST_UNDER_WAY = 256;
const LEAST = 16;
/** A flood of beginnings must leave room for other requests in hand. */
const MOST_WAITING = 1_000;
/** And a flood at one NAS, for others to wait. */
const MOST_WAITING_PER_NAS = MOST_WAITING / 4;
const TURN_MS = 25;

interface Waiting {
  readonly since: number;
  readonly settle: (leave: Leave) => void;
}

export function createPace(options: PaceOptions): Pace {
  const { open, underWay, capacity, withinMs = WITHIN_MS, first, isBusy } = options;
  const least = Math.min(first, LEAST);
  let most = Math.min(first, capacity);
  let heldBackAt = -Infinity;
  let halvedAt = -Infinity;
  const waiting = new WaitingLine<Waiting>();
  let timer: NodeJS.Timeout | undefined;

  function letIn(): void {
    const tooOld = performance.now() - withinMs / 2;
    for (const { settle } of waiting.takeLate(({ since }) => since < tooOld)) settle("full");
    for (let room = most - underWay(); room > 0 && waiting.size > 0; room--) waiting.shift()?.settle("granted");
    if (waiting.size === 0) stop();
  }

  function stop(): void {
    clearInterval(timer);
    timer = undefined;
  }

  return {
    mayBegin(nas) {
      if (waiting.size === 0 && (open() < most || underWay() < most)) return "granted";
      heldBackAt = performance.now();
      if (waiting.sizeOf(nas) >= MOST_WAITING_PER_NAS) return "nasFull";
      if (waiting.size >= MOST_WAITING) return "full";
      timer ??= setInterval(letIn, TURN_MS).unref();
      return new Promise((settle) => waiting.push(nas, { since: heldBackAt, settle }));
    },
    note(ms) {
      const now = performance.now();
      const areSlow = isBusy() && ms > withinMs / 2;
      if (!areSlow) {
        if (now - heldBackAt < withinMs) most = Math.min(most + 1, capacity);
      } else if (ms > withinMs && now - halvedAt > withinMs) {
        // Those that began before hear of it too late: once is enough for all of them.
        halvedAt = now;
        most = Math.max(least, Math.floor(most / 2));
      }
    },
    close() {
      stop();
      for (const { settle } of waiting.takeLate(() => true)) settle("full");
    },
  };
}

const LOOK_EVERY_MS = SECOND_MS;
/** A look over a longer time would be at an idle past. */
const LOOK_BACK_MS = 5 * SECOND_MS;
/** Of the time since the last look, from where on a thread does little else than work. */
const BUSY_FROM = 0.8;

/** Tells of the thread that `loop` is of; while that cannot be told, it is busy. */
export function watchLoop(loop: Pick<typeof performance, "eventLoopUtilization">): () => boolean {
  let lookedAt = performance.now();
  let before = loop.eventLoopUtilization();
  let isBusy = true;
  return () => {
    const now = performance.now();
    if (now - lookedAt < LOOK_EVERY_MS) return isBusy;
    const after = loop.eventLoopUtilization();
    const { utilization } = loop.eventLoopUtilization(after, before);
    isBusy = now - lookedAt > LOOK_BACK_MS || utilization >= BUSY_FROM;
    before = after;
    lookedAt = now;
    return isBusy;
  };
}
