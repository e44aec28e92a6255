import { sql } from "kysely";
import type { LabelId, OrganizationId } from "../domain/identifiers.ts";
import type { Label, MatchLabel, ResultLabel } from "../domain/label.ts";
import type { Rule } from "../domain/rule.ts";
import { jsonText } from "./json.ts";
import { newId } from "./new-id.ts";
import { isNameTaken } from "./owned-rows.ts";
import { changePolicy } from "./policies.ts";
import { labelOf, readLabelRows, readRuleRows, ruleOf } from "./policy-rows.ts";
import type { Extra } from "./policy-rows.ts";
import type { Store } from "./pool.ts";

/** A label, and what Mist stores with it beyond. */
export interface StoredLabel {
  readonly label: Label;
  readonly extra: Extra;
}

type Draft<L extends Label> = Omit<L, "id" | "organizationId" | "createdAt" | "modifiedAt">;
/** A label as it is written: the store adds id and instants. */
export type LabelDraft = (Draft<MatchLabel> | Draft<ResultLabel>) & { readonly extra?: Extra };

export type LabelSaved = ({ readonly kind: "ok" } & StoredLabel) | { readonly kind: "nameTaken" };
type NotFound = { readonly kind: "notFound" };

/** All labels, oldest first. */
export async function listLabels(store: Store, organizationId: OrganizationId): Promise<readonly StoredLabel[]> {
  const rows = await readLabelRows(store.db, organizationId);
  return rows.map((row) => ({ label: labelOf(row), extra: row.extra }));
}

export async function findLabel(
  store: Store,
  organizationId: OrganizationId,
  id: LabelId,
): Promise<StoredLabel | undefined> {
  const row = await store.db
    .selectFrom("labels")
    .selectAll()
    .where("organization_id", "=", organizationId)
    .where("id", "=", id)
    .executeTakeFirst();
  return row && { label: labelOf(row), extra: row.extra };
}

export function createLabel(store: Store, organizationId: OrganizationId, draft: LabelDraft): Promise<LabelSaved> {
  return changePolicy<LabelSaved>(store, organizationId, async (trx) => {
    const id = newId<LabelId>();
    if (await isNameTaken(trx, organizationId, { table: "labels", name: draft.name, except: id }))
      return { kind: "nameTaken" };
    const row = await trx
      .insertInto("labels")
      .values({ id, organization_id: organizationId, ...columnsOf(draft) })
      .returningAll()
      .executeTakeFirstOrThrow();
    return { kind: "ok", label: labelOf(row), extra: row.extra };
  });
}

/** Replaces all but id and creation. */
export function updateLabel(
  store: Store,
  organizationId: OrganizationId,
  id: LabelId,
  draft: LabelDraft,
): Promise<LabelSaved | NotFound> {
  return changePolicy<LabelSaved | NotFound>(store, organizationId, async (trx) => {
    if (await isNameTaken(trx, organizationId, { table: "labels", name: draft.name, except: id }))
      return { kind: "nameTaken" };
    const row = await trx
      .updateTable("labels")
      .set({ ...columnsOf(draft), modified_at: sql<Date>`now()` })
      .where("organization_id", "=", organizationId)
      .where("id", "=", id)
      .returningAll()
      .executeTakeFirst();
    return row === undefined ? { kind: "notFound" } : { kind: "ok", label: labelOf(row), extra: row.extra };
  });
}

export type LabelDeleted = { readonly kind: "ok" } | NotFound | { readonly kind: "inUse"; readonly rules: Rule[] };

/** A label that rules name stays, and they are named (behaviour 7.1). */
export function deleteLabel(store: Store, organizationId: OrganizationId, id: LabelId): Promise<LabelDeleted> {
  return changePolicy<LabelDeleted>(store, organizationId, async (trx) => {
    const rules = (await readRuleRows(trx, organizationId)).map(ruleOf).filter((rule) => labelsOf(rule).includes(id));
    if (rules.length > 0) return { kind: "inUse", rules };
    const { numDeletedRows } = await trx
      .deleteFrom("labels")
      .where("organization_id", "=", organizationId)
      .where("id", "=", id)
      .executeTakeFirst();
    return { kind: numDeletedRows === 0n ? "notFound" : "ok" };
  });
}

/** Every label that a rule names, in its conditions or for its Accept. */
export function labelsOf(rule: Pick<Rule, "matching" | "notMatching" | "applyLabels">): readonly LabelId[] {
  return [...rule.matching.labels, ...rule.notMatching.labels, ...rule.applyLabels];
}

function columnsOf(draft: LabelDraft) {
  return {
    name: draft.name,
    type: draft.type,
    match: draft.type === "match" ? draft.match : null,
    values: [...draft.values],
    match_all: draft.type === "match" && draft.matchAll,
    extra: jsonText(draft.extra ?? {}),
  };
}
