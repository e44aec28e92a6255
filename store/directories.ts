import type { Kysely, Selectable } from "kysely";
import { sql } from "kysely";
import type { Directory } from "../domain/directory.ts";
import type { DirectoryId, OrganizationId } from "../domain/identifiers.ts";
import { isSecret } from "../domain/secret.ts";
import type { Secret } from "../domain/secret.ts";
import type { DB as Database, Directories } from "./database.ts";
import { newId } from "./new-id.ts";
import { deleteOwned, isNameTaken } from "./owned-rows.ts";
import type { Store } from "./pool.ts";
import { bumpRevision, lockOrganization } from "./revisions.ts";
import { openOrTell } from "./seals.ts";
import type { Seals } from "./seals.ts";

/** A directory as people see it: its bind password stays sealed. */
export type DirectoryView = Omit<Directory, "bindPassword"> & {
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly modifiedAt: number;
};

type DirectoryFields = Omit<Directory, "id" | "organizationId" | "bindPassword">;
export type DirectoryDraft = DirectoryFields & { readonly bindPassword: Secret };
type DirectoryChange = DirectoryFields & { readonly bindPassword?: Secret | undefined };

export type DirectorySaved =
  | { readonly kind: "ok"; readonly directory: DirectoryView }
  | { readonly kind: "nameTaken" };
type NotFound = { readonly kind: "notFound" };

export async function createDirectory(
  store: Store,
  organizationId: OrganizationId,
  draft: DirectoryDraft,
): Promise<DirectorySaved> {
  const id = newId<DirectoryId>();
  const bindPassword = await store.seals.seal(draft.bindPassword, directoryContext(id));
  return store.db.transaction().execute(async (trx) => {
    await lockOrganization(trx, organizationId);
    if (await isNameTaken(trx, organizationId, { table: "directories", name: draft.name, except: id }))
      return { kind: "nameTaken" };
    const row = await trx
      .insertInto("directories")
      .values({ id, organization_id: organizationId, ...columnsOf(draft), bind_password_sealed: bindPassword })
      .returningAll()
      .executeTakeFirstOrThrow();
    await bumpRevision(trx, organizationId, "people");
    return { kind: "ok", directory: viewOf(row) };
  });
}

/**
 * Replaces all but id and creation with what `change` makes of the directory as it is: nobody else changes it meanwhile.
 * Without `bindPassword` that stays too; what `change` throws leaves everything as it was.
 */
export async function updateDirectory(
  store: Store,
  organizationId: OrganizationId,
  id: DirectoryId,
  change: (current: DirectoryView) => DirectoryChange,
): Promise<DirectorySaved | NotFound> {
  return store.db.transaction().execute(async (trx) => {
    await lockOrganization(trx, organizationId);
    const current = await viewById(trx, organizationId, id);
    if (current === undefined) return { kind: "notFound" };
    const { bindPassword, ...draft } = change(current);
    const sealed = bindPassword && { bind_password_sealed: await store.seals.seal(bindPassword, directoryContext(id)) };
    if (await isNameTaken(trx, organizationId, { table: "directories", name: draft.name, except: id }))
      return { kind: "nameTaken" };
    const row = await trx
      .updateTable("directories")
      .set({ ...columnsOf(draft), ...sealed, modified_at: sql<Date>`now()` })
      .where("id", "=", id)
      .returningAll()
      .executeTakeFirstOrThrow();
    await bumpRevision(trx, organizationId, "people");
    return { kind: "ok", directory: viewOf(row) };
  });
}

/** False when the organization has no such directory. */
export function deleteDirectory(store: Store, organizationId: OrganizationId, id: DirectoryId): Promise<boolean> {
  return deleteOwned(store, organizationId, { table: "directories", id, part: "people" });
}

/** All directories of an organization, oldest first: the order in which edges ask them. */
export async function listDirectories(store: Store, organizationId: OrganizationId): Promise<readonly DirectoryView[]> {
  return (await rowsOf(store.db, organizationId)).map(viewOf);
}

export function findDirectory(
  store: Store,
  organizationId: OrganizationId,
  id: DirectoryId,
): Promise<DirectoryView | undefined> {
  return viewById(store.db, organizationId, id);
}

async function viewById(
  db: Kysely<Database>,
  organizationId: OrganizationId,
  id: DirectoryId,
): Promise<DirectoryView | undefined> {
  const row = await db
    .selectFrom("directories")
    .selectAll()
    .where("organization_id", "=", organizationId)
    .where("id", "=", id)
    .executeTakeFirst();
  return row && viewOf(row);
}

/** Directories with their bind passwords, for edges; in the order in which they are asked. */
export async function readDirectories(
  db: Kysely<Database>,
  seals: Seals,
  organizationId: OrganizationId,
): Promise<readonly Directory[]> {
  const rows = await rowsOf(db, organizationId);
  return Promise.all(
    rows.map(async (row) => ({
      ...directoryOf(row),
      bindPassword: await openOrTell(seals, {
        sealed: row.bind_password_sealed,
        context: directoryContext(row.id),
        renewal: "set the bind password of the directory anew",
      }),
    })),
  );
}

/** Why the bind password does not open, of the organization's directories where it does not. */
export async function findUnopenedDirectories(
  { db, seals }: Store,
  organizationId: OrganizationId,
): Promise<ReadonlyMap<DirectoryId, string>> {
  const all = await readDirectories(db, seals, organizationId);
  return new Map(
    all.flatMap(({ id, bindPassword }) => (isSecret(bindPassword) ? [] : [[id, bindPassword.unopened] as const])),
  );
}

function rowsOf(db: Kysely<Database>, organizationId: OrganizationId): Promise<readonly Selectable<Directories>[]> {
  return db
    .selectFrom("directories")
    .selectAll()
    .where("organization_id", "=", organizationId)
    .orderBy("created_at")
    .orderBy("id")
    .execute();
}

function columnsOf(draft: DirectoryFields) {
  return {
    name: draft.name,
    type: draft.type,
    hosts: [...draft.hosts],
    base_dn: draft.baseDn,
    bind_dn: draft.bindDn,
    user_filter: draft.userFilter,
    group_attribute: draft.groupAttribute,
    cacerts: [...draft.cacerts],
    when_down: draft.whenDown,
  };
}

/** What a directory's bind password is sealed for. */
export function directoryContext(id: DirectoryId): string {
  return `directory:${id}`;
}

function viewOf(row: Selectable<Directories>): DirectoryView {
  return { ...directoryOf(row), createdAt: row.created_at.getTime(), modifiedAt: row.modified_at.getTime() };
}

function directoryOf(row: Selectable<Directories>): Omit<Directory, "bindPassword"> {
  return {
    id: row.id,
    organizationId: row.organization_id,
    name: row.name,
    type: row.type,
    hosts: row.hosts,
    baseDn: row.base_dn,
    bindDn: row.bind_dn,
    userFilter: row.user_filter,
    groupAttribute: row.group_attribute,
    cacerts: row.cacerts,
    whenDown: row.when_down,
  };
}
