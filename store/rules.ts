import { sql } from "kysely";
import type { LabelId, OrganizationId, RuleId } from "../domain/identifiers.ts";
import type { Rule } from "../domain/rule.ts";
import { jsonText } from "./json.ts";
import { labelsOf } from "./labels.ts";
import { newId } from "./new-id.ts";
import { changePolicy } from "./policies.ts";
import { readLabelRows, readRuleRows, ruleOf } from "./policy-rows.ts";
import type { Extra } from "./policy-rows.ts";
import type { Store, Trx } from "./pool.ts";

/** A rule, and what Mist stores with it beyond. */
export interface StoredRule {
  readonly rule: Rule;
  readonly extra: Extra;
}

/** A rule as it is written: the store adds id and instants. Two rules may share one order (behaviour 7.2). */
export type RuleDraft = Omit<Rule, "id" | "organizationId" | "createdAt" | "modifiedAt"> & { readonly extra?: Extra };

export type RuleSaved =
  | ({ readonly kind: "ok" } & StoredRule)
  /** The rule names labels that the organization does not have. */
  | { readonly kind: "unknownLabels"; readonly labels: readonly LabelId[] };
type NotFound = { readonly kind: "notFound" };

/** All rules, first match first (domain byOrder). */
export async function listRules(store: Store, organizationId: OrganizationId): Promise<readonly StoredRule[]> {
  const rows = await readRuleRows(store.db, organizationId);
  return rows.map((row) => ({ rule: ruleOf(row), extra: row.extra }));
}

export async function findRule(
  store: Store,
  organizationId: OrganizationId,
  id: RuleId,
): Promise<StoredRule | undefined> {
  const row = await store.db
    .selectFrom("rules")
    .selectAll()
    .where("organization_id", "=", organizationId)
    .where("id", "=", id)
    .executeTakeFirst();
  return row && { rule: ruleOf(row), extra: row.extra };
}

export function createRule(store: Store, organizationId: OrganizationId, draft: RuleDraft): Promise<RuleSaved> {
  return changePolicy<RuleSaved>(store, organizationId, async (trx) => {
    const labels = await unknownLabels(trx, organizationId, draft);
    if (labels.length > 0) return { kind: "unknownLabels", labels };
    const row = await trx
      .insertInto("rules")
      .values({ id: newId<RuleId>(), organization_id: organizationId, ...columnsOf(draft) })
      .returningAll()
      .executeTakeFirstOrThrow();
    return { kind: "ok", rule: ruleOf(row), extra: row.extra };
  });
}

/** Replaces all but id and creation. */
export function updateRule(
  store: Store,
  organizationId: OrganizationId,
  id: RuleId,
  draft: RuleDraft,
): Promise<RuleSaved | NotFound> {
  return changePolicy<RuleSaved | NotFound>(store, organizationId, async (trx) => {
    const labels = await unknownLabels(trx, organizationId, draft);
    if (labels.length > 0) return { kind: "unknownLabels", labels };
    const row = await trx
      .updateTable("rules")
      .set({ ...columnsOf(draft), modified_at: sql<Date>`now()` })
      .where("organization_id", "=", organizationId)
      .where("id", "=", id)
      .returningAll()
      .executeTakeFirst();
    return row === undefined ? { kind: "notFound" } : { kind: "ok", rule: ruleOf(row), extra: row.extra };
  });
}

export function deleteRule(
  store: Store,
  organizationId: OrganizationId,
  id: RuleId,
): Promise<{ readonly kind: "ok" } | NotFound> {
  return changePolicy<{ readonly kind: "ok" } | NotFound>(store, organizationId, async (trx) => {
    const { numDeletedRows } = await trx
      .deleteFrom("rules")
      .where("organization_id", "=", organizationId)
      .where("id", "=", id)
      .executeTakeFirst();
    return { kind: numDeletedRows === 0n ? "notFound" : "ok" };
  });
}

async function unknownLabels(trx: Trx, organizationId: OrganizationId, draft: RuleDraft): Promise<readonly LabelId[]> {
  const known = new Set((await readLabelRows(trx, organizationId)).map(({ id }) => id));
  return labelsOf(draft).filter((id) => !known.has(id));
}

function columnsOf(draft: RuleDraft) {
  return {
    name: draft.name,
    order: draft.order,
    enabled: draft.enabled,
    action: draft.action,
    matching: jsonText(draft.matching),
    not_matching: jsonText(draft.notMatching),
    apply_labels: [...draft.applyLabels],
    extra: jsonText(draft.extra ?? {}),
  };
}
