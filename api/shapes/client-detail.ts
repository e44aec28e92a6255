import type { Static } from "typebox";
import { accessDifference, describeAccess } from "../../domain/authorization.ts";
import type { Access } from "../../domain/authorization.ts";
import { decide } from "../../domain/policy.ts";
import type { PolicySnapshot } from "../../domain/policy.ts";
import type { ManagedDevice } from "../../domain/report.ts";
import type { Session } from "../../domain/session.ts";
import { VERDICT_SENTENCES } from "../../domain/verdict.ts";
import type { EffectiveStatus, Verdict } from "../../domain/verdict.ts";
import type { Client } from "../../store/clients.ts";
import type { Client as ClientSchema } from "../schemas/client-detail.ts";
import { present, seconds } from "./present.ts";

/** A client whole: what is known of it, where it is and where it should be. */
export function clientDetail(
  client: Client,
  sessions: readonly Session[],
  snapshot: PolicySnapshot,
  now: number,
): Static<typeof ClientSchema> {
  const wanted = decide(client.evidence, snapshot, now);
  return present({
    mac: client.mac,
    org_id: client.organizationId,
    identity: client.identity,
    random_mac: client.randomMac,
    first_seen_at: seconds(client.firstSeenAt),
    last_seen_at: seconds(client.lastSeenAt),
    last_status: client.lastStatus,
    auth_type: client.evidence.authentication,
    username: client.evidence.userName,
    compliance: complianceOf(wanted.compliance),
    verdict: client.verdict && verdictAnswer(client.verdict, now),
    applied: accessAnswer(client.decision.access),
    desired: accessAnswer(wanted.access),
    nacrule_id: client.decision.rule?.id,
    nacrule_name: client.decision.rule?.name,
    sessions: sessions.map((session) => sessionAnswer(session, decide(session.evidence, snapshot, now).access)),
  });
}

export function complianceOf({ status, reason }: EffectiveStatus) {
  return { status, reason, sentence: VERDICT_SENTENCES[reason] };
}

export function verdictAnswer(verdict: Verdict, now: number) {
  const { checkedAt, changedAt, source, device } = verdict;
  return present({
    ...complianceOf(verdict),
    details: [...verdict.details],
    mdm_provider: source?.kind,
    mdm_account_id: source?.accountId,
    matched_by: verdict.matchedBy,
    matched_mac: verdict.matchedMac,
    device: device && deviceAnswer(device),
    revision: verdict.revision,
    checked_at: checkedAt === undefined ? undefined : seconds(checkedAt),
    changed_at: changedAt === undefined ? undefined : seconds(changedAt),
    next_check_at: seconds(verdict.dueAt),
    age_seconds: checkedAt === undefined ? undefined : Math.max(0, Math.round(seconds(now - checkedAt))),
  });
}

function deviceAnswer(device: ManagedDevice) {
  return present({
    record_id: device.recordId,
    device_id: device.deviceId,
    serial: device.serial,
    macs: [...device.macs],
    name: device.name,
    manufacturer: device.manufacturer,
    model: device.model,
    operating_system: device.operatingSystem,
    os_version: device.operatingSystemVersion,
    last_seen: device.lastSeen === undefined ? undefined : seconds(device.lastSeen),
  });
}

function accessAnswer(access: Access) {
  const text = describeAccess(access);
  if (access.kind === "reject") return { kind: access.kind, text };
  const { vlan, role, sessionTimeoutSeconds } = access.authorization;
  return present({ kind: access.kind, vlan, role, session_timeout: sessionTimeoutSeconds, text });
}

function standingOf({ applied }: Session, desired: Access) {
  const differences = [...accessDifference(desired, applied)];
  return { applied: accessAnswer(applied), desired: accessAnswer(desired), differences };
}

function sessionAnswer(session: Session, desired: Access) {
  const { accountingStartedAt } = session;
  return present({
    id: session.id,
    origin: session.origin,
    nas_id: session.evidence.nas.nasId,
    edge_id: session.edgeId,
    acct_session_id: session.acctSessionId,
    accepted_at: seconds(session.acceptedAt),
    accounting_started_at: accountingStartedAt === undefined ? undefined : seconds(accountingStartedAt),
    last_seen_at: seconds(session.lastSeenAt),
    ...(session.origin === "unverified" ? {} : standingOf(session, desired)),
  });
}
