import type { DirectoryId, LabelId, LocalUserId, NasId, OrganizationId } from "../domain/identifiers.ts";
import type { Store, Trx } from "./pool.ts";
import { bumpRevision, lockOrganization } from "./revisions.ts";

/** What an organization registers and edges hold: the table, and the part that edges read anew. */
type Owned =
  | { readonly table: "nases"; readonly id: NasId; readonly part: "configuration" }
  | { readonly table: "local_users"; readonly id: LocalUserId; readonly part: "people" }
  | { readonly table: "directories"; readonly id: DirectoryId; readonly part: "people" };

/** Deletes one row of an organization's, and tells the edges. False when it has no such row. */
export function deleteOwned(store: Store, organizationId: OrganizationId, owned: Owned): Promise<boolean> {
  return store.db.transaction().execute(async (trx) => {
    // Before the row, as whoever changes it does: two that wait for each other would deadlock.
    await lockOrganization(trx, organizationId);
    const { numDeletedRows } = await trx
      .deleteFrom(owned.table)
      .where("organization_id", "=", organizationId)
      .where("id", "=", owned.id)
      .executeTakeFirst();
    if (numDeletedRows === 0n) return false;
    await bumpRevision(trx, organizationId, owned.part);
    return true;
  });
}

/** Names are an organization's own, and each is given once. */
type Named =
  | { readonly table: "directories"; readonly name: string; readonly except: DirectoryId }
  | { readonly table: "labels"; readonly name: string; readonly except: LabelId };

/** Whether another row than `except` has the name; under the organization's lock, so that none gets it meanwhile. */
export async function isNameTaken(
  trx: Trx,
  organizationId: OrganizationId,
  { table, name, except }: Named,
): Promise<boolean> {
  const other = await trx
    .selectFrom(table)
    .select("id")
    .where("organization_id", "=", organizationId)
    .where("name", "=", name)
    .where("id", "<>", except)
    .executeTakeFirst();
  return other !== undefined;
}
