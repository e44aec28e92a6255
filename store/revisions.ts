import { sql } from "kysely";
import type { OrganizationId } from "../domain/identifiers.ts";
import type { Trx } from "./pool.ts";

/** The channel on which edges hear of changes; the payload is a `Change` (notifications.ts). */
export const CHANGE_CHANNEL = "portcullis";

/** What edges hold of an organization, in parts that they read anew only where they changed. */
export type EdgePart = "configuration" | "people" | "revocation" | "verdicts";

/**
 * The one place that raises an organization's revision, for a change of one part. The row stays locked until commit, so
 * that revisions become visible in their order and "everything above N" misses nothing; the notification goes out with the
 * commit.
 */
export async function bumpRevision(trx: Trx, organizationId: OrganizationId, part: EdgePart): Promise<number> {
  const next = sql<number>`revision + 1`;
  const { revision } = await trx
    .updateTable("organizations")
    .set({
      revision: next,
      ...(part === "configuration" ? { configuration_revision: next } : {}),
      ...(part === "people" ? { people_revision: next } : {}),
      ...(part === "revocation" ? { revocation_revision: next } : {}),
    })
    .where("id", "=", organizationId)
    .returning("revision")
    .executeTakeFirstOrThrow(() => new Error(`there is no organization ${organizationId}`));
  const payload = JSON.stringify({ organization: organizationId, revision });
  await sql`select pg_notify(${CHANGE_CHANNEL}, ${payload})`.execute(trx);
  return revision;
}

/**
 * Makes changes to one organization's rules, labels, accounts and users wait for each other, and no reader for them. It comes
 * before any row of theirs: who came to it with a row in hand would wait for one who wants that row.
 */
export async function lockOrganization(trx: Trx, organizationId: OrganizationId): Promise<void> {
  await trx
    .selectFrom("organizations")
    .select("id")
    .where("id", "=", organizationId)
    .forNoKeyUpdate()
    .executeTakeFirstOrThrow(() => new Error(`there is no organization ${organizationId}`));
}
