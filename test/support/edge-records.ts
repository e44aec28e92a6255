import { createHash, randomBytes } from "node:crypto";
import { decide } from "../../domain/policy.ts";
import type { PolicySnapshot } from "../../domain/policy.ts";
import type { NacEvent } from "../../domain/event.ts";
import type { Evidence, NasEvidence } from "../../domain/evidence.ts";
import { uuidV7 } from "../../domain/identifiers.ts";
import type { EdgeId, EventId, NasId, OrganizationId, SessionId } from "../../domain/identifiers.ts";
import type { MacAddress } from "../../domain/mac-address.ts";
import type { AccountingRecord, AuthenticationRecord, RepeatedAccept } from "../../domain/record.ts";
import type { AccountingKind } from "../../domain/session.ts";
import { contentHash } from "../../store/event-contents.ts";
import { evidence, MAC, NOW, resultLabel, rule, snapshot } from "./domain-values.ts";

export const edgeId = newId<EdgeId>();

export function newId<Id extends string>(at = NOW): Id {
  return uuidV7<Id>(at, randomBytes(10));
}

export function event(organizationId: OrganizationId, change: Partial<NacEvent> = {}): NacEvent {
  const at = change.at ?? NOW;
  return {
    id: newId(at),
    at,
    organizationId,
    type: "NAC_CLIENT_PERMIT",
    mac: MAC,
    identity: undefined,
    text: "Permitted by rule Corp",
    body: { auth_type: "eap-tls" },
    ...change,
  };
}

const permitAll = snapshot(
  [{ ...rule("Corp", 0), applyLabels: ["corp vlan" as never] }],
  [resultLabel("corp vlan", "vlan", "20")],
);

/** An authentication as an edge records it: decided by real policy, with a session where that accepts. */
export function authentication(
  organizationId: OrganizationId,
  change: { readonly at?: number; readonly evidence?: Partial<Evidence>; readonly policy?: PolicySnapshot } = {},
): AuthenticationRecord & { readonly session: NonNullable<AuthenticationRecord["session"]> | undefined } {
  const at = change.at ?? NOW;
  const seen = evidence({ organizationId, ...change.evidence });
  const decision = decide(seen, change.policy ?? permitAll, at);
  const accepted = decision.access.kind === "accept";
  const type = accepted ? "NAC_CLIENT_PERMIT" : "NAC_CLIENT_DENY";
  const { mac } = seen;
  return {
    kind: "authentication",
    event: event(organizationId, { at, type, mac, identity: decision.identity }),
    decided: {
      evidence: seen,
      evidenceHash: createHash("sha256").update(JSON.stringify(seen)).digest("hex"),
      decision,
    },
    session:
      accepted && mac !== undefined ? { id: newId<SessionId>(at), edgeId, applied: decision.access, mac } : undefined,
    lookUpWanted: decision.lookUpWanted,
  };
}

/** The Accept of `of` again, at another instant. */
export function repeatOf(of: AuthenticationRecord, at: number): RepeatedAccept {
  const id = newId<EventId>(at);
  const { id: sessionId, mac } = of.session!;
  const whole = (): AuthenticationRecord => ({ ...of, event: { ...of.event, id, at }, lookUpWanted: false });
  return { kind: "repeatedAccept", id, at, sessionId, mac, content: contentHash(of.event, of.decided!), whole };
}

/** An Accept of the client of `of` on another NAS. */
export function acceptElsewhere(of: AuthenticationRecord, at: number): ReturnType<typeof authentication> {
  const nas = { ...of.decided!.evidence.nas, nasId: newId<NasId>(), nasIdentifier: "access point 2" };
  return authentication(of.event.organizationId, { at, evidence: { nas } });
}

/** The first step of an enforcement at the session of `of`. */
export function disconnectOf({ event: { organizationId, identity }, session }: AuthenticationRecord) {
  const first = { revision: 7, step: 0, stepName: "disconnect", desired: { kind: "reject" }, sentAt: NOW } as const;
  return { ...first, sessionId: session!.id, organizationId, identity };
}

/** A refused EAP conversation: policy was never asked. */
export function failedEap(organizationId: OrganizationId, at = NOW): AuthenticationRecord {
  return {
    kind: "authentication",
    event: event(organizationId, { at, type: "NAC_CLIENT_CERT_CHECK_FAILURE" }),
    decided: undefined,
    session: undefined,
    lookUpWanted: false,
  };
}

const ACCOUNTING_EVENTS = {
  start: "NAC_ACCOUNTING_START",
  interim: "NAC_ACCOUNTING_UPDATE",
  stop: "NAC_ACCOUNTING_STOP",
  on: "NAC_NAS_RESTARTED",
  off: "NAC_NAS_RESTARTED",
} as const;

/** An accounting record of the NAS "ap-1", unless told of another, with nothing in it but what is told. */
export function accounting(
  organizationId: OrganizationId,
  kind: AccountingKind,
  change: Partial<Omit<AccountingRecord, "evidence">> &
    Partial<Pick<NasEvidence, "acctSessionId" | "nasIdentifier" | "nasIpAddress">> & {
      readonly at: number;
      readonly mac?: MacAddress | undefined;
    },
): AccountingRecord {
  const { mac, acctSessionId, nasIdentifier, nasIpAddress, ...facts } = { nasIdentifier: "ap-1", ...change };
  return {
    kind: "accounting",
    accounting: kind,
    event: event(organizationId, { at: change.at, type: ACCOUNTING_EVENTS[kind], mac }),
    evidence: evidence({
      organizationId,
      mac,
      authentication: "mab",
      certificate: undefined,
      nas: { ...evidence().nas, acctSessionId, nasIdentifier, nasIpAddress },
    }),
    edgeId,
    sessionId: undefined,
    beganAt: change.at,
    framedIpAddress: undefined,
    terminateCause: undefined,
    ...facts,
  };
}
