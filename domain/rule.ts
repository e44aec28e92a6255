import type { LabelId, OrganizationId, RuleId } from "./identifiers.ts";

/** Mist's rule fields that are matched by value and not through a label. */
export const FIELD_KINDS = [
  "auth_type",
  "port_types",
  "site_ids",
  "sitegroup_ids",
  "vendor",
  "family",
  "mfg",
  "model",
  "os_type",
] as const;
export type FieldKind = (typeof FIELD_KINDS)[number];

/** Fields that this installation has no source for: stored with a warning, never matching (behaviour 7.1). */
export const UNSOURCED_FIELDS: ReadonlySet<FieldKind> = new Set(["sitegroup_ids", "family", "mfg", "model", "os_type"]);

/** One side of a rule, `matching` or `not_matching`. Absent means no condition. */
export interface Conditions {
  readonly labels: readonly LabelId[];
  readonly fields: Readonly<Partial<Record<FieldKind, readonly string[]>>>;
}

/** Mist's nacrule: the first enabled match by order wins. */
export interface Rule {
  readonly id: RuleId;
  readonly organizationId: OrganizationId;
  readonly name: string;
  readonly order: number;
  readonly enabled: boolean;
  readonly action: "allow" | "block";
  readonly matching: Conditions;
  readonly notMatching: Conditions;
  /** Result labels for the Accept, in order. */
  readonly applyLabels: readonly LabelId[];
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly modifiedAt: number;
}

/** Mist's first match by `order`; ties go by creation, then by id (behaviour 7.2). */
export function byOrder(a: Rule, b: Rule): number {
  return a.order - b.order || a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1);
}

/** Groups of rules that share one `order`, for the report that goes with them. */
export function tiedRules(rules: readonly Rule[]): readonly (readonly Rule[])[] {
  const groups = new Map<number, Rule[]>();
  for (const rule of rules) groups.set(rule.order, [...(groups.get(rule.order) ?? []), rule]);
  return [...groups.values()].filter((tied) => tied.length > 1);
}
