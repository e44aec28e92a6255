import { describeAccess } from "../domain/authorization.ts";
import type { CoaOutcome } from "../domain/coa.ts";
import type { EventType } from "../domain/event.ts";
import type { Session } from "../domain/session.ts";
import type { Verdict } from "../domain/verdict.ts";
import { closeEnforcement, finishStep } from "../store/enforcements.ts";
import type { EnforcementStep } from "../store/enforcements.ts";
import { insertEvents } from "../store/events.ts";
import { endSession } from "../store/sessions.ts";
import { coaEventType, coaText, complianceAtAccept, MDM_SOURCE, sessionEvent } from "./coa-event.ts";
import type { ActivityDeps } from "./deps.ts";
import type { Former } from "./enforcement.ts";

// Events are written before the rows that end what they tell of: an attempt that dies in between tells it again, under
// the same id.

/** The NAS answered, or did not. */
export async function stepEnded(
  deps: ActivityDeps,
  verdict: Verdict,
  session: Session,
  step: EnforcementStep,
  outcome: CoaOutcome,
): Promise<void> {
  const type = coaEventType(step.stepName, outcome);
  const text = coaText(step.stepName, outcome);
  if (type !== undefined) await tell(deps, verdict, session, step, { type, at: step.sentAt, text });
  await finishStep(deps.store, step, outcome);
}

/** The client is back, on the right network. `session` is the new one. */
export async function returnedRight(
  deps: ActivityDeps,
  verdict: Verdict,
  session: Session,
  { session: former, steps }: Former,
): Promise<void> {
  const last = steps.at(-1)!;
  const text = `Moved from ${describeAccess(former.applied)} to ${describeAccess(session.applied)}.`;
  const at = session.acceptedAt + 1; // in a timeline, after the Accept that proves it
  await tell(deps, verdict, session, last, { type: "NAC_CLIENT_ENFORCED", at, text, enforced: former });
  await closeEnforcement(deps.store, former.id, last.revision, "enforced");
}

/** The session is over and the client not back: enforced where that was wanted, else it applies at its return. */
export async function endedWithoutReturn(
  deps: ActivityDeps,
  verdict: Verdict,
  session: Session,
  last: EnforcementStep,
): Promise<void> {
  const blocked = last.desired.kind === "reject";
  const at = Math.max(session.endedAt ?? 0, last.sentAt) + 1;
  const text = "Disconnected and blocked.";
  if (blocked) await tell(deps, verdict, session, last, { type: "NAC_CLIENT_ENFORCED", at, text });
  await endSession(deps.store, session.id, deps.now(), last.outcome?.kind === "sessionGone" ? "gone" : "disconnected");
  await closeEnforcement(deps.store, session.id, last.revision, blocked ? "enforced" : "gone");
}

/** All steps were tried, those of the sessions before included. */
export async function enforcementFailed(
  deps: ActivityDeps,
  verdict: Verdict,
  session: Session,
  steps: readonly EnforcementStep[],
): Promise<void> {
  const last = steps.at(-1)!;
  const tried = steps.map(({ stepName, outcome }) => coaText(stepName, outcome ?? { kind: "noAnswer", attempts: 1 }));
  const text = `Still on ${describeAccess(session.applied)} instead of ${describeAccess(last.desired)}. ${[...new Set(tried)].join(" ")}`;
  const at = last.sentAt + 1;
  await tell(deps, verdict, session, last, { type: "NAC_CLIENT_ENFORCEMENT_FAILED", at, text });
  for (const { sessionId, revision } of steps) await closeEnforcement(deps.store, sessionId, revision, "failed");
  deps.log.warn({ organizationId: session.organizationId, mac: session.mac, session: session.id }, text);
}

/** `at` is an instant that is read back, never the clock's: a second telling must have the same key. */
async function tell(
  deps: ActivityDeps,
  verdict: Verdict,
  session: Session,
  step: EnforcementStep,
  { type, at, text, enforced = session }: { type: EventType; at: number; text: string; enforced?: Session },
): Promise<void> {
  const before = await complianceAtAccept(deps.store, enforced);
  const parts = [step.sessionId, step.revision, step.step];
  await insertEvents(deps.store, [
    sessionEvent(session, { type, at, text, source: MDM_SOURCE, verdict, before, parts }),
  ]);
}
