import { accessDifference, describeAccess } from "../domain/authorization.ts";
import type { Access } from "../domain/authorization.ts";
import { describeOutcome } from "../domain/coa.ts";
import type { CoaStep } from "../domain/coa.ts";
import { colonMac } from "../domain/mac-address.ts";
import type { Session } from "../domain/session.ts";
import { SECOND_MS } from "../domain/time.ts";
import { liveEdges } from "../store/edges.ts";
import { beginStep, closeEnforcement, lastFailed, stepsSoFar } from "../store/enforcements.ts";
import type { EnforcementStep } from "../store/enforcements.ts";
import { findSession } from "../store/sessions.ts";
import type { Enforcement } from "../workflows/contract.ts";
import type { ActivityDeps } from "./deps.ts";
import { wantedAccess } from "./desired-access.ts";
import { sendByEdge } from "./edge-port.ts";
import type { Cause, Past } from "./enforcement.ts";
import { endedWithoutReturn, enforcementFailed, returnedRight, stepEnded } from "./enforcement-end.ts";
import { whenNasIsReady } from "./nas-readiness.ts";
import { againAt, ladderFor, moveAfterReturn, nextMove, RETURN_MS } from "./next-step.ts";

const NO_EDGE_RETRY_MS = 10 * SECOND_MS;
const TRIED = "all steps were tried";

type Failure = Omit<Extract<Enforcement, { readonly kind: "failed" }>, "text">;

/** Moves one session to where it should be: steps follow one another until one of them has to be waited for. */
export async function enforceSession(
  deps: ActivityDeps,
  cause: Cause,
  session: Session,
  past: Past,
): Promise<Enforcement> {
  const { desired, differences } = await wantedAccess(cause.standing, session);
  if (differences.length === 0) return isRight(deps, cause, session, past);
  const ladder = ladderFor(desired, cause.coaType);
  const where = `${colonMac(session.mac)} → ${describeAccess(desired)}`;
  const steps = past.own.filter((step) => accessDifference(desired, step.desired).length === 0);
  const before = past.before.flatMap((former) => former.steps);
  const isFresh = steps.length === 0 && before.length === 0;
  const failure = isFresh ? await failureBefore(deps, cause, session) : undefined;
  if (failure !== undefined) return { ...failure, text: `${where}: ${TRIED}` };
  let move =
    steps.length === 0 && before.length > 0
      ? moveAfterReturn(before, ladder)
      : nextMove(steps, ladder, deps.now(), session.acceptedAt);
  for (;;) {
    switch (move.kind) {
      case "wait":
        return { kind: "awaitingReturn", waitMs: move.waitMs, text: `${where}: ${awaited(steps)}` };
      case "gone":
        await endedWithoutReturn(deps, cause.standing.verdict, session, steps.at(-1)!);
        return { kind: "settled", text: `${where}: applies when it comes back` };
      case "exhausted":
        await enforcementFailed(deps, cause.standing.verdict, session, [...before, ...steps]);
        return { ...(await failed(deps, session, steps.at(-1))), text: `${where}: ${TRIED}` };
      case "send": {
        const taken = await takeStep(deps, cause, session, { desired, step: move.step, past, steps });
        if (taken.kind === "standing") return { ...taken.standing, text: `${where}: ${taken.standing.text}` };
        steps.push(taken.step);
        move = nextMove(steps, ladder, deps.now(), session.acceptedAt);
      }
    }
  }
}

/**
 * A NAS that took no step may take one later. Where it took all of them, and the client came back to the wrong network all
 * the same, another round would only throw it off again.
 */
async function failed(
  { store, now }: ActivityDeps,
  session: Session,
  last: EnforcementStep | undefined,
): Promise<Failure> {
  if (last === undefined) return { kind: "failed" };
  const pauseMs = againAt(await stepsSoFar(store, session.id, last.revision)) - now();
  return { kind: "failed", pauseMs: Math.max(SECOND_MS, pauseMs) };
}

/**
 * What the sessions that this client had since the verdict changed leave for the one that it has. Taken to the last step, and
 * here it is again: nothing, at any NAS. Not answered: the pause of then at this NAS, which may have moved it all the same.
 * Not by revisions: each look-up has one, also where the verdict stays.
 */
async function failureBefore(
  { store, now }: ActivityDeps,
  { standing }: Cause,
  { id, organizationId, identity, mac, evidence }: Session,
): Promise<Failure | undefined> {
  if (identity === undefined) return undefined;
  const last = await lastFailed(store, { organizationId, identity, mac }, standing.verdict.changedAt ?? 0);
  if (last === undefined) return undefined;
  const outcome = last.outcome?.kind ?? "noAnswer";
  // A NAS without the session was reached as well.
  if (outcome === "acknowledged" || outcome === "sessionGone") return { kind: "failed" };
  if (outcome !== "noAnswer" || last.sessionId === id) return undefined;
  const former = await findSession(store, organizationId, last.sessionId);
  if (former?.evidence.nas.nasId !== evidence.nas.nasId) return undefined;
  const pauseMs = againAt(await stepsSoFar(store, last.sessionId, last.revision)) - now();
  return pauseMs > 0 ? { kind: "failed", pauseMs: Math.max(SECOND_MS, pauseMs) } : undefined;
}

