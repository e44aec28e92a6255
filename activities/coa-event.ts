import { describeOutcome } from "../domain/coa.ts";
import type { CoaOutcome, CoaStep } from "../domain/coa.ts";
import type { EventType, NacEvent } from "../domain/event.ts";
import type { Session } from "../domain/session.ts";
import type { ComplianceStatus, Verdict } from "../domain/verdict.ts";
import { findDecision } from "../store/events.ts";
import type { Store } from "../store/pool.ts";
import { mdmFields } from "./mdm-fields.ts";
import { eventIdOf } from "./occurrence.ts";

/** Body field `coa_source` where a changed verdict is the cause; a person's CoA names the person. */
export const MDM_SOURCE = "mdm";

/** What the timeline calls a CoA that ended so; `undefined` for one that was never sent. */
export function coaEventType(step: CoaStep, outcome: CoaOutcome): EventType | undefined {
  switch (outcome.kind) {
    case "acknowledged":
      return step === "disconnect" ? "NAC_CLIENT_COA_DISCONNECT" : "NAC_CLIENT_COA_REAUTH";
    case "sessionGone":
    case "refused":
    case "noAnswer":
      return "NAC_CLIENT_COA_FAILED";
    case "atReauthentication":
      return "NAC_CLIENT_ENFORCEMENT_WAITS";
    case "noPath":
    case "busy":
    case "notSent":
      return undefined;
  }
}

export function coaText(step: CoaStep, outcome: CoaOutcome): string {
  return `${step === "disconnect" ? "Disconnect" : "CoA reauthenticate"} ${describeOutcome(outcome)}.`;
}

/** An event on the timeline of the session's client. `parts` make its id: written twice it is there once. */
export function sessionEvent(
  session: Session,
  told: {
    readonly type: EventType;
    /** Epoch milliseconds; the same each time it is told. */
    readonly at: number;
    readonly text: string;
    readonly source: string;
    readonly verdict: Verdict | undefined;
    readonly before: ComplianceStatus;
    readonly parts: readonly (string | number)[];
  },
): NacEvent {
  const { type, at, text, source, verdict, before, parts } = told;
  const { organizationId, mac, identity, evidence } = session;
  return {
    id: eventIdOf(at, session.id, type, ...parts),
    at,
    organizationId,
    type,
    mac,
    identity,
    text,
    body: {
      ...mdmFields(verdict, before),
      coa_source: source,
      session_id: session.id,
      nas_ip: evidence.nas.nasIpAddress ?? evidence.nas.sourceAddress,
      ...(evidence.ssid === undefined ? {} : { ssid: evidence.ssid }),
      text,
    },
  };
}

/** The compliance that the session was accepted on: `pre_mdm_compliance` of what is done about it. */
export async function complianceAtAccept(store: Store, session: Session): Promise<ComplianceStatus> {
  const { organizationId, acceptedAt, decisionId } = session;
  const found = await findDecision(store, organizationId, { at: acceptedAt, id: decisionId });
  return found?.decision.compliance.status ?? "unknown";
}
