import type { Static } from "typebox";
import { MATCH_ALL_KINDS, parseMdmStatus, EFFECTLESS_KINDS, UNSOURCED_KINDS, vlanFault } from "../../domain/label.ts";
import type { Label, MatchKind, ResultKind } from "../../domain/label.ts";
import type { LabelDraft, StoredLabel } from "../../store/labels.ts";
import type { Label as LabelSchema, LabelFields } from "../schemas/label.ts";
import { parsed } from "./parsed.ts";
import type { Parsed } from "./parsed.ts";
import { present, seconds } from "./present.ts";

/** What is wrong with a "Name=value" text of a RADIUS attribute, if anything: the edge's own reader, handed in. */
export type AttributeFault = (text: string) => string | undefined;

/** Reads a whole nactag, as a POST gives it or as a PUT leaves it. */
export function labelDraft(fields: LabelFields, attributeFault: AttributeFault): Parsed<LabelDraft> {
  const { name = "", type = "match", match } = fields;
  const extra = present({ allow_usermac_override: fields.allow_usermac_override });
  if (type !== "match") {
    const values = resultValues(type, fields);
    const faults = values.length === 0 ? [`a label of type ${type} needs ${RESULT_FIELDS[type]}`] : [];
    return parsed({ type, name, values, extra }, [...faults, ...resultFaults(type, values, attributeFault)]);
  }
  if (match === undefined) return parsed<never>(undefined as never, ["a label of type match needs match"]);
  const { values = [], match_all: matchAll = false } = fields;
  return parsed({ type, name, match, values, matchAll, extra }, [
    values.length === 0 ? "a label of type match needs values" : undefined,
    matchAll && !MATCH_ALL_KINDS.has(match) ? `match_all means nothing for ${match}: a client has one` : undefined,
    ...values.map((value) => valueFault(match, value)),
  ]);
}

const RESULT_FIELDS: Readonly<Record<ResultKind, keyof LabelFields>> = {
  vlan: "vlan",
  radius_group: "radius_group",
  session_timeout: "session_timeout",
  gbp_tag: "gbp_tag",
  egress_vlan_names: "egress_vlan_names",
  radius_attrs: "radius_attrs",
  radius_vendor_attrs: "radius_vendor_attrs",
  username_attr: "username_attr",
  redirect_nacportal_id: "nacportal_id",
};

function resultValues(type: ResultKind, fields: LabelFields): readonly string[] {
  const value = fields[RESULT_FIELDS[type]];
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [String(value)];
}

function resultFaults(type: ResultKind, values: readonly string[], attributeFault: AttributeFault) {
  switch (type) {
    case "vlan":
      return values.map(vlanFault);
    case "egress_vlan_names":
      // RFC 4675 §2.3: the tag indication comes first.
      return values.map((value) =>
        /^[12]./.test(value) ? undefined : `egress VLAN "${value}" must begin with 1 or 2`,
      );
    case "radius_attrs":
    case "radius_vendor_attrs":
      return values.map(attributeFault);
    case "radius_group":
    case "session_timeout":
    case "gbp_tag":
    case "username_attr":
    case "redirect_nacportal_id":
      return [];
  }
}

function valueFault(match: MatchKind, value: string): string | undefined {
  if (match === "mdm_status" && parseMdmStatus(value) === undefined) {
    return `mdm_status "${value}" is none of compliant, noncompliant, unknown`;
  }
  if (match === "client_mac" && !/^(?:[0-9a-f][-:.]?){1,12}\*?$/i.test(value))
    return `"${value}" is no MAC address or prefix*`;
  return undefined;
}

export function mistLabel({ label, extra }: StoredLabel): Static<typeof LabelSchema> {
  return present({
    id: label.id,
    org_id: label.organizationId,
    name: label.name,
    type: label.type,
    ...kindFields(label),
    allow_usermac_override: extra["allow_usermac_override"] as boolean | undefined,
    created_time: seconds(label.createdAt),
    modified_time: seconds(label.modifiedAt),
    warnings: labelWarnings(label),
  });
}

function kindFields(label: Label): Omit<LabelFields, "name" | "type"> {
  if (label.type === "match") return { match: label.match, values: [...label.values], match_all: label.matchAll };
  const [first = ""] = label.values;
  switch (label.type) {
    case "egress_vlan_names":
    case "radius_attrs":
    case "radius_vendor_attrs":
      return { [label.type]: [...label.values] };
    case "session_timeout":
      return { session_timeout: Number(first) };
    case "vlan":
    case "radius_group":
    case "gbp_tag":
    case "username_attr":
    case "redirect_nacportal_id":
      return { [RESULT_FIELDS[label.type]]: first };
  }
}

/** Why a label can never match in this installation (behaviour 7.1), or never does anything. */
function labelWarnings(label: Label): string[] | undefined {
  if (label.type !== "match") {
    return EFFECTLESS_KINDS.has(label.type) ? [`${label.type} is stored, and changes no Access-Accept`] : undefined;
  }
  if (!UNSOURCED_KINDS.has(label.match)) return undefined;
  return [`this installation has no source for ${label.match}: a rule with this label never matches`];
}
