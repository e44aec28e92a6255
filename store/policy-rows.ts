import type { Kysely, Selectable } from "kysely";
import type { OrganizationId } from "../domain/identifiers.ts";
import type { Label, MatchKind } from "../domain/label.ts";
import type { Rule } from "../domain/rule.ts";
import type { DB as Database, Labels, Rules } from "./database.ts";

/** Fields of Mist's that policy does not read, kept as given. */
export type Extra = Readonly<Record<string, unknown>>;

/** All labels of an organization as they stand in this transaction, oldest first. */
export function readLabelRows(
  db: Kysely<Database>,
  organizationId: OrganizationId,
): Promise<readonly Selectable<Labels>[]> {
  return db
    .selectFrom("labels")
    .selectAll()
    .where("organization_id", "=", organizationId)
    .orderBy("created_at")
    .orderBy("id")
    .execute();
}

/** All rules of an organization as they stand in this transaction, first match first (domain byOrder). */
export function readRuleRows(
  db: Kysely<Database>,
  organizationId: OrganizationId,
): Promise<readonly Selectable<Rules>[]> {
  return db
    .selectFrom("rules")
    .selectAll()
    .where("organization_id", "=", organizationId)
    .orderBy("order")
    .orderBy("created_at")
    .orderBy("id")
    .execute();
}

export function labelOf(row: Selectable<Labels>): Label {
  const common = {
    id: row.id,
    organizationId: row.organization_id,
    name: row.name,
    values: row.values,
    createdAt: row.created_at.getTime(),
    modifiedAt: row.modified_at.getTime(),
  };
  return row.type === "match"
    ? { ...common, type: row.type, match: row.match as MatchKind, matchAll: row.match_all }
    : { ...common, type: row.type };
}

export function ruleOf(row: Selectable<Rules>): Rule {
  return {
    id: row.id,
    organizationId: row.organization_id,
    name: row.name,
    order: row.order,
    enabled: row.enabled,
    action: row.action,
    matching: row.matching,
    notMatching: row.not_matching,
    applyLabels: row.apply_labels,
    createdAt: row.created_at.getTime(),
    modifiedAt: row.modified_at.getTime(),
  };
}
