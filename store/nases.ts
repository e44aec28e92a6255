import type { Kysely, Selectable } from "kysely";
import { sql } from "kysely";
import type { NasId, OrganizationId } from "../domain/identifiers.ts";
import { DEFAULT_COA_PORT } from "../domain/nas.ts";
import type { Nas } from "../domain/nas.ts";
import type { Secret } from "../domain/secret.ts";
import type { DB as Database, Nases } from "./database.ts";
import { parseNasAddress } from "./nas-address.ts";
import type { AddressFault } from "./nas-address.ts";
import { newId } from "./new-id.ts";
import type { Store, Trx } from "./pool.ts";
import { bumpRevision } from "./revisions.ts";
import type { Seals } from "./seals.ts";

/** A NAS as people see it: its secret stays sealed. */
export type NasView = Omit<Nas, "secret"> & {
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly modifiedAt: number;
};

export interface NasDraft {
  readonly name: string;
  /** IP address or prefix. */
  readonly address: string;
  readonly nasIdentifier?: string | undefined;
  readonly secret: Secret;
  readonly profile: string;
  readonly coaAddress?: string | undefined;
  readonly coaPort?: number | undefined;
  readonly siteId?: string | undefined;
}

export type NasSaved =
  | { readonly kind: "ok"; readonly nas: NasView }
  /** The address overlaps one of another organization, which is not named (behaviour 8.1). */
  | { readonly kind: "overlap" }
  /** Address and NAS-Identifier are registered already. */
  | { readonly kind: "duplicate" }
  | AddressFault;
type NotFound = { readonly kind: "notFound" };

export async function createNas(store: Store, organizationId: OrganizationId, draft: NasDraft): Promise<NasSaved> {
  const id = newId<NasId>();
  const columns = await columnsOf(store, id, draft);
  if ("kind" in columns) return columns;
  return store.db.transaction().execute(async (trx) => {
    const conflict = await conflictOf(trx, organizationId, id, columns);
    if (conflict !== undefined) return { kind: conflict };
    const row = await trx
      .insertInto("nases")
      .values({ id, organization_id: organizationId, ...columns })
      .returningAll()
      .executeTakeFirstOrThrow();
    await bumpRevision(trx, organizationId);
    return { kind: "ok", nas: viewOf(row) };
  });
}

/** Replaces all but id and creation; without `secret` that stays too. */
export async function updateNas(
  store: Store,
  organizationId: OrganizationId,
  id: NasId,
  draft: Omit<NasDraft, "secret"> & { readonly secret?: Secret | undefined },
): Promise<NasSaved | NotFound> {
  const columns = await columnsOf(store, id, draft);
  if ("kind" in columns) return columns;
  return store.db.transaction().execute(async (trx) => {
    const conflict = await conflictOf(trx, organizationId, id, columns);
    if (conflict !== undefined) return { kind: conflict };
    const row = await trx
      .updateTable("nases")
      .set({ ...columns, modified_at: sql<Date>`now()` })
      .where("organization_id", "=", organizationId)
      .where("id", "=", id)
      .returningAll()
      .executeTakeFirst();
    if (row === undefined) return { kind: "notFound" };
    await bumpRevision(trx, organizationId);
    return { kind: "ok", nas: viewOf(row) };
  });
}

/** False when the organization has no such NAS. */
export function deleteNas(store: Store, organizationId: OrganizationId, id: NasId): Promise<boolean> {
  return store.db.transaction().execute(async (trx) => {
    const { numDeletedRows } = await trx
      .deleteFrom("nases")
      .where("organization_id", "=", organizationId)
      .where("id", "=", id)
      .executeTakeFirst();
    if (numDeletedRows === 0n) return false;
    await bumpRevision(trx, organizationId);
    return true;
  });
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
  return rows.map(viewOf);
}

export async function findNas(store: Store, organizationId: OrganizationId, id: NasId): Promise<NasView | undefined> {
  const row = await store.db
    .selectFrom("nases")
    .selectAll()
    .where("organization_id", "=", organizationId)
    .where("id", "=", id)
    .executeTakeFirst();
  return row && viewOf(row);
}

/** NASes with their secrets: of the organizations named, or of all. */
export function loadNases(store: Store, organizationIds?: readonly OrganizationId[]): Promise<readonly Nas[]> {
  return readNases(store.db, store.seals, organizationIds);
}

/** `loadNases` within a transaction. */
export async function readNases(
  db: Kysely<Database>,
  seals: Seals,
  organizationIds?: readonly OrganizationId[],
): Promise<readonly Nas[]> {
  let query = db.selectFrom("nases").selectAll().orderBy("id");
  if (organizationIds !== undefined) query = query.where("organization_id", "in", organizationIds);
  if (organizationIds?.length === 0) return [];
  const rows = await query.execute();
  return Promise.all(
    rows.map(async (row) => ({ ...nasOf(row), secret: await seals.open(row.secret_sealed, contextOf(row.id)) })),
  );
}

/**
 * What stands in the way of an address. The lock makes two writers wait for each other, so that neither can slip an
 * overlap past the other's check; readers go on.
 */
async function conflictOf(
  trx: Trx,
  organizationId: OrganizationId,
  id: NasId,
  { address, nas_identifier }: { readonly address: string; readonly nas_identifier: string | null },
): Promise<"overlap" | "duplicate" | undefined> {
  await sql`lock table nases in share row exclusive mode`.execute(trx);
  const others = await trx
    .selectFrom("nases")
    .select(["organization_id", "address", "nas_identifier"])
    .where("id", "<>", id)
    .where(sql<boolean>`address && ${address}::cidr`)
    .execute();
  if (others.some((other) => other.organization_id !== organizationId)) return "overlap";
  const twin = others.find((other) => other.address === address && other.nas_identifier === nas_identifier);
  return twin && "duplicate";
}

async function columnsOf<Draft extends Omit<NasDraft, "secret"> & { readonly secret?: Secret | undefined }>(
  store: Store,
  id: NasId,
  draft: Draft,
) {
  const parsed = await parseNasAddress(store, draft);
  if (parsed.kind !== "ok") return parsed;
  const sealed = draft.secret && { secret_sealed: await store.seals.seal(draft.secret, contextOf(id)) };
  return {
    name: draft.name,
    address: parsed.address,
    nas_identifier: draft.nasIdentifier ?? null,
    profile: draft.profile,
    coa_address: parsed.coaAddress,
    coa_port: draft.coaPort ?? DEFAULT_COA_PORT,
    site_id: draft.siteId ?? null,
    ...(sealed as Draft extends NasDraft ? { secret_sealed: string } : { secret_sealed?: string }),
  };
}

function contextOf(id: NasId): string {
  return `nas:${id}`;
}

function viewOf(row: Selectable<Nases>): NasView {
  return { ...nasOf(row), createdAt: row.created_at.getTime(), modifiedAt: row.modified_at.getTime() };
}

function nasOf(row: Selectable<Nases>): Omit<Nas, "secret"> {
  return {
    id: row.id,
    organizationId: row.organization_id,
    name: row.name,
    address: row.address,
    nasIdentifier: row.nas_identifier ?? undefined,
    profile: row.profile,
    coaAddress: row.coa_address ?? undefined,
    coaPort: row.coa_port,
    siteId: row.site_id ?? undefined,
  };
}
