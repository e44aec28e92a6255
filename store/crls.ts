import type { Selectable, Transaction } from "kysely";
import { sql } from "kysely";
import { isNewer, scopeKey } from "../domain/crl.ts";
import type { Crl } from "../domain/crl.ts";
import type { CrlId, OrganizationId } from "../domain/identifiers.ts";
import type { Crls, DB as Database } from "./database.ts";
import { newId } from "./new-id.ts";
import type { Store } from "./pool.ts";
import { bumpRevision, lockOrganization } from "./revisions.ts";

/** A certificate revocation list as people see it: without its octets. Times are epoch milliseconds. */
export interface StoredCrl {
  readonly id: CrlId;
  /** The authority that signed it, as runtime/crl-signature.ts names it. */
  readonly issuer: string;
  readonly name: string;
  readonly source: "uploaded" | "fetched";
  /** Where it was fetched from. */
  readonly url: string | undefined;
  /** CRL number, hexadecimal. */
  readonly number: string | undefined;
  readonly thisUpdate: number;
  readonly nextUpdate: number;
  /** Certificates that it revokes. */
  readonly entries: number;
  readonly createdAt: number;
  readonly modifiedAt: number;
}

export interface CrlDraft {
  /** The authority that signed it, as runtime/crl-signature.ts names it. */
  readonly issuer: string;
  readonly name: string;
  /** `undefined`: uploaded. */
  readonly url: string | undefined;
  readonly crl: Crl;
}

export type CrlSaved =
  | { readonly kind: "ok"; readonly crl: StoredCrl }
  /** The same octets are held already. */
  | { readonly kind: "unchanged"; readonly crl: StoredCrl }
  /** A newer one is held, and stays. */
  | { readonly kind: "older"; readonly crl: StoredCrl }
  | { readonly kind: "tooMany"; readonly most: number };

/** Edges hold all of them in memory. */
const MOST = 64;

type Row = Omit<Selectable<Crls>, "der">;
const COLUMNS = [
  "id",
  "organization_id",
  "issuer",
  "scope",
  "name",
  "source",
  "url",
  "crl_number",
  "this_update",
  "next_update",
  "entries",
  "created_at",
  "modified_at",
] as const;

/** By name. */
export async function listCrls(store: Store, organizationId: OrganizationId): Promise<readonly StoredCrl[]> {
  const rows = await store.db
    .selectFrom("crls")
    .select(COLUMNS)
    .where("organization_id", "=", organizationId)
    .orderBy("name")
    .orderBy("id")
    .execute();
  return rows.map(crlOf);
}

/** Takes the place of the list of the same issuer and scope, unless that one is newer; tells the edges. */
export function saveCrl(store: Store, organizationId: OrganizationId, draft: CrlDraft): Promise<CrlSaved> {
  return store.db.transaction().execute(async (trx) => {
    await lockOrganization(trx, organizationId);
    const held = await findHeld(trx, organizationId, draft);
    if (held !== undefined) {
      const { der, ...row } = held;
      const stored = crlOf(row);
      if (der.equals(draft.crl.der)) return { kind: "unchanged", crl: stored };
      if (!isNewer(draft.crl, stored)) return { kind: "older", crl: stored };
    } else if ((await countCrls(trx, organizationId)) >= MOST) return { kind: "tooMany", most: MOST };
    const columns = columnsOf(draft);
    const row = await trx
      .insertInto("crls")
      .values({ id: newId<CrlId>(), organization_id: organizationId, ...columns })
      .onConflict((conflict) =>
        conflict
          .columns(["organization_id", "issuer", "scope"])
          .doUpdateSet({ ...columns, modified_at: sql<Date>`now()` }),
      )
      .returning(COLUMNS)
      .executeTakeFirstOrThrow();
    await bumpRevision(trx, organizationId, "revocation");
    return { kind: "ok", crl: crlOf(row) };
  });
}

/** False when the organization has no such list. Where it was fetched from is asked again in the next round. */
export function deleteCrl(store: Store, organizationId: OrganizationId, id: CrlId): Promise<boolean> {
  return store.db.transaction().execute(async (trx) => {
    await lockOrganization(trx, organizationId);
    const deleted = await trx
      .deleteFrom("crls")
      .where("organization_id", "=", organizationId)
      .where("id", "=", id)
      .returning("url")
      .executeTakeFirst();
    if (deleted === undefined) return false;
    await trx
      .updateTable("crl_sources")
      .set({ next_fetch_at: sql<Date>`now()` })
      .where("organization_id", "=", organizationId)
      .where("url", "=", deleted.url)
      .execute();
    await bumpRevision(trx, organizationId, "revocation");
    return true;
  });
}

function findHeld(trx: Transaction<Database>, organizationId: OrganizationId, { issuer, crl }: CrlDraft) {
  return trx
    .selectFrom("crls")
    .selectAll()
    .where("organization_id", "=", organizationId)
    .where("issuer", "=", issuer)
    .where("scope", "=", scopeKey(crl.scope))
    .executeTakeFirst();
}

async function countCrls(trx: Transaction<Database>, organizationId: OrganizationId): Promise<number> {
  const { count } = await trx
    .selectFrom("crls")
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .where("organization_id", "=", organizationId)
    .executeTakeFirstOrThrow();
  return Number(count);
}

function columnsOf({ issuer, name, url, crl }: CrlDraft) {
  return {
    issuer,
    scope: scopeKey(crl.scope),
    name,
    source: url === undefined ? ("uploaded" as const) : ("fetched" as const),
    url: url ?? null,
    crl_number: crl.number ?? null,
    this_update: new Date(crl.thisUpdate),
    next_update: new Date(crl.nextUpdate),
    entries: crl.entries.count,
    der: Buffer.from(crl.der.buffer, crl.der.byteOffset, crl.der.byteLength),
  };
}

function crlOf(row: Row): StoredCrl {
  return {
    id: row.id,
    issuer: row.issuer,
    name: row.name,
    source: row.source,
    url: row.url ?? undefined,
    number: row.crl_number ?? undefined,
    thisUpdate: row.this_update.getTime(),
    nextUpdate: row.next_update.getTime(),
    entries: row.entries,
    createdAt: row.created_at.getTime(),
    modifiedAt: row.modified_at.getTime(),
  };
}
