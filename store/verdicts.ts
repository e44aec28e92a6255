import type { Kysely } from "kysely";
import { sql } from "kysely";
import type { OrganizationId } from "../domain/identifiers.ts";
import type { IdentityKey } from "../domain/identity.ts";
import { neverLookedUp } from "../domain/verdict.ts";
import type { DecisiveVerdict, Verdict } from "../domain/verdict.ts";
import type { DB as Database } from "./database.ts";
import { jsonText } from "./json.ts";
import type { Store } from "./pool.ts";
import { bumpRevision } from "./revisions.ts";

/** As much of a verdict as edges hold, and whose it is. */
export interface IdentityVerdict {
  readonly identity: IdentityKey;
  readonly verdict: DecisiveVerdict;
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
    const revision = await bumpRevision(trx, organizationId, "verdicts");
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

/** So many rows are a message of about a megabyte, and a pause of some milliseconds. */
const PAGE = 5_000;

/** The decisive part of the verdicts above a revision, in the order of their revisions. */
export async function readVerdicts(
  db: Kysely<Database>,
  organizationId: OrganizationId,
  aboveRevision: number,
  onVerdict: (verdict: IdentityVerdict) => void,
): Promise<void> {
  let last: Place | undefined = { revision: aboveRevision, identity: LAST_IDENTITY };
  while (last !== undefined) last = await readPage(db, organizationId, last, onVerdict);
}

type Place = Pick<DecisiveRow, "revision" | "identity">;

/**
 * Answers with the place of the last verdict of a full page, behind which the next begins. Nothing may hold a page while the next
 * is waited for: what is found in use then stays until a whole collection, and that was the greater part of a million (measured).
 */
async function readPage(
  db: Kysely<Database>,
  organizationId: OrganizationId,
  last: Place,
  onVerdict: (verdict: IdentityVerdict) => void,
): Promise<Place | undefined> {
  // One JSON text for a page: reading a million rows field by field takes the driver many times as long.
  const { rows: results } = await sql<{ page: readonly DecisiveRow[] | null }>`
    select json_agg(v order by v.revision, v.identity collate "C") as page
    from (
      select identity, revision, status, verdict ->> 'reason' as reason, verdict ->> 'matchedBy' as "matchedBy",
        verdict ->> 'matchedMac' as "matchedMac", (verdict ->> 'checkedAt')::float8 as "checkedAt",
        (verdict ->> 'dueAt')::float8 as "dueAt"
      from verdicts
      where organization_id = ${organizationId} and revision >= ${last.revision}
        and (revision, identity collate "C") > (${last.revision}, ${last.identity})
      order by revision, identity collate "C"
      limit ${PAGE}
    ) as v
  `.execute(db);
  const rows = results.pop()?.page ?? []; // taken out: the driver holds on to its result
  for (const row of rows) onVerdict(decisiveOf(row));
  const end = rows.at(-1);
  return end === undefined || rows.length < PAGE ? undefined : { revision: end.revision, identity: end.identity };
}

export async function countVerdicts(db: Kysely<Database>, organizationId: OrganizationId): Promise<number> {
  const { count } = await db
    .selectFrom("verdicts")
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .where("organization_id", "=", organizationId)
    .executeTakeFirstOrThrow();
  return count;
}

/** Behind every identity of one revision: they begin with `device:` or `mac:`. */
const LAST_IDENTITY = "~" as IdentityKey;

/** As `DecisiveVerdict`, with the database's word for nothing. */
interface DecisiveRow extends Pick<DecisiveVerdict, "status" | "reason" | "revision" | "dueAt"> {
  readonly identity: IdentityKey;
  readonly matchedBy: Verdict["matchedBy"] | null;
  readonly matchedMac: Verdict["matchedMac"] | null;
  readonly checkedAt: number | null;
}

/** Written out: by rest and spread it took half as long again, for each of a million (measured). */
function decisiveOf(row: DecisiveRow): IdentityVerdict {
  return {
    identity: row.identity,
    verdict: {
      status: row.status,
      reason: row.reason,
      matchedBy: row.matchedBy ?? undefined,
      matchedMac: row.matchedMac ?? undefined,
      revision: row.revision,
      checkedAt: row.checkedAt ?? undefined,
      dueAt: row.dueAt,
    },
  };
}

/** JSON has no `undefined`: fields that are absent in it get their key back. */
export function verdictOf(stored: Verdict): Verdict {
  return { ...neverLookedUp(), ...stored };
}

function dateOf(instant: number | undefined): Date | null {
  return instant === undefined ? null : new Date(instant);
}
