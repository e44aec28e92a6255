import { setTimeout as sleep } from "node:timers/promises";
import { COA_LADDER } from "../domain/coa.ts";
import type { CoaOutcome, CoaStep } from "../domain/coa.ts";
import { colonMac } from "../domain/mac-address.ts";
import type { Session } from "../domain/session.ts";
import { MINUTE_MS, SECOND_MS } from "../domain/time.ts";
import { findClient } from "../store/clients.ts";
import { insertEvents } from "../store/events.ts";
import { findSession } from "../store/sessions.ts";
import type { CoaInput } from "../workflows/contract.ts";
import { coaEventType, coaText, sessionEvent } from "./coa-event.ts";
import type { ActivityDeps } from "./deps.ts";
import { sendByEdge } from "./edge-port.ts";
import { whenNasIsReady } from "./nas-readiness.ts";
import { sameAgainAt } from "./next-step.ts";
import type { Asked } from "./next-step.ts";
import type { Occurrence } from "./occurrence.ts";

/** An edge that restarts, or is busy, is back within this; longer, and the person should know. */
const EDGE_TRIES = 5;
const BETWEEN_TRIES_MS = 2 * SECOND_MS;
/** After this nothing is asked anew: the last answer, too, is to come before the attempt's time is over (workflows/ports.ts). */
const ASKING_MS = MINUTE_MS;

/**
 * Sends what a person asked for to each open session of a client. A second attempt sends again: a reauthentication or a
 * disconnection twice does what one does. `stop` ends its waits, with an AbortError: another worker then makes the next attempt.
 */
export async function sendCoa(
  deps: ActivityDeps,
  input: CoaInput,
  occurrence: Occurrence,
  stop: AbortSignal,
): Promise<{ readonly text: string }> {
  const { organizationId, mac, coaType } = input;
  const found = await findClient(deps.store, organizationId, mac);
  if (found === undefined || found.sessions.length === 0) return { text: `${colonMac(mac)} has no open session.` };
  const [step] = COA_LADDER[coaType];
  const texts = await Promise.all(
    found.sessions.map(async (session) => {
      const outcome = await send(deps, session, step!, stop);
      const text = coaText(step!, outcome);
      const type = coaEventType(step!, outcome) ?? "NAC_CLIENT_COA_FAILED";
      const told = { type, text, at: occurrence.at, source: input.source, parts: [occurrence.id] };
      const { verdict, decision } = found.client;
      const before = decision.compliance.status;
      await insertEvents(deps.store, [sessionEvent(session, { ...told, verdict, before })]);
      return text;
    }),
  );
  return { text: texts.join(" ") };
}

/** A NAS that cannot take it yet is asked again, as for enforcement (behaviour 5.1, 5.2), while the session lasts. */
async function send(deps: ActivityDeps, accepted: Session, stepName: CoaStep, stop: AbortSignal): Promise<CoaOutcome> {
  let session = await whenNasIsReady(deps, accepted);
  const limits = { until: deps.now() + ASKING_MS, stop };
  const asked: Asked[] = [];
  for (;;) {
    const sentAt = deps.now();
    const outcome = await sendOnce(deps, session, stepName, limits);
    asked.push({ stepName, sentAt, outcome });
    const againAt = sameAgainAt(asked, session.acceptedAt);
    if (againAt === undefined) return outcome;
    const waitMs = Math.max(0, againAt - deps.now());
    if (deps.now() + waitMs >= limits.until) return outcome;
    await sleep(waitMs, undefined, { signal: stop });
    session = (await findSession(deps.store, session.organizationId, session.id)) ?? session;
    if (session.endedAt !== undefined) return outcome;
  }
}

async function sendOnce(
  deps: ActivityDeps,
  session: Session,
  step: CoaStep,
  { until, stop }: { readonly until: number; readonly stop: AbortSignal },
): Promise<CoaOutcome> {
  for (let tries = 1; ; tries++) {
    const outcome = await sendByEdge(deps, session, step, session.verdictRevision);
    if (outcome.kind === "unreachable" && outcome.mayHaveSent === true) return { kind: "noAnswer", attempts: 1 };
    if (outcome.kind !== "unreachable" && outcome.kind !== "busy") return outcome;
    const isLast = tries === EDGE_TRIES || deps.now() + BETWEEN_TRIES_MS >= until;
    if (isLast) return { kind: "notSent", text: outcome.text };
    await sleep(BETWEEN_TRIES_MS, undefined, { signal: stop });
  }
}
