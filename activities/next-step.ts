import type { Access } from "../domain/authorization.ts";
import { COA_LADDER, isPassingRefusal, SHORTEST_PAUSE_MS } from "../domain/coa.ts";
import type { CoaStep, CoaType } from "../domain/coa.ts";
import { MINUTE_MS, SECOND_MS } from "../domain/time.ts";
import type { EnforcementStep } from "../store/enforcements.ts";

/** Time for a client to come back after its NAS acknowledged, and for a lost answer to turn up (behaviour 5.6). */
export const RETURN_MS = 30 * SECOND_MS;
/** For so long after an Accept, "no such session" means not yet (behaviour 5.2). */
const SETTLING_MS = 30 * SECOND_MS;
const NOT_YET_MS = 3 * SECOND_MS;
/** As often a NAS without resources is asked for the same: three quarters of a minute. */
const ASKS_AT_MOST = 5;
/** Where the session has to time out first: the longest default of a profile (30 min), its jitter, and the way back. */
const REAUTHENTICATION_MS = 35 * MINUTE_MS;
/** Answers can be lost to killed edges and workers, a NAS be cut off, an edge be busy: for three minutes (behaviour 5.6). */
const STEPS_AT_MOST = 6;

/** What failed is tried again after as long as it was tried before, this at most: the NAS may be back. */
const LONGEST_PAUSE_MS = 120 * MINUTE_MS;

/** What to do about one session that is not where it should be. */
export type Move =
  | { readonly kind: "send"; readonly step: CoaStep }
  | { readonly kind: "wait"; readonly waitMs: number }
  /** The NAS has no such session, or gave it up: the right access applies when the client comes back. */
  | { readonly kind: "gone" }
  | { readonly kind: "exhausted" };

/** The steps for an access, gentlest first: what is to be blocked is disconnected, whatever the organization prefers. */
export function ladderFor(desired: Access, coaType: CoaType): readonly CoaStep[] {
  return desired.kind === "reject" ? COA_LADDER.disconnect : COA_LADDER[coaType];
}

/** The next move after the steps so far, oldest first, for a session accepted at `acceptedAt`. Pure. */
export function nextMove(
  steps: readonly EnforcementStep[],
  ladder: readonly CoaStep[],
  now: number,
  acceptedAt: number,
): Move {
  const last = steps.at(-1);
  if (last === undefined) return stepAfter(undefined, ladder);
  const isOver = now >= last.sentAt + RETURN_MS;
  const wait = (until: number): Move => ({ kind: "wait", waitMs: until - now });
  const sameAt = sameAgainAt(steps, acceptedAt);
  if (sameAt !== undefined) return now < sameAt ? wait(sameAt) : { kind: "send", step: last.stepName };
  switch (last.outcome?.kind) {
    case undefined:
    case "noPath":
    case "busy":
      if (!isOver) return wait(last.sentAt + RETURN_MS);
      return steps.length < STEPS_AT_MOST ? { kind: "send", step: last.stepName } : { kind: "exhausted" };
    case "acknowledged":
      if (!isOver) return wait(last.sentAt + RETURN_MS);
      return last.stepName === "disconnect" ? { kind: "gone" } : stepAfter(last.stepName, ladder);
    case "sessionGone":
      return last.stepName === "disconnect" ? { kind: "gone" } : stepAfter(last.stepName, ladder);
    case "atReauthentication":
      return now < last.sentAt + REAUTHENTICATION_MS ? wait(last.sentAt + REAUTHENTICATION_MS) : { kind: "exhausted" };
    case "refused":
    case "noAnswer":
    case "notSent":
      return stepAfter(last.stepName, ladder);
  }
}

/** What a NAS was asked, and what it said. */
export type Asked = Pick<EnforcementStep, "stepName" | "sentAt" | "outcome">;

/**
 * When a NAS that could not do it yet is asked for the same again (epoch milliseconds): after 3, 6, 12 and 24 s. It does not
 * have the session so soon after the Accept, or has no resources now. `undefined`: asking again is no use, or no use any more.
 */
export function sameAgainAt(steps: readonly Asked[], acceptedAt: number): number | undefined {
  const { stepName, sentAt, outcome } = steps.at(-1)!;
  const isAlike = (step: Asked): boolean => step.stepName === stepName && step.outcome?.kind === outcome?.kind;
  const asks = steps.length - 1 - steps.findLastIndex((step) => !isAlike(step));
  const isNotYet = outcome?.kind === "sessionGone" && sentAt < acceptedAt + SETTLING_MS;
  const mayPass = isPassingRefusal(outcome) && asks < ASKS_AT_MOST;
  return isNotYet || mayPass ? sentAt + NOT_YET_MS * 2 ** (asks - 1) : undefined;
}

/** When an enforcement that has failed may begin again: epoch milliseconds. `steps`: all so far, oldest first. */
export function againAt(steps: readonly EnforcementStep[]): number {
  const last = steps.at(-1)!;
  const failedAt = last.sentAt + (last.outcome?.kind === "atReauthentication" ? REAUTHENTICATION_MS : RETURN_MS);
  const triedMs = failedAt - steps[0]!.sentAt;
  return failedAt + Math.min(LONGEST_PAUSE_MS, Math.max(SHORTEST_PAUSE_MS, triedMs));
}

/**
 * For a client that came back, and to the wrong network: the steps of its session before do not wait any more. One that was not
 * carried out did not bring it back, and is still to be.
 */
export function moveAfterReturn(before: readonly EnforcementStep[], ladder: readonly CoaStep[]): Move {
  const { outcome, stepName } = before.at(-1)!;
  const isStillToBe = outcome?.kind === "busy" || outcome?.kind === "noPath" || isPassingRefusal(outcome);
  return isStillToBe && ladder.includes(stepName) ? { kind: "send", step: stepName } : stepAfter(stepName, ladder);
}

function stepAfter(step: CoaStep | undefined, ladder: readonly CoaStep[]): Move {
  // A step that is not on the ladder: the desired access became a reject, whose only step is harder than all before.
  const at = step === undefined ? -1 : ladder.indexOf(step);
  const next = ladder[at + 1];
  return next === undefined ? { kind: "exhausted" } : { kind: "send", step: next };
}
