import type { Kysely } from "kysely";
import type { OrganizationId } from "../domain/identifiers.ts";
import type { IdentityKey } from "../domain/identity.ts";
import { neverLookedUp } from "../domain/verdict.ts";
import type { Verdict } from "../domain/verdict.ts";
import type { DB as Database } from "./database.ts";
import { jsonText } from "./json.ts";
import type { Store } from "./pool.ts";
import { bumpRevision } from "./revisions.ts";

export interface IdentityVerdict {
  readonly identity: IdentityKey;
  readonly verdict: Verdict;
}

export async function readVerdict(
  store: Store,
  organizationId: OrganizationId,
  identity: IdentityKey,
): Promise<Verdict | undefined> {
  const row = await store.db
    .selectFrom("verdicts")
    .select("verdict")
    .where("organization_id", "=", organizationId)
    .where("identity", "=", identity)
    .executeTakeFirst();
  return row && verdictOf(row.verdict);
}

/**
 * Stores what `nextVerdict` made and tells the edges, in one transaction; answers with the new revision. An unchanged
 * verdict has a new due time, which edges need as well, so that each answer has a revision; `changed` decides nothing
 * here but is part of the answer that is stored: `changedAt` stays as it is given.
 */
export function storeVerdict(
  store: Store,
  organizationId: OrganizationId,
  identity: IdentityKey,
  { verdict }: { readonly verdict: Verdict; readonly changed: boolean },
): Promise<number> {
  return store.db.transaction().execute(async (trx) => {
    const revision = await bumpRevision(trx, organizationId);
    const columns = {
      verdict: jsonText({ ...verdict, revision }),
      status: verdict.status,
      account_id: verdict.source?.accountId ?? null,
      revision,
      checked_at: dateOf(verdict.checkedAt),
      changed_at: dateOf(verdict.changedAt),
      due_at: new Date(verdict.dueAt),
    };
    await trx
      .insertInto("verdicts")
      .values({ organization_id: organizationId, identity, ...columns })
      .onConflict((conflict) => conflict.columns(["organization_id", "identity"]).doUpdateSet(columns))
      .execute();
    return revision;
  });
}

/** Verdicts above a revision, in the order of their revisions. */
export function changedVerdicts(
  store: Store,
  organizationId: OrganizationId,
  aboveRevision: number,
): Promise<readonly IdentityVerdict[]> {
  return readVerdicts(store.db, organizationId, aboveRevision);
}

export async function loadVerdicts(
  store: Store,
  organizationId: OrganizationId,
): Promise<ReadonlyMap<IdentityKey, Verdict>> {
  const verdicts = await readVerdicts(store.db, organizationId, 0);
  return new Map(verdicts.map(({ identity, verdict }) => [identity, verdict]));
}

/** `changedVerdicts` within a transaction. */
export async function readVerdicts(
  db: Kysely<Database>,
  organizationId: OrganizationId,
  aboveRevision: number,
): Promise<readonly IdentityVerdict[]> {
  const rows = await db
    .selectFrom("verdicts")
    .select(["identity", "verdict"])
    .where("organization_id", "=", organizationId)
    .where("revision", ">", aboveRevision)
    .orderBy("revision")
    .execute();
  return rows.map((row) => ({ identity: row.identity, verdict: verdictOf(row.verdict) }));
}

/** JSON has no `undefined`: fields that are absent in it get their key back. */
export function verdictOf(stored: Verdict): Verdict {
  return { ...neverLookedUp(), ...stored };
}

function dateOf(instant: number | undefined): Date | null {
  return instant === undefined ? null : new Date(instant);
}
