import type { LabelId, OrganizationId } from "../domain/identifiers.ts";
import { newId } from "./new-id.ts";
import { publishPolicy } from "./policies.ts";
import type { Store } from "./pool.ts";

/** The tenant; `revision` grows with each change that edges must hear of. */
export interface Organization {
  readonly id: OrganizationId;
  readonly name: string;
  readonly revision: number;
  readonly policyVersion: number;
  /** Epoch milliseconds. */
  readonly createdAt: number;
}

/** What a new organization's rules may name at once (behaviour 7.3). */
const FIRST_LABELS = [
  { name: "Compliant", values: ["compliant"] },
  { name: "Non-Compliant", values: ["noncompliant"] },
  { name: "Unknown", values: ["unknown"] },
] as const;

/** Makes an organization with its first labels and policy version 1. Rejects when `id` is taken. */
export async function createOrganization(
  store: Store,
  draft: { readonly id?: OrganizationId; readonly name: string },
): Promise<Organization> {
  const id = draft.id ?? newId<OrganizationId>();
  await store.db.transaction().execute(async (trx) => {
    await trx.insertInto("organizations").values({ id, name: draft.name }).execute();
    // Lists go by creation, then id: sorted ids keep this order.
    const ids = FIRST_LABELS.map(() => newId<LabelId>()).toSorted();
    const labels = FIRST_LABELS.map(({ name, values }, i) => ({
      id: ids[i]!,
      organization_id: id,
      name,
      type: "match" as const,
      match: "mdm_status",
      values: [...values],
    }));
    await trx.insertInto("labels").values(labels).execute();
    await publishPolicy(trx, id);
  });
  return (await findOrganization(store, id))!;
}

/** All organizations, oldest first. */
export async function listOrganizations(store: Store): Promise<readonly Organization[]> {
  const rows = await store.db.selectFrom("organizations").selectAll().orderBy("created_at").orderBy("id").execute();
  return rows.map(organizationOf);
}

export async function findOrganization(store: Store, id: OrganizationId): Promise<Organization | undefined> {
  const row = await store.db.selectFrom("organizations").selectAll().where("id", "=", id).executeTakeFirst();
  return row && organizationOf(row);
}

function organizationOf(row: {
  id: OrganizationId;
  name: string;
  revision: number;
  policy_version: number;
  created_at: Date;
}): Organization {
  return {
    id: row.id,
    name: row.name,
    revision: row.revision,
    policyVersion: row.policy_version,
    createdAt: row.created_at.getTime(),
  };
}
