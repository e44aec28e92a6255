import type { Static } from "typebox";
import { parseId } from "../../domain/identifiers.ts";
import type { LabelId } from "../../domain/identifiers.ts";
import type { Label } from "../../domain/label.ts";
import { FIELD_KINDS, tiedRules, UNSOURCED_FIELDS } from "../../domain/rule.ts";
import type { Conditions, Rule } from "../../domain/rule.ts";
import type { RuleDraft } from "../../store/rules.ts";
import type { ConditionFields, Rule as RuleSchema, RuleFields } from "../schemas/rule.ts";
import { parsed } from "./parsed.ts";
import type { Parsed } from "./parsed.ts";
import { present, seconds } from "./present.ts";

/** Reads a whole nacrule, as a POST gives it or as a PUT leaves it. `labels` are the organization's. */
export function ruleDraft(fields: RuleFields, labels: readonly Label[]): Parsed<RuleDraft> {
  const faults: (string | undefined)[] = [
    fields.dry_run === true ? "dry_run is not supported: the rule would be enforced" : undefined,
    fields.guest_auth_state === undefined ? undefined : "guest_auth_state is not supported: there is no guest portal",
  ];
  const types = new Map(labels.map(({ id, type }) => [id, type]));
  const labelIds = (ids: readonly string[] | undefined, where: string, wantsMatch: boolean): readonly LabelId[] =>
    (ids ?? []).flatMap((text) => {
      const id = parseId<LabelId>(text);
      const type = id && types.get(id);
      if (id === undefined || type === undefined) faults.push(`${where}: there is no nactag ${text}`);
      else if ((type === "match") !== wantsMatch) {
        faults.push(`${where}: nactag ${id} is of type ${type}, which is ${wantsMatch ? "no condition" : "no result"}`);
      } else return [id];
      return [];
    });
  const conditions = (given: ConditionFields | undefined, where: string): Conditions => ({
    labels: labelIds(given?.nactags, `${where}.nactags`, true),
    fields: fieldValues(given ?? {}),
  });
  const draft: RuleDraft = {
    name: fields.name ?? "",
    order: fields.order ?? 0,
    enabled: fields.enabled ?? true,
    action: fields.action ?? "block",
    matching: conditions(fields.matching, "matching"),
    notMatching: conditions(fields.not_matching, "not_matching"),
    applyLabels: labelIds(fields.apply_tags, "apply_tags", false),
  };
  return parsed(draft, faults);
}

function fieldValues(given: ConditionFields): Conditions["fields"] {
  const values = FIELD_KINDS.flatMap((field) => {
    const value = given[field];
    if (value === undefined || value.length === 0) return [];
    return [[field, typeof value === "string" ? [value] : value] as const];
  });
  return Object.fromEntries(values);
}

/** A rule in Mist's shape. `all` are the organization's rules: what shares an order is told (behaviour 7.2). */
export function mistRule(rule: Rule, all: readonly Rule[]): Static<typeof RuleSchema> {
  return present({
    id: rule.id,
    org_id: rule.organizationId,
    name: rule.name,
    action: rule.action,
    order: rule.order,
    enabled: rule.enabled,
    matching: mistConditions(rule.matching),
    not_matching: mistConditions(rule.notMatching),
    apply_tags: [...rule.applyLabels],
    created_time: seconds(rule.createdAt),
    modified_time: seconds(rule.modifiedAt),
    warnings: warningsOf(rule, all),
  });
}

function mistConditions({ labels, fields }: Conditions): ConditionFields | undefined {
  if (labels.length === 0 && Object.keys(fields).length === 0) return undefined;
  const { auth_type: authType, ...lists } = fields;
  return present({
    ...(lists as Omit<ConditionFields, "auth_type">),
    auth_type: authType?.[0] as ConditionFields["auth_type"],
    nactags: labels.length === 0 ? undefined : [...labels],
  });
}

/** Methods that the edge speaks; `cert` stands for any with a certificate. */
const SPOKEN: ReadonlySet<string> = new Set(["cert", "eap-tls", "eap-ttls", "mab"]);

function warningsOf(rule: Rule, all: readonly Rule[]): string[] | undefined {
  const warnings = [rule.matching, rule.notMatching].flatMap(({ fields }) =>
    FIELD_KINDS.flatMap((field) => {
      const values = fields[field] ?? [];
      if (values.length > 0 && UNSOURCED_FIELDS.has(field)) {
        return [`this installation has no source for ${field}: the rule never matches`];
      }
      const unspoken = field === "auth_type" ? values.filter((value) => !SPOKEN.has(value)) : [];
      return unspoken.map((value) => `this installation does not speak ${value}: nothing authenticates by it`);
    }),
  );
  const tied = tiedRules(all).find((group) => group.some(({ id }) => id === rule.id)) ?? [];
  const others = tied.filter(({ id }) => id !== rule.id).map(({ name }) => `"${name}"`);
  if (others.length > 0) {
    warnings.push(`order ${rule.order} is also that of ${others.join(", ")}: the rule created first is tried first`);
  }
  return warnings.length === 0 ? undefined : warnings;
}
