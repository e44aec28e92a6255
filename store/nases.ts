import type { Kysely } from "kysely";
import { sql } from "kysely";
import type { NasId, OrganizationId } from "../domain/identifiers.ts";
import type { Nas } from "../domain/nas.ts";
import type { DB as Database } from "./database.ts";
import type { AddressFault } from "./nas-address.ts";
import { isProvable, nasColumns, rotatedSecrets } from "./nas-columns.ts";
import type { NasDraft } from "./nas-columns.ts";
import { lockNases, nasConflict } from "./nas-conflict.ts";
import type { NasConflict } from "./nas-conflict.ts";
import { nasView, openNas } from "./nas-rows.ts";
import type { NasRow, NasView, UnopenedNas } from "./nas-rows.ts";
import { newId } from "./new-id.ts";
import { deleteOwned } from "./owned-rows.ts";
import type { Store } from "./pool.ts";
import { bumpRevision, lockOrganization } from "./revisions.ts";
import type { Seals } from "./seals.ts";

export type NasSaved =
  | { readonly kind: "ok"; readonly nas: NasView }
  | NasConflict
  /** Nothing says how the NAS proves itself. */
  | { readonly kind: "unprovable" }
  | AddressFault;
type NotFound = { readonly kind: "notFound" };

export async function createNas(store: Store, organizationId: OrganizationId, draft: NasDraft): Promise<NasSaved> {
  const id = newId<NasId>();
  return store.db.transaction().execute(async (trx) => {
    const columns = await nasColumns(trx, store.seals, id, draft);
    if ("kind" in columns) return columns;
    if (!isProvable(columns)) return { kind: "unprovable" };
    await lockOrganization(trx, organizationId);
    await lockNases(trx);
    const conflict = await nasConflict(trx, organizationId, id, columns);
    if (conflict !== undefined) return conflict;
    const row = await trx
      .insertInto("nases")
      .values({ id, organization_id: organizationId, ...columns })
      .returningAll()
      .executeTakeFirstOrThrow();
    await bumpRevision(trx, organizationId, "configuration");
    return { kind: "ok", nas: nasView(row) };
  });
}

/**
 * Replaces all but id and creation with what `change` makes of the NAS as it is: nobody else changes it meanwhile. Without
 * `secret` that stays too; what `change` throws leaves everything as it was.
 */
export async function updateNas(
  store: Store,
  organizationId: OrganizationId,
  id: NasId,
  change: (current: NasView) => NasDraft,
): Promise<NasSaved | NotFound> {
  return store.db.transaction().execute(async (trx) => {
    await lockOrganization(trx, organizationId);
    await lockNases(trx);
    const before = await rowOf(trx, organizationId, id);
    if (before === undefined) return { kind: "notFound" };
    const draft = change(nasView(before));
    const columns = await nasColumns(trx, store.seals, id, draft);
    if ("kind" in columns) return columns;
    const conflict = await nasConflict(trx, organizationId, id, columns);
    if (conflict !== undefined) return conflict;
    const secrets = await rotatedSecrets(before, columns.secret_sealed, draft, store.seals);
    if (!isProvable({ ...columns, ...secrets })) return { kind: "unprovable" };
    const row = await trx
      .updateTable("nases")
      .set({ ...columns, ...secrets, modified_at: sql<Date>`now()` })
      .where("id", "=", id)
      .returningAll()
      .executeTakeFirstOrThrow();
    await bumpRevision(trx, organizationId, "configuration");
    return { kind: "ok", nas: nasView(row) };
  });
}

/** False when the organization has no such NAS. */
export function deleteNas(store: Store, organizationId: OrganizationId, id: NasId): Promise<boolean> {
  return deleteOwned(store, organizationId, { table: "nases", id, part: "configuration" });
}

/** All NASes of an organization, by name. */
export async function listNases(store: Store, organizationId: OrganizationId): Promise<readonly NasView[]> {
  const rows = await store.db
    .selectFrom("nases")
    .selectAll()
    .where("organization_id", "=", organizationId)
    .orderBy("name")
    .orderBy("id")
    .execute();
  return rows.map(nasView);
}

export async function findNas(store: Store, organizationId: OrganizationId, id: NasId): Promise<NasView | undefined> {
  const row = await rowOf(store.db, organizationId, id);
  return row && nasView(row);
}

function rowOf(db: Kysely<Database>, organizationId: OrganizationId, id: NasId): Promise<NasRow | undefined> {
  return db
    .selectFrom("nases")
    .selectAll()
    .where("organization_id", "=", organizationId)
    .where("id", "=", id)
    .executeTakeFirst();
}

/** NASes with their secrets, and those whose secrets do not open: one of them must not cost all others their edge. */
export interface OpenedNases {
  readonly nases: readonly Nas[];
  readonly unopenedNases: readonly UnopenedNas[];
}

/** NASes with their secrets: of the organizations named, or of all. */
export async function loadNases(store: Store, organizationIds?: readonly OrganizationId[]): Promise<readonly Nas[]> {
  return (await readNases(store.db, store.seals, organizationIds)).nases;
}

/** `loadNases` within a transaction, with those that do not open. */
export async function readNases(
  db: Kysely<Database>,
  seals: Seals,
  organizationIds?: readonly OrganizationId[],
): Promise<OpenedNases> {
  let query = db.selectFrom("nases").selectAll().orderBy("id");
  if (organizationIds !== undefined) query = query.where("organization_id", "in", organizationIds);
  if (organizationIds?.length === 0) return { nases: [], unopenedNases: [] };
  return openAll(await query.execute(), seals);
}

/** Those among the NASes named whose secrets do not open. */
export async function findUnopened({ db, seals }: Store, ids: readonly NasId[]): Promise<readonly UnopenedNas[]> {
  if (ids.length === 0) return [];
  const rows = await db.selectFrom("nases").selectAll().where("id", "in", ids).execute();
  return (await openAll(rows, seals)).unopenedNases;
}

async function openAll(rows: readonly NasRow[], seals: Seals): Promise<OpenedNases> {
  const all = await Promise.all(rows.map((row) => openNas(row, seals)));
  return {
    nases: all.flatMap((nas) => ("sentence" in nas ? [] : nas)),
    unopenedNases: all.flatMap((nas) => ("sentence" in nas ? nas : [])),
  };
}
