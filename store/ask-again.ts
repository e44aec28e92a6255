import { sql } from "kysely";
import type { OrganizationId } from "../domain/identifiers.ts";
import type { IdentityKey } from "../domain/identity.ts";
import { inUse } from "./identities-in-use.ts";
import { newId } from "./new-id.ts";
import { OUTBOX_CHANNEL } from "./outbox.ts";
import type { Trx } from "./pool.ts";
import { bumpRevision } from "./revisions.ts";

/**
 * A new account may know what no other did: the look-up of each identity in use without an MDM's answer, or not enrolled,
 * is due now and wished for. The relay paces them. `text` is the cause, for people who read the workflow's history.
 */
export async function askAgain(trx: Trx, organizationId: OrganizationId, text: string): Promise<void> {
  const { rows } = await sql<{ identity: IdentityKey }>`
    select identity from verdicts v
    where organization_id = ${organizationId} and (checked_at is null or verdict ->> 'reason' = 'notEnrolled')
      and ${inUse(organizationId, sql`v.identity`)}
  `.execute(trx);
  if (rows.length === 0) return;
  const identities = rows.map(({ identity }) => identity);
  const revision = await bumpRevision(trx, organizationId, "verdicts");
  await sql`
    update verdicts
    set due_at = now(), revision = ${revision}, verdict = verdict || jsonb_build_object(
      'dueAt', floor(extract(epoch from now()) * 1000), 'revision', ${revision}::bigint)
    where organization_id = ${organizationId} and identity = any(${identities})
  `.execute(trx);
  await sql`
    insert into outbox (organization_id, kind, subject, payload)
    select ${organizationId}, 'seen', identity, jsonb_build_object('eventId', ${newId()}::text, 'text', ${text}::text)
    from unnest(${identities}::text[]) as identity
    on conflict (organization_id, kind, subject) do update set
      generation = outbox.generation + 1, payload = excluded.payload
  `.execute(trx);
  await sql`select pg_notify(${OUTBOX_CHANNEL}, '')`.execute(trx);
}
