/**
 * Slows the guessing of passwords down (NIST SP 800-63B §5.2.2), by the name that is tried and by the MAC address that tries.
 * A MAC address can be forged: so its pause binds nobody who was let in from there before, and whoever forges one keeps its
 * owner waiting only where he is new to this edge, and for two minutes at a time, as anybody can who knows a name. Whoever
 * invents a MAC address for each guess is slowed by the name alone.
 */
import type { OrganizationId } from "../../domain/identifiers.ts";
import type { MacAddress } from "../../domain/mac-address.ts";
import { createLastUsed } from "../last-used.ts";
import { createGuessCounts } from "./guess-counts.ts";

/** Who is asked about, from where, and by what: `mark` tells one name and password from another, and does not give it away. */
export interface Guess {
  readonly organizationId: OrganizationId;
  readonly name: string;
  /** The client's, as the NAS tells. */
  readonly mac?: MacAddress | undefined;
  readonly mark: string;
}

/** That nothing is looked at for a while. */
export interface Pause {
  readonly ms: number;
  /** What too many wrong passwords came for, or from. */
  readonly of: "name" | "mac";
}

/** One name of an organization, and one client, is apart from the other. */
export interface Throttle {
  /** `undefined`: this password may be looked at. */
  pauseOf(guess: Guess): Pause | undefined;
  /**
   * Takes the password in hand, to be looked at where there is no pause, and answers what lets go of it once it is judged
   * or nobody could. `undefined`: it must not be looked at, since those in hand are as many as may yet be wrong.
   */
  take(guess: Guess): (() => void) | undefined;
  /** A password that was looked at. */
  judged(guess: Guess, isRight: boolean): void;
}

/**
 * `free`: a person who tries all the passwords that he knows has fewer than ten, and a machine that several use takes as many
 * from each. `most`: to fill it, each name or MAC address must be judged wrong; at a tenth of a second of CPU each, by three
 * threads at most, that takes longer than forgetting. (What a directory judges wrong while those threads have no room counts too, at
 * the directory's own pace: uncounted, a flood would hide guesses.)
 */
const NAMES = { free: 10, most: 50_000 };
const MACS = { free: 20, most: 30_000 };
/** Names with the MAC addresses that they were let in from. */
const MOST_AT_HOME = 50_000;
/** Marks, format characters, and what else RFC 4518 §2.2 maps to nothing. */
const IGNORED = /[\p{M}\p{Cf}\p{DI}\u1806\uFFFC]/gu;

/** `now`: monotonic milliseconds. */
export function createThrottle(now: () => number = () => performance.now()): Throttle {
  const names = createGuessCounts({ ...NAMES, now });
  const macs = createGuessCounts({ ...MACS, now });
  const atHome = createLastUsed<true>(MOST_AT_HOME);
  /** `undefined`: its MAC address does not bind the guess. */
  const strangerOf = (guess: Guess): string | undefined =>
    guess.mac === undefined || atHome.get(homeOf(guess)) !== undefined ? undefined : macKeyOf(guess);
  return {
    pauseOf(guess) {
      const stranger = strangerOf(guess);
      const pauses: readonly Pause[] = [
        { ms: names.pauseMs(nameKeyOf(guess)), of: "name" },
        { ms: stranger === undefined ? 0 : macs.pauseMs(stranger), of: "mac" },
      ];
      return pauses.filter(({ ms }) => ms > 0).toSorted((a, b) => b.ms - a.ms)[0];
    },
    take(guess) {
      const letNameGo = names.take(nameKeyOf(guess), guess.mark);
      const stranger = strangerOf(guess);
      if (letNameGo === undefined || stranger === undefined) return letNameGo;
      const letMacGo = macs.take(stranger, guess.mark);
      if (letMacGo === undefined) {
        letNameGo();
        return undefined;
      }
      return () => {
        letNameGo();
        letMacGo();
      };
    },
    judged(guess, isRight) {
      if (isRight) {
        names.forget(nameKeyOf(guess));
        // What else came from there stays counted: whoever has an account could guess at others between its own passwords.
        if (guess.mac !== undefined) atHome.set(homeOf(guess), true);
        return;
      }
      names.wrong(nameKeyOf(guess), guess.mark);
      if (guess.mac !== undefined) macs.wrong(macKeyOf(guess), guess.mark);
    },
  };
}

const macKeyOf = ({ organizationId, mac }: Guess): string => `${organizationId} ${mac}`;
const homeOf = (guess: Guess): string => `${guess.mac} ${nameKeyOf(guess)}`;

/**
 * Whatever a directory may take for one name is one: LDAP compares by RFC 4518, and many servers pass over accents too.
 * Two people whose names differ in no more share their guesses. (What a directory alone knows to be one, such as a login
 * name and an address, is not: a client that tries both is slowed by its MAC address.)
 */
function nameKeyOf({ organizationId, name }: Guess): string {
  const bare = name.normalize("NFKD").replaceAll(IGNORED, "");
  // Lower case alone would keep "ß" from "SS", and the "ς" that ends a word from "σ".
  const folded = bare.toLowerCase().toUpperCase();
  return `${organizationId} ${folded.replaceAll(/\s+/gu, " ").trim()}`;
}
