import { LRUCache } from "lru-cache";
import type { OrganizationId } from "../../domain/identifiers.ts";
import { userNameKey } from "../../domain/local-user.ts";
import { MINUTE_MS, SECOND_MS } from "../../domain/time.ts";

/** Who is asked about, and by what: `mark` tells one password from another, and does not give it away. */
interface Guess {
  readonly organizationId: OrganizationId;
  readonly name: string;
  readonly mark: string;
}

/** Slows the guessing of passwords down (NIST SP 800-63B §5.2.2), one name of an organization apart from the other. */
export interface Throttle {
  /** For how long no password of the name is looked at; 0: this one may be. */
  pauseMs(guess: Guess): number;
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

interface Suspect {
  /** Of the wrong passwords that came last. */
  readonly marks: Set<string>;
  wrong: number;
  lastAt: number;
  closedUntil: number;
}

/**
 * Those that are looked at together can be more than are free, as many as fit through the turnstiles. Counted are different
 * wrong passwords: a device that repeats an old one all day guesses nothing, and keeps its owner out of
 * nothing. `now`: monotonic milliseconds.
 */
export function createThrottle(now: () => number = () => performance.now()): Throttle {
  const suspects = new LRUCache<string, Suspect>({ max: MOST_NAMES });
  const keyOf = ({ organizationId, name }: Guess): string => `${organizationId} ${userNameKey(name)}`;
  const suspectOf = (key: string): Suspect | undefined => {
    const known = suspects.get(key);
    return known !== undefined && now() - known.lastAt < FORGOTTEN_AFTER_MS ? known : undefined;
  };
  return {
    pauseMs: (guess) => Math.max(0, (suspectOf(keyOf(guess))?.closedUntil ?? 0) - now()),
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