/** Once a NAS has obeyed, or may have, the client is waited for; else what keeps the step from being taken. */
function awaited(steps: readonly EnforcementStep[]): string {
  const outcome = steps.at(-1)?.outcome;
  const mayReturn = outcome === undefined || outcome.kind === "acknowledged" || outcome.kind === "sessionGone";
  return mayReturn ? "waiting for its return" : describeOutcome(outcome);
}

/** Nothing to do, or nothing more: what was under way has reached its end. */
async function isRight(deps: ActivityDeps, { standing }: Cause, session: Session, past: Past): Promise<Enforcement> {
  for (const { revision } of past.own) await closeEnforcement(deps.store, session.id, revision, "superseded");
  for (const former of past.before) {
    const isMoved = accessDifference(session.applied, former.session.applied).length > 0;
    if (isMoved) await returnedRight(deps, standing.verdict, session, former);
    // It is where it was, and is wanted there again: the verdict went back, and no CoA did that.
    else await closeEnforcement(deps.store, former.session.id, former.steps[0]!.revision, "superseded");
  }
  return { kind: "settled", text: `${colonMac(session.mac)} is on ${describeAccess(session.applied)}` };
}

type Taken =
  | { readonly kind: "step"; readonly step: EnforcementStep }
  | { readonly kind: "standing"; readonly standing: Enforcement };

/** Writes the intent, has the CoA sent, writes down how it ended. */
async function takeStep(
  deps: ActivityDeps,
  cause: Cause,
  session: Session,
  next: { desired: Access; step: CoaStep; past: Past; steps: readonly EnforcementStep[] },
): Promise<Taken> {
  const { store, now } = deps;
  if ((await liveEdges(store)).length === 0) return waiting(NO_EDGE_RETRY_MS, "no edge is alive to send a CoA");
  const ready = await whenNasIsReady(deps, session);
  const begun = await begin(deps, cause, session, next);
  for (const former of next.past.before) {
    await closeEnforcement(store, former.session.id, former.steps[0]!.revision, "superseded");
  }
  if (begun.kind === "failedBefore")
    return { kind: "standing", standing: { kind: "failed", pauseMs: begun.pauseMs, text: TRIED } };
  if (begun.kind === "existing") return { kind: "step", step: begun.step };
  const { verdict } = cause.standing;
  const outcome = await sendByEdge(deps, ready, next.step, verdict.revision);
  // Without an outcome the step is repeated once its time is over: the edge may have died with the CoA on its way.
  if (outcome.kind === "unreachable") return waiting(begun.step.sentAt + RETURN_MS - now(), outcome.text);
  const step = { ...begun.step, outcome };
  await stepEnded(deps, verdict, session, step, outcome);
  return { kind: "step", step };
}

type Begun =
  | { readonly kind: "begun" | "existing"; readonly step: EnforcementStep }
  | { readonly kind: "failedBefore"; readonly pauseMs: number };

/** Numbers go on within one revision, whatever each step of it was for. */
async function begin(
  { store, now }: ActivityDeps,
  { revision: asked }: Cause,
  session: Session,
  {
    desired,
    step: stepName,
    past,
    steps,
  }: { desired: Access; step: CoaStep; past: Past; steps: readonly EnforcementStep[] },
): Promise<Begun> {
  const { organizationId, identity, id: sessionId } = session;
  const last = steps.at(-1) ?? past.own.at(-1);
  const revision = steps.at(-1)?.revision ?? Math.max(asked, last?.revision ?? 0);
  const known = last?.revision === revision ? last.step : -1;
  for (;;) {
    const soFar = await stepsSoFar(store, sessionId, revision);
    const latest = soFar.at(-1);
    if (latest !== undefined && latest.step > known) {
      if (latest.closedAt === undefined) return { kind: "existing", step: latest };
      const pauseMs = latest.result === "failed" ? againAt(soFar) - now() : 0;
      if (pauseMs > 0) return { kind: "failedBefore", pauseMs };
    }
    const step = (latest?.step ?? -1) + 1;
    const key = { sessionId, organizationId, identity, desired, revision, step, stepName, sentAt: now() };
    const begun = await beginStep(store, key);
    if (begun.kind === "begun" || begun.step.closedAt === undefined) return begun;
  }
}

function waiting(waitMs: number, text: string): Taken {
  return { kind: "standing", standing: { kind: "awaitingReturn", waitMs: Math.max(SECOND_MS, waitMs), text } };
}
