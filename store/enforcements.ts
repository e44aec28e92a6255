import type { Selectable } from "kysely";
import { sql } from "kysely";
import type { Access } from "../domain/authorization.ts";
import { SHORTEST_PAUSE_MS } from "../domain/coa.ts";
import type { CoaOutcome, CoaStep } from "../domain/coa.ts";
import type { NasId, OrganizationId, SessionId } from "../domain/identifiers.ts";
import type { IdentityKey } from "../domain/identity.ts";
import type { MacAddress } from "../domain/mac-address.ts";
import type { Enforcements } from "./database.ts";
import { jsonText } from "./json.ts";
import { newId } from "./new-id.ts";
import { OUTBOX_CHANNEL } from "./outbox.ts";
import type { Store } from "./pool.ts";

export type EnforcementResult = "enforced" | "failed" | "superseded" | "gone";

/** One CoA: written before it is sent, so that a retry finds it and waits instead of sending again. */
export interface EnforcementStep {
  readonly sessionId: SessionId;
  /** With the session: which enforcement this is a step of. A new decision is a new enforcement. */
  readonly revision: number;
  /** From 0. */
  readonly step: number;
  readonly organizationId: OrganizationId;
  readonly identity: IdentityKey | undefined;
  readonly desired: Access;
  readonly stepName: CoaStep;
  /** Epoch milliseconds. */
  readonly sentAt: number;
  /** `undefined` while the NAS has not answered, or nobody was left to hear it. */
  readonly outcome: CoaOutcome | undefined;
  readonly closedAt: number | undefined;
  readonly result: EnforcementResult | undefined;
}

/** Every step of the identity's open enforcements, in the order sent. */
export async function openEnforcements(
  store: Store,
  organizationId: OrganizationId,
  identity: IdentityKey,
): Promise<readonly EnforcementStep[]> {
  const rows = await store.db
    .selectFrom("enforcements")
    .selectAll()
    .where("organization_id", "=", organizationId)
    .where("identity", "=", identity)
    .where("closed_at", "is", null)
    .orderBy("session_id")
    .orderBy("revision")
    .orderBy("step")
    .execute();
  return rows.map(stepOf);
}

/** Every step of one enforcement, open or closed, in the order sent. */
export async function stepsSoFar(
  store: Store,
  sessionId: SessionId,
  revision: number,
): Promise<readonly EnforcementStep[]> {
  const rows = await store.db
    .selectFrom("enforcements")
    .selectAll()
    .where("session_id", "=", sessionId)
    .where("revision", "=", revision)
    .orderBy("step")
    .execute();
  return rows.map(stepOf);
}

/** The last step, sent at `since` (epoch milliseconds) or later, of what failed for a client: of whichever of its sessions. */
export async function lastFailed(
  store: Store,
  client: { readonly organizationId: OrganizationId; readonly identity: IdentityKey; readonly mac: MacAddress },
  since: number,
): Promise<EnforcementStep | undefined> {
  const row = await store.db
    .selectFrom("enforcements as e")
    .innerJoin("sessions as s", "s.id", "e.session_id")
    .selectAll("e")
    .where("e.organization_id", "=", client.organizationId)
    .where("e.identity", "=", client.identity)
    .where("e.result", "=", "failed")
    .where("e.sent_at", ">=", new Date(since))
    .where("s.mac", "=", client.mac)
    .orderBy("e.sent_at", "desc")
    .orderBy("e.step", "desc")
    .limit(1)
    .executeTakeFirst();
  return row && stepOf(row);
}

interface Begun {
  readonly kind: "begun" | "existing";
  readonly step: EnforcementStep;
}

/**
 * Writes the intent to send. `begun`: send now. `existing`: this step was begun before, perhaps by a run of this very
 * activity that died; its answer or proof may still come. Open enforcements of the session on older revisions end here.
 */
export async function beginStep(
  store: Store,
  step: Pick<
    EnforcementStep,
    "sessionId" | "organizationId" | "identity" | "desired" | "revision" | "step" | "stepName" | "sentAt"
  >,
): Promise<Begun> {
  const begun = await store.db.transaction().execute(async (trx): Promise<Begun> => {
    await trx
      .updateTable("enforcements")
      .set({ closed_at: sql<Date>`now()`, result: "superseded" })
      .where("session_id", "=", step.sessionId)
      .where("revision", "<", step.revision)
      .where("closed_at", "is", null)
      .execute();
    const row = await trx
      .insertInto("enforcements")
      .values({
        session_id: step.sessionId,
        organization_id: step.organizationId,
        identity: step.identity ?? null,
        desired: jsonText(step.desired),
        revision: step.revision,
        step: step.step,
        step_name: step.stepName,
        sent_at: new Date(step.sentAt),
      })
      .onConflict((conflict) => conflict.doNothing())
      .returningAll()
      .executeTakeFirst();
    if (row !== undefined) return { kind: "begun", step: stepOf(row) };
    const existing = await trx
      .selectFrom("enforcements")
      .selectAll()
      .where("session_id", "=", step.sessionId)
      .where("revision", "=", step.revision)
      .where("step", "=", step.step)
      .executeTakeFirstOrThrow();
    return { kind: "existing", step: stepOf(existing) };
  });
  if (step.identity !== undefined) await awaitAccepts(store, step.organizationId, step.identity);
  return begun;
}

