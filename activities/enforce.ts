import type { SessionId } from "../domain/identifiers.ts";
import { colonMac } from "../domain/mac-address.ts";
import type { Session } from "../domain/session.ts";
import { openEnforcements } from "../store/enforcements.ts";
import type { EnforcementStep } from "../store/enforcements.ts";
import { loadPolicy } from "../store/policies.ts";
import { findSession, openSessions } from "../store/sessions.ts";
import { loadEdgeSettings } from "../store/settings.ts";
import { readVerdict } from "../store/verdicts.ts";
import type { EnforceInput, Enforcement } from "../workflows/contract.ts";
import type { ActivityDeps } from "./deps.ts";
import { enforceSession } from "./enforce-session.ts";
import type { Cause, Former } from "./enforcement.ts";
import { endedWithoutReturn } from "./enforcement-end.ts";
import { RETURN_MS } from "./next-step.ts";

/**
 * Compares, for each open session of an identity, the access that it should have with the one applied, and takes the
 * next step of those that differ because of the verdict. It knows where each of them stands from Postgres alone, and
 * writes each CoA down before it is sent: a second attempt waits for the first one's proof instead of sending again.
 */
export async function enforce(deps: ActivityDeps, input: EnforceInput): Promise<Enforcement> {
  const { store } = deps;
  const { organizationId, identity } = input;
  const [policy, settings, verdict, sessions, steps] = await Promise.all([
    loadPolicy(store, organizationId),
    loadEdgeSettings(store, organizationId),
    readVerdict(store, organizationId, identity),
    openSessions(store, organizationId, identity),
    openEnforcements(store, organizationId, identity),
  ]);
  if (policy === undefined || verdict === undefined) return { kind: "settled", text: "nothing is known of the device" };
  const { trustMacAuthentication, coaType } = settings;
  const standing = { store, policy, verdict, trustMacAuthentication, now: deps.now() };
  const cause: Cause = { standing, coaType, revision: input.revision };
  const former = await formerSessions(deps, input, sessions, steps);
  const outcomes = await Promise.all([
    ...sessions.map((session) =>
      enforceSession(deps, cause, session, {
        own: steps.filter(({ sessionId }) => sessionId === session.id),
        before: former.filter(({ successor }) => successor === session.id),
      }),
    ),
    ...former.filter(({ successor }) => successor === undefined).map((left) => awaitReturn(deps, cause, left)),
  ]);
  return summarize(outcomes);
}

/** Sessions that ended while being enforced, each with the session that the client opened since. */
async function formerSessions(
  { store }: ActivityDeps,
  { organizationId }: EnforceInput,
  sessions: readonly Session[],
  steps: readonly EnforcementStep[],
): Promise<readonly Former[]> {
  const open = new Set<SessionId>(sessions.map(({ id }) => id));
  const ended = new Set(steps.map(({ sessionId }) => sessionId).filter((id) => !open.has(id)));
  const former: Former[] = [];
  for (const id of ended) {
    const session = await findSession(store, organizationId, id);
    if (session === undefined) continue; // deleted, and its steps with it
    const since = ({ mac, acceptedAt }: Session): boolean => mac === session.mac && acceptedAt >= session.acceptedAt;
    const itsSteps = steps.filter(({ sessionId }) => sessionId === id);
    former.push({ session, steps: itsSteps, successor: sessions.find(since)?.id });
  }
  return former;
}

/** The session ended and no other began: a client that is wanted back has its time, one that is not has obeyed. */
async function awaitReturn(deps: ActivityDeps, { standing }: Cause, left: Former): Promise<Enforcement> {
  const last = left.steps.at(-1)!;
  const waitMs = last.sentAt + RETURN_MS - deps.now();
  const mac = colonMac(left.session.mac);
  if (last.desired.kind === "accept" && waitMs > 0) {
    return { kind: "awaitingReturn", waitMs, text: `${mac} left and is expected back` };
  }
  await endedWithoutReturn(deps, standing.verdict, left.session, last);
  return { kind: "settled", text: `${mac} is gone` };
}

function summarize(outcomes: readonly Enforcement[]): Enforcement {
  const text = outcomes.map((outcome) => outcome.text).join("; ") || "no session is open";
  const again = outcomes.flatMap((outcome) => (outcome.kind === "failed" ? (outcome.pauseMs ?? []) : []));
  const waits = outcomes.flatMap((outcome) => (outcome.kind === "awaitingReturn" ? [outcome.waitMs] : []));
  if (waits.length > 0) return { kind: "awaitingReturn", waitMs: Math.min(...waits, ...again), text };
  if (again.length > 0) return { kind: "failed", pauseMs: Math.min(...again), text };
  return { kind: outcomes.some(({ kind }) => kind === "failed") ? "failed" : "settled", text };
}
