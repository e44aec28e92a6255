import { LRUCache } from "lru-cache";
import type { OrganizationId } from "../../domain/identifiers.ts";
import { MINUTE_MS, SECOND_MS } from "../../domain/time.ts";

/** Who is asked about, and by what: `mark` tells one password from another, and does not give it away. */
export interface Guess {
  readonly organizationId: OrganizationId;
  readonly name: string;
  readonly mark: string;
}

/** Slows the guessing of passwords down (NIST SP 800-63B §5.2.2), one name of an organization apart from the other. */
export interface Throttle {
  /** For how long no password of the name is looked at; 0: this one may be. */
  pauseMs(guess: Guess): number;
  /**
   * Takes the password in hand, to be looked at where there is no pause, and answers what lets go of it once it is judged
   * or nobody could. `undefined`: it must not be looked at, since those in hand are as many as may yet be wrong.
   */
  take(guess: Guess): (() => void) | undefined;
  /** A password that was looked at. */
  judged(guess: Guess, isRight: boolean): void;
}

/** A person who tries all the passwords that he knows has fewer. */
const FREE = 10;
const FIRST_PAUSE_MS = 5 * SECOND_MS;
/** Some 700 guesses a day; and no longer, since whoever knows a name can have its owner wait. */
const LONGEST_PAUSE_MS = 2 * MINUTE_MS;
const FORGOTTEN_AFTER_MS = 15 * MINUTE_MS;
/** To fill it with other names, each of them must be judged wrong: at a tenth of a second each that takes longer than forgetting. */
const MOST_NAMES = 50_000;
/** Marks, format characters, and what else RFC 4518 §2.2 maps to nothing. */
const IGNORED = /[\p{M}\p{Cf}\p{DI}\u1806\uFFFC]/gu;

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
 * pause ends. `now`: monotonic milliseconds.
 */
export function createThrottle(now: () => number = () => performance.now()): Throttle {
  const suspects = new LRUCache<string, Suspect>({ max: MOST_NAMES });
  /** By name, how many of each password: all devices of one person may come at once. */
  const inHand = new Map<string, Map<string, number>>();
  const suspectOf = (key: string): Suspect | undefined => {
    const known = suspects.get(key);
    return known !== undefined && now() - known.lastAt < FORGOTTEN_AFTER_MS ? known : undefined;
  };
  return {
    pauseMs: (guess) => Math.max(0, (suspectOf(keyOf(guess))?.closedUntil ?? 0) - now()),
    take(guess) {
      const key = keyOf(guess);
      const suspect = suspectOf(key);
      if (suspect?.marks.has(guess.mark) === true) return () => {};
      const held = inHand.get(key) ?? new Map<string, number>();
      const isOneMore = held.size > 0 && !held.has(guess.mark);
      if (isOneMore && (suspect?.wrong ?? 0) + held.size >= FREE) return undefined;
      inHand.set(key, held.set(guess.mark, (held.get(guess.mark) ?? 0) + 1));
      return () => {
        const left = held.get(guess.mark)! - 1;
        if (left > 0) held.set(guess.mark, left);
        else held.delete(guess.mark);
        if (held.size === 0) inHand.delete(key);
      };
    },
    judged(guess, isRight) {
      const key = keyOf(guess);
      if (isRight) return void suspects.delete(key);
      const suspect = suspectOf(key) ?? { marks: new Set<string>(), wrong: 0, lastAt: 0, closedUntil: 0 };
      suspects.set(key, suspect);
      if (suspect.marks.has(guess.mark)) return;
      suspect.marks.add(guess.mark);
      if (suspect.marks.size > FREE) suspect.marks.delete(suspect.marks.values().next().value!);
      suspect.wrong++;
      suspect.lastAt = now();
      if (suspect.wrong < FREE) return;
      suspect.closedUntil = now() + Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (suspect.wrong - FREE));
    },
  };
}

/**
 * Whatever a directory may take for one name is one: LDAP compares by RFC 4518, and many servers pass over accents too.
 * Two people whose names differ in no more share their guesses.
 */
function keyOf({ organizationId, name }: Guess): string {
  const bare = name.normalize("NFKD").replaceAll(IGNORED, "");
  // Lower case alone would keep "ß" from "SS", and the "ς" that ends a word from "σ".
  const folded = bare.toLowerCase().toUpperCase();
  return `${organizationId} ${folded.replaceAll(/\s+/gu, " ").trim()}`;
}