/**
 * The next Accept of each session is to wake the workflow (store/repeat-records.ts). After the step is there for all to see: an
 * Accept that was being written until then did not see it. Each session alone: none is locked while another is waited for. (One
 * that opens a session and has met no other of the identity yet is not waited for: its next is heard of at the end of the wait.)
 */
async function awaitAccepts(store: Store, organizationId: OrganizationId, identity: IdentityKey): Promise<void> {
  const open = sql<{ id: SessionId }>`
    select id from sessions where organization_id = ${organizationId} and identity = ${identity} and ended_at is null`;
  // The first look waits for Accepts that are being written; what they open only the second sees.
  for (let look = 1; look <= 2; look++) {
    const { rows } = await open.execute(store.db);
    for (const { id } of rows) await sql`update sessions set told_at = null where id = ${id}`.execute(store.db);
  }
}

/** How the NAS answered. */
export async function finishStep(
  store: Store,
  key: Pick<EnforcementStep, "sessionId" | "revision" | "step">,
  outcome: CoaOutcome,
): Promise<void> {
  await store.db
    .updateTable("enforcements")
    .set({ outcome: jsonText(outcome) })
    .where("session_id", "=", key.sessionId)
    .where("revision", "=", key.revision)
    .where("step", "=", key.step)
    .execute();
}

/** Ends an enforcement, all its steps. One that is closed already keeps its result. */
export async function closeEnforcement(
  store: Store,
  sessionId: SessionId,
  revision: number,
  result: EnforcementResult,
): Promise<void> {
  await store.db
    .updateTable("enforcements")
    .set({ closed_at: sql<Date>`now()`, result })
    .where("session_id", "=", sessionId)
    .where("revision", "=", revision)
    .where("closed_at", "is", null)
    .execute();
}

/**
 * NASes that could not be told can be reached again: what waits for that at their open sessions, or has failed for want of
 * it, begins anew. Each identity's workflow is told; answers with how many are.
 */
export async function resumeEnforcements(store: Store, nasIds: readonly NasId[], text: string): Promise<number> {
  const { rows } = await sql`
    with latest as (
      select distinct on (e.session_id) e.*
      from sessions s join enforcements e on e.session_id = s.id
      where s.nas_id = any(${[...nasIds]}::uuid[]) and s.ended_at is null
      order by e.session_id, e.revision desc, e.step desc
    ), waiting as (
      -- In the order of their keys: a NAS may come back to two edges at once.
      select e.session_id, e.revision, e.step
      from latest l join enforcements e on e.session_id = l.session_id and e.revision = l.revision
      where (e.closed_at is null or e.result = 'failed')
        -- A NAS that refused has been reached; one that may yet answer is waited for. One that did not answer is asked again
        -- by a link that opens now, but not each time that it flutters: there would be an alarm each time.
        and case
          when l.outcome ->> 'kind' in ('noPath', 'busy') then l.result = 'failed' or l.closed_at is null
          when coalesce(l.outcome ->> 'kind', 'noAnswer') = 'noAnswer' then l.result = 'failed' and l.sent_at < now() - ${SHORTEST_PAUSE_MS} * interval '1 ms'
          else false end
      order by e.session_id, e.revision, e.step
      for update of e
    ), resumed as (
      update enforcements e set closed_at = coalesce(e.closed_at, now()), result = 'superseded'
      from waiting w
      where e.session_id = w.session_id and e.revision = w.revision and e.step = w.step
      returning e.organization_id, e.identity
    ), wishes as (
      insert into outbox (organization_id, kind, subject, payload)
      select distinct organization_id, 'session_changed', identity,
        jsonb_build_object('eventId', ${newId()}::text, 'text', ${text}::text)
      from resumed where identity is not null
      order by organization_id, identity
      on conflict (organization_id, kind, subject) do update set
        generation = outbox.generation + 1, payload = excluded.payload
      returning id
    )
    select pg_notify(${OUTBOX_CHANNEL}, '') from wishes
  `.execute(store.db);
  return rows.length;
}

function stepOf(row: Selectable<Enforcements>): EnforcementStep {
  return {
    sessionId: row.session_id,
    revision: row.revision,
    step: row.step,
    organizationId: row.organization_id,
    identity: row.identity ?? undefined,
    desired: row.desired,
    stepName: row.step_name,
    sentAt: row.sent_at.getTime(),
    outcome: row.outcome ?? undefined,
    closedAt: row.closed_at?.getTime(),
    result: row.result ?? undefined,
  };
}
