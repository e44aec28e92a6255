import type { OrganizationId, SessionId } from "../domain/identifiers.ts";
import type { IdentityKey } from "../domain/identity.ts";
import type { MacAddress } from "../domain/mac-address.ts";
import type { Session } from "../domain/session.ts";
import type { Store } from "./pool.ts";

/** The open sessions of an identity, newest first: a laptop on Wi-Fi and Ethernet has two. */
export async function openSessions(
  store: Store,
  organizationId: OrganizationId,
  identity: IdentityKey,
): Promise<readonly Session[]> {
  const rows = await selectSessions(store)
    .where("s.organization_id", "=", organizationId)
    .where("s.identity", "=", identity)
    .where("s.ended_at", "is", null)
    .execute();
  return rows.map(sessionOf);
}

/** The open sessions of a client, newest first. */
export async function openSessionsOfMac(
  store: Store,
  organizationId: OrganizationId,
  mac: MacAddress,
): Promise<readonly Session[]> {
  const rows = await selectSessions(store)
    .where("s.organization_id", "=", organizationId)
    .where("s.mac", "=", mac)
    .where("s.ended_at", "is", null)
    .execute();
  return rows.map(sessionOf);
}

/** Open or ended. */
export async function findSession(
  store: Store,
  organizationId: OrganizationId,
  id: SessionId,
): Promise<Session | undefined> {
  const row = await selectSessions(store)
    .where("s.organization_id", "=", organizationId)
    .where("s.id", "=", id)
    .executeTakeFirst();
  return row && sessionOf(row);
}

/** Ends a session without accounting: the NAS says that it has none such. False when it had ended already. */
export async function endSession(store: Store, id: SessionId, at: number, reason: string): Promise<boolean> {
  const { numUpdatedRows } = await store.db
    .updateTable("sessions")
    .set({ ended_at: new Date(at), end_reason: reason })
    .where("id", "=", id)
    .where("ended_at", "is", null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

function selectSessions(store: Store) {
  return store.db
    .selectFrom("sessions as s")
    .innerJoin("evidence as e", (join) =>
      join.onRef("e.organization_id", "=", "s.organization_id").onRef("e.hash", "=", "s.evidence_hash"),
    )
    .selectAll("s")
    .select("e.evidence")
    .orderBy("s.accepted_at", "desc")
    .orderBy("s.id", "desc");
}

type SessionRow = Awaited<ReturnType<ReturnType<typeof selectSessions>["execute"]>>[number];

function sessionOf(row: SessionRow): Session {
  return {
    id: row.id,
    origin: row.origin,
    organizationId: row.organization_id,
    mac: row.mac,
    identity: row.identity ?? undefined,
    edgeId: row.edge_id,
    evidence: row.evidence,
    decisionId: row.decision_id,
    applied: row.applied,
    policyVersion: row.policy_version,
    verdictRevision: row.verdict_revision,
    acctSessionId: row.acct_session_id ?? undefined,
    acceptedAt: row.accepted_at.getTime(),
    accountingStartedAt: row.accounting_started_at?.getTime(),
    lastSeenAt: row.last_seen_at.getTime(),
    endedAt: row.ended_at?.getTime(),
    endReason: row.end_reason ?? undefined,
  };
}
