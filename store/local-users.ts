import type { Kysely, Selectable } from "kysely";
import { sql } from "kysely";
import type { LocalUserId, OrganizationId } from "../domain/identifiers.ts";
import { userNameKey } from "../domain/local-user.ts";
import type { LocalUser } from "../domain/local-user.ts";
import { reveal, secret } from "../domain/secret.ts";
import type { Secret } from "../domain/secret.ts";
import type { DB as Database, LocalUsers } from "./database.ts";
import { newId } from "./new-id.ts";
import { deleteOwned } from "./owned-rows.ts";
import type { Store, Trx } from "./pool.ts";
import { bumpRevision, lockOrganization } from "./revisions.ts";

/** A user as people see it: without the hash. */
export type LocalUserView = Omit<LocalUser, "passwordHash"> & {
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly modifiedAt: number;
};

export interface LocalUserDraft {
  readonly name: string;
  /** Of runtime/password-hash.ts. */
  readonly passwordHash: Secret;
  readonly labels: readonly string[];
}

export type LocalUserSaved =
  | { readonly kind: "ok"; readonly user: LocalUserView }
  /** The organization has a user of that name, written in whatever case. */
  | { readonly kind: "nameTaken" };
type NotFound = { readonly kind: "notFound" };

export function createLocalUser(
  store: Store,
  organizationId: OrganizationId,
  draft: LocalUserDraft,
): Promise<LocalUserSaved> {
  return store.db.transaction().execute(async (trx) => {
    await lockOrganization(trx, organizationId);
    const row = await trx
      .insertInto("local_users")
      .values({
        id: newId<LocalUserId>(),
        organization_id: organizationId,
        name: draft.name,
        name_key: userNameKey(draft.name),
        password_hash: reveal(draft.passwordHash),
        labels: [...draft.labels],
      })
      .onConflict((conflict) => conflict.columns(["organization_id", "name_key"]).doNothing())
      .returningAll()
      .executeTakeFirst();
    if (row === undefined) return { kind: "nameTaken" };
    await bumpRevision(trx, organizationId, "people");
    return { kind: "ok", user: viewOf(row) };
  });
}

/** Absent stays. */
export function updateLocalUser(
  store: Store,
  organizationId: OrganizationId,
  id: LocalUserId,
  change: Partial<LocalUserDraft>,
): Promise<LocalUserSaved | NotFound> {
  return store.db.transaction().execute(async (trx) => {
    await lockOrganization(trx, organizationId);
    if (change.name !== undefined && (await isTaken(trx, organizationId, change.name, id)))
      return { kind: "nameTaken" };
    const row = await trx
      .updateTable("local_users")
      .set({
        ...(change.name === undefined ? {} : { name: change.name, name_key: userNameKey(change.name) }),
        ...(change.passwordHash === undefined ? {} : { password_hash: reveal(change.passwordHash) }),
        ...(change.labels === undefined ? {} : { labels: [...change.labels] }),
        modified_at: sql<Date>`now()`,
      })
      .where("organization_id", "=", organizationId)
      .where("id", "=", id)
      .returningAll()
      .executeTakeFirst();
    if (row === undefined) return { kind: "notFound" };
    await bumpRevision(trx, organizationId, "people");
    return { kind: "ok", user: viewOf(row) };
  });
}

/** False when the organization has no such user. */
export function deleteLocalUser(store: Store, organizationId: OrganizationId, id: LocalUserId): Promise<boolean> {
  return deleteOwned(store, organizationId, { table: "local_users", id, part: "people" });
}

/** All users of an organization, by name. */
export async function listLocalUsers(store: Store, organizationId: OrganizationId): Promise<readonly LocalUserView[]> {
  return (await rowsOf(store.db, organizationId)).map(viewOf);
}

export async function findLocalUser(
  store: Store,
  organizationId: OrganizationId,
  id: LocalUserId,
): Promise<LocalUserView | undefined> {
  const row = await store.db
    .selectFrom("local_users")
    .selectAll()
    .where("organization_id", "=", organizationId)
    .where("id", "=", id)
    .executeTakeFirst();
  return row && viewOf(row);
}

/** Users with their hashes, for edges. */
export async function readLocalUsers(
  db: Kysely<Database>,
  organizationId: OrganizationId,
): Promise<readonly LocalUser[]> {
  const rows = await rowsOf(db, organizationId);
  return rows.map((row) => ({ ...userOf(row), passwordHash: secret(row.password_hash) }));
}

function rowsOf(db: Kysely<Database>, organizationId: OrganizationId): Promise<readonly Selectable<LocalUsers>[]> {
  return db
    .selectFrom("local_users")
    .selectAll()
    .where("organization_id", "=", organizationId)
    .orderBy("name_key")
    .execute();
}

async function isTaken(trx: Trx, organizationId: OrganizationId, name: string, except: LocalUserId): Promise<boolean> {
  const other = await trx
    .selectFrom("local_users")
    .select("id")
    .where("organization_id", "=", organizationId)
    .where("name_key", "=", userNameKey(name))
    .where("id", "<>", except)
    .executeTakeFirst();
  return other !== undefined;
}

function viewOf(row: Selectable<LocalUsers>): LocalUserView {
  return { ...userOf(row), createdAt: row.created_at.getTime(), modifiedAt: row.modified_at.getTime() };
}

function userOf(row: Selectable<LocalUsers>): Omit<LocalUser, "passwordHash"> {
  return { id: row.id, organizationId: row.organization_id, name: row.name, labels: row.labels };
}
