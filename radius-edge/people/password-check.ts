import { createHmac, randomBytes } from "node:crypto";
import { availableParallelism } from "node:os";
import type { OrganizationId } from "../../domain/identifiers.ts";
import { colonMac } from "../../domain/mac-address.ts";
import { userNameFault, userNameKey } from "../../domain/local-user.ts";
import type { LocalUser } from "../../domain/local-user.ts";
import { reveal } from "../../domain/secret.ts";
import type { Secret } from "../../domain/secret.ts";
import { SECOND_MS } from "../../domain/time.ts";
import { hashOfNobody, isPasswordOf } from "../../runtime/password-hash.ts";
import type { People } from "../../store/edge-snapshot.ts";
import { createLastUsed } from "../last-used.ts";
import type { Directories } from "./directories.ts";
import type { PasswordCheck, PasswordJudgement } from "../eap/method.ts";
import { createThrottle } from "./throttle.ts";
import type { Guess, Pause, Throttle } from "./throttle.ts";
import { createTurnstile } from "./turnstile.ts";
import type { Turnstile } from "./turnstile.ts";

/** Judges passwords for every organization that the edge serves. */
export interface PasswordChecks {
  /** The judge of one organization's users: a name is the local user's who has it, else the first directory's that knows it. */
  of(organizationId: OrganizationId): PasswordCheck;
  close(): void;
}

export interface PasswordChecksOptions {
  /** Who the organization's people are now. */
  readonly peopleOf: (organizationId: OrganizationId) => People;
  readonly directories: Directories;
  readonly throttle?: Throttle;
  /** Bounds the hashing. */
  readonly hashing?: Turnstile;
  /**
   * For one judgement, in line and at directories together. Below what EAP waits for it, so that what is not known by then has
   * the answer that is set for it, and not EAP's own.
   */
  readonly patienceMs?: number;
}

/** libuv has four threads for hashing, files and names: the journal and DNS must keep one. */
const HASHING = { atOnce: Math.max(1, Math.min(3, availableParallelism() - 1)), inLine: 32 };
/** EAP waits for 5 s (eap/ttls.ts), which leaves time for the last hash. */
const PATIENCE_MS = 4 * SECOND_MS;
const REMEMBERED = 50_000;

/**
 * A password that was right is known again without hashing: a fleet that re-authenticates all day would else cost a tenth
 * of a second of CPU each time. Kept is an HMAC, under a key that dies with the process, over the stored hash and the
 * password; so a changed password (fresh salt) misses, a deleted user is not looked for, and no time-out is needed.
 * Whoever can read key and HMACs out of this memory also reads the passwords that pass through it. Directories'
 * answers are never remembered: their locks would come late, and a directory that is down would let users in.
 */
export function openPasswordChecks({
  peopleOf,
  directories,
  throttle = createThrottle(),
  hashing = createTurnstile(HASHING),
  patienceMs = PATIENCE_MS,
}: PasswordChecksOptions): PasswordChecks {
  const key = randomBytes(32);
  const remembered = createLastUsed<true>(REMEMBERED);
  const nobody = hashOfNobody();
  const markOf = (text: string): string => createHmac("sha256", key).update(text).digest("base64");

  /** `undefined`: there was no room in line, or no time left. */
  const isRight = async (hash: Secret, password: Secret, until: number): Promise<boolean | undefined> => {
    const mark = markOf(`${reveal(hash)}\0${reveal(password)}`);
    if (remembered.get(mark) !== undefined) return true;
    return hashing.pass(async () => {
      const right = await isPasswordOf(hash, password);
      if (right) remembered.set(mark, true);
      return right;
    }, until - performance.now());
  };

  const judgeLocally = async (
    { name, passwordHash, labels }: LocalUser,
    password: Secret,
    until: number,
  ): Promise<PasswordJudgement> => {
    const right = await isRight(passwordHash, password, until);
    if (right === undefined) return OVERLOADED;
    return right
      ? { kind: "right", labels }
      : { kind: "wrong", sentence: `The password of local user "${name}" is wrong.` };
  };

  const judge = async (people: People, name: string, password: Secret): Promise<PasswordJudgement> => {
    const until = performance.now() + patienceMs;
    const user = people.users.get(userNameKey(name));
    if (user !== undefined) return judgeLocally(user, password, until);
    const elsewhere =
      userNameFault(name) === undefined
        ? await directories.judge(people.directories, name, password, until)
        : undefined;
    if (elsewhere !== undefined && elsewhere.kind !== "wrong") return elsewhere;
    // Refused as slowly as a local user with a wrong password, so that the time does not tell who is one.
    const compared = await isRight(nobody, password, until);
    if (elsewhere !== undefined) return elsewhere;
    return compared === undefined ? OVERLOADED : { kind: "wrong", sentence: `Nobody here is named "${name}".` };
  };

  return {
    of: (organizationId) => async (name, password, mac) => {
      if (reveal(password) === "") return { kind: "wrong", sentence: "The password is empty." };
      const guess = { organizationId, name, mac, mark: markOf(`${name}\0${reveal(password)}`) };
      const pause = throttle.pauseOf(guess);
      if (pause !== undefined) return { kind: "wrong", sentence: tooManyGuesses(guess, pause) };
      const judging = inHand(throttle, guess, async () => judge(peopleOf(organizationId), name, password));
      return judging ?? { kind: "wrong", sentence: tooManyAtOnce(guess) };
    },
    close: () => directories.close(),
  };
}

/** Judges a guess that the throttle counts meanwhile; `undefined`: it may not be looked at. */
function inHand(
  throttle: Throttle,
  guess: Guess,
  judge: () => Promise<PasswordJudgement>,
): Promise<PasswordJudgement> | undefined {
  const letGo = throttle.take(guess);
  if (letGo === undefined) return undefined;
  const judging = judge().then((judgement) => {
    if (judgement.kind !== "unavailable") throttle.judged(guess, judgement.kind === "right");
    return judgement;
  });
  return judging.finally(letGo);
}

function tooManyGuesses({ name, mac }: Guess, { ms, of }: Pause): string {
  const seconds = Math.ceil(ms / SECOND_MS);
  const whose = of === "name" || mac === undefined ? `for "${name}"` : `from ${colonMac(mac)}`;
  return `Too many wrong passwords came ${whose}: none is looked at for another ${seconds} s, not even the right one.`;
}

function tooManyAtOnce({ name, mac }: Guess): string {
  const from = mac === undefined ? "" : `, or from ${colonMac(mac)},`;
  return `Too many different passwords came for "${name}"${from} at once: this one was not looked at.`;
}

/** Silence lets the NAS ask again, or another edge; a reject would blame the client for our load. */
const OVERLOADED: PasswordJudgement = {
  kind: "unavailable",
  sentence: "Too many passwords are waiting to be checked at this edge.",
  answer: "silence",
};
