import { sql } from "kysely";
import type { RawBuilder } from "kysely";
import type { OrganizationId } from "../domain/identifiers.ts";
import type { IdentityKey } from "../domain/identity.ts";
import type { Store } from "./pool.ts";

/** An identity that is due a workflow. */
export interface IdentityInUse {
  readonly organizationId: OrganizationId;
  readonly identity: IdentityKey;
  /** Epoch milliseconds of the next look-up; `undefined` where none ever was. */
  readonly dueAt: number | undefined;
}

/**
 * Pages through the identities in use, of all organizations: an open session, or an authentication within 14 days
 * (behaviour 9.2). Go on with the last one as `after` until a page is empty.
 */
export async function identitiesInUse(
  store: Store,
  page: { readonly after?: Pick<IdentityInUse, "organizationId" | "identity"> | undefined; readonly limit: number },
): Promise<readonly IdentityInUse[]> {
  const { after } = page;
  const beyond =
    after === undefined
      ? sql`true`
      : sql`(organization_id, identity) > (${after.organizationId}::uuid, ${after.identity})`;
  const { rows } = await sql<{ organization_id: OrganizationId; identity: IdentityKey; due_at: Date | null }>`
    select organization_id, identity, v.due_at
    from (
      select organization_id, identity from clients
      where identity is not null and authenticated_at > now() - interval '14 days' and ${beyond}
      union
      select organization_id, identity from sessions
      where identity is not null and ended_at is null and ${beyond}
      order by organization_id, identity
      limit ${page.limit}
    ) as used
    left join verdicts v using (organization_id, identity)
    order by organization_id, identity
  `.execute(store.db);
  return rows.map((row) => ({
    organizationId: row.organization_id,
    identity: row.identity,
    dueAt: row.due_at?.getTime(),
  }));
}

/** Whether one identity is in use, by the same measure. */
export async function isInUse(store: Store, organizationId: OrganizationId, identity: IdentityKey): Promise<boolean> {
  const { rows } = await sql<{ in_use: boolean }>`
    select ${inUse(organizationId, sql`${identity}`)} as in_use
  `.execute(store.db);
  return rows[0]?.in_use ?? false;
}

/** The measure, for the identity that an expression names. */
export function inUse(organizationId: OrganizationId, identity: RawBuilder<unknown>): RawBuilder<boolean> {
  return sql<boolean>`(
    exists (
      select from clients c
      where c.organization_id = ${organizationId} and c.identity = ${identity}
        and c.authenticated_at > now() - interval '14 days'
    ) or exists (
      select from sessions s
      where s.organization_id = ${organizationId} and s.identity = ${identity} and s.ended_at is null
    )
  )`;
}
