import { MINUTE_MS, SECOND_MS } from "../../domain/time.ts";
import { createLastUsed } from "../last-used.ts";

/** How many different wrong passwords came for each of some subjects, and what that costs the next. */
export interface GuessCounts {
  /** For how long no password of the subject is looked at; 0: one may be. */
  pauseMs(subject: string): number;
  /** As of the throttle; `mark` tells one guess from another. */
  take(subject: string, mark: string): (() => void) | undefined;
  wrong(subject: string, mark: string): void;
  forget(subject: string): void;
}

export interface GuessLimits {
  /** Different wrong passwords that cost nothing. */
  readonly free: number;
  /** Subjects that are kept: what falls out begins anew. */
  readonly most: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

const FIRST_PAUSE_MS = 5 * SECOND_MS;
/** Some 700 guesses a day; and no longer, since whoever knows a name can have its owner wait. */
const LONGEST_PAUSE_MS = 2 * MINUTE_MS;
const FORGOTTEN_AFTER_MS = 15 * MINUTE_MS;
/** Wrong passwords that are known again, and count once: a device has fewer. */
const MARKS_KEPT = 10;

interface Suspect {
  /** Of the wrong passwords that came last. */
  readonly marks: Set<string>;
  wrong: number;
  lastAt: number;
  closedUntil: number;
}

/**
 * Counted are different wrong passwords: a device that repeats an old one all day guesses nothing, and keeps its owner out
 * of nothing. Those in hand count as if they were wrong, since whoever holds many ready sends them in the instant that a
 * pause ends.
 */
export function createGuessCounts({ free, most, now }: GuessLimits): GuessCounts {
  const suspects = createLastUsed<Suspect>(most);
  /** By subject, how many of each password: all devices of one person may come at once. */
  const inHand = new Map<string, Map<string, number>>();
  const suspectOf = (subject: string): Suspect | undefined => {
    const known = suspects.get(subject);
    return known !== undefined && now() - known.lastAt < FORGOTTEN_AFTER_MS ? known : undefined;
  };
  return {
    pauseMs: (subject) => Math.max(0, (suspectOf(subject)?.closedUntil ?? 0) - now()),
    take(subject, mark) {
      const suspect = suspectOf(subject);
      if (suspect?.marks.has(mark) === true) return () => {};
      const held = inHand.get(subject) ?? new Map<string, number>();
      const isOneMore = held.size > 0 && !held.has(mark);
      if (isOneMore && (suspect?.wrong ?? 0) + held.size >= free) return undefined;
      inHand.set(subject, held.set(mark, (held.get(mark) ?? 0) + 1));
      return () => {
        const left = held.get(mark)! - 1;
        if (left > 0) held.set(mark, left);
        else held.delete(mark);
        if (held.size === 0) inHand.delete(subject);
      };
    },
    wrong(subject, mark) {
      const suspect = suspectOf(subject) ?? { marks: new Set<string>(), wrong: 0, lastAt: 0, closedUntil: 0 };
      suspects.set(subject, suspect);
      if (suspect.marks.has(mark)) return;
      suspect.marks.add(mark);
      if (suspect.marks.size > MARKS_KEPT) suspect.marks.delete(suspect.marks.values().next().value!);
      suspect.wrong++;
      suspect.lastAt = now();
      if (suspect.wrong < free) return;
      suspect.closedUntil = now() + Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (suspect.wrong - free));
    },
    forget: (subject) => suspects.delete(subject),
  };
}
