import type { Kysely } from "kysely";
import { sql } from "kysely";
import type { OrganizationId } from "../domain/identifiers.ts";
import { createPolicy } from "../domain/policy.ts";
import type { Policy } from "../domain/policy.ts";
import type { DB as Database } from "./database.ts";
import { jsonText } from "./json.ts";
import { labelOf, readLabelRows, readRuleRows, ruleOf } from "./policy-rows.ts";
import type { Store, Trx } from "./pool.ts";
import { bumpRevision, lockOrganization } from "./revisions.ts";

/**
 * Makes an immutable version of the rules and labels as they stand in this transaction, and tells the edges. Answers
 * with the version and the revision that carries it.
 */
export async function publishPolicy(
  trx: Trx,
  organizationId: OrganizationId,
): Promise<{ readonly version: number; readonly revision: number }> {
  const { version } = await trx
    .updateTable("organizations")
    .set({ policy_version: sql<number>`policy_version + 1` })
    .where("id", "=", organizationId)
    .returning("policy_version as version")
    .executeTakeFirstOrThrow();
  const rules = (await readRuleRows(trx, organizationId)).map(ruleOf);
  const labels = (await readLabelRows(trx, organizationId)).map(labelOf);
  const policy = jsonText({ rules, labels });
  await trx.insertInto("policy_versions").values({ organization_id: organizationId, version, policy }).execute();
  return { version, revision: await bumpRevision(trx, organizationId, "configuration") };
}

/** A change that was refused leaves no version behind: it names its reason by another kind than `ok`. */
export interface PolicyChange {
  readonly kind: string;
}

/** Runs one change of rules or labels, alone in its organization, and publishes the policy that results. */
export async function changePolicy<Change extends PolicyChange>(
  store: Store,
  organizationId: OrganizationId,
  change: (trx: Trx) => Promise<Change>,
): Promise<Change> {
  return store.db.transaction().execute(async (trx) => {
    await lockOrganization(trx, organizationId);
    const result = await change(trx);
    if (result.kind === "ok") await publishPolicy(trx, organizationId);
    return result;
  });
}

/** One version of an organization's policy, the current one by default; `undefined` when there is none such. */
export function loadPolicy(
  store: Store,
  organizationId: OrganizationId,
  version?: number,
): Promise<Policy | undefined> {
  return readPolicy(store.db, organizationId, version);
}

/** `loadPolicy` within a transaction. */
export async function readPolicy(
  db: Kysely<Database>,
  organizationId: OrganizationId,
  version?: number,
): Promise<Policy | undefined> {
  const row = await db
    .selectFrom("policy_versions as p")
    .innerJoin("organizations as o", "o.id", "p.organization_id")
    .select(["p.version", "p.policy"])
    .where("p.organization_id", "=", organizationId)
    .where("p.version", "=", (eb) => (version === undefined ? eb.ref("o.policy_version") : eb.val(version)))
    .executeTakeFirst();
  return row && createPolicy(organizationId, row.version, row.policy.rules, row.policy.labels);
}
