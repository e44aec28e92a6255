import type { Evidence } from "./evidence.ts";
import type { LabelId } from "./identifiers.ts";
import { parseMdmStatus } from "./label.ts";
import type { Label, MatchKind, MatchLabel } from "./label.ts";
import { parseMac } from "./mac-address.ts";
import { FIELD_KINDS } from "./rule.ts";
import type { Conditions, FieldKind, Rule } from "./rule.ts";
import { strongMappingSids } from "./strong-mapping.ts";
import type { ComplianceStatus } from "./verdict.ts";

/** Whether a rule matched, and if not, the condition that decided it, in words. */
export type RuleOutcome =
  | { readonly kind: "match" }
  | { readonly kind: "disabled" }
  | { readonly kind: "unmet"; readonly condition: string }
  | { readonly kind: "excluded"; readonly condition: string }
  | { readonly kind: "unanswerable"; readonly condition: string };

/** A rule made ready to be asked: labels looked up and their values in one spelling. Made once for a policy. */
export interface PreparedRule {
  readonly rule: Rule;
  readonly matching: readonly Condition[];
  readonly notMatching: readonly Condition[];
}

export function prepareRule(rule: Rule, labels: ReadonlyMap<LabelId, Label>): PreparedRule {
  return {
    rule,
    matching: conditionsOf(rule.matching, labels),
    notMatching: conditionsOf(rule.notMatching, labels),
  };
}

/**
 * One rule against one request (behaviour 7.1). Labels of one kind are alternatives, different kinds and fields must all
 * hold, and any hit in `not_matching` skips the rule. A condition that the request cannot answer makes the rule not
 * match, in `not_matching` too: what is not known is never taken for absent.
 */
export function evaluateRule(
  { rule, matching, notMatching }: PreparedRule,
  evidence: Evidence,
  compliance: ComplianceStatus,
): RuleOutcome {
  if (!rule.enabled) return { kind: "disabled" };
  for (const condition of matching) {
    const answer = holds(condition, evidence, compliance);
    if (answer === undefined) return { kind: "unanswerable", condition: condition.text };
    if (!answer) return { kind: "unmet", condition: condition.text };
  }
  for (const condition of notMatching) {
    const answer = holds(condition, evidence, compliance);
    if (answer === undefined) return { kind: "unanswerable", condition: condition.text };
    if (answer) return { kind: "excluded", condition: condition.text };
  }
  return { kind: "match" };
}

type Condition =
  | {
      readonly kind: "labels";
      readonly match: MatchKind;
      readonly alternatives: readonly Alternative[];
      readonly text: string;
    }
  | { readonly kind: "field"; readonly field: FieldKind; readonly values: ReadonlySet<string>; readonly text: string }
  | { readonly kind: "broken"; readonly text: string };

/** One match label: what its values say, as `normal` writes it. */
interface Alternative {
  readonly matchAll: boolean;
  readonly whole: ReadonlySet<string>;
  /** Of values with a trailing `*` (Mist), without it. */
  readonly prefixes: readonly string[];
}

function conditionsOf(conditions: Conditions, labels: ReadonlyMap<LabelId, Label>): readonly Condition[] {
  const result: Condition[] = [];
  for (const field of FIELD_KINDS) {
    const values = conditions.fields[field];
    if (values === undefined || values.length === 0) continue;
    result.push({
      kind: "field",
      field,
      values: fieldValues(field, values),
      text: `${field} is ${values.join(" or ")}`,
    });
  }
  const byKind = new Map<MatchKind, MatchLabel[]>();
  for (const id of conditions.labels) {
    const label = labels.get(id);
    if (label?.type !== "match") result.push({ kind: "broken", text: `label ${id} is not a match label` });
    else byKind.set(label.match, [...(byKind.get(label.match) ?? []), label]);
  }
  for (const [match, alternatives] of byKind) {
    result.push({
      kind: "labels",
      match,
      alternatives: alternatives.map(alternativeOf),
      text: alternatives.map((label) => `label ${label.name}`).join(" or "),
    });
  }
  return result;
}

function fieldValues(field: FieldKind, values: readonly string[]): ReadonlySet<string> {
  return new Set(field === "auth_type" ? values : values.map((value) => value.toLowerCase()));
}

function alternativeOf({ match, matchAll, values }: MatchLabel): Alternative {
  const isPrefix = (value: string): boolean => match !== "mdm_status" && value.endsWith("*");
  const whole = values.filter((value) => !isPrefix(value)).map((value) => normal(match, value));
  const prefixes = values.filter(isPrefix).map((value) => normal(match, value.slice(0, -1)));
  return { matchAll, whole: new Set(whole), prefixes };
}

/** `undefined`: the request does not say. */
function holds(condition: Condition, evidence: Evidence, compliance: ComplianceStatus): boolean | undefined {
  switch (condition.kind) {
    case "broken":
      return undefined;
    case "field":
      return testField(condition.field, condition.values, evidence);
    case "labels": {
      const subject = subjectOf(condition.match, evidence, compliance);
      if (subject === undefined) return undefined;
      const texts = subject.map((text) => normal(condition.match, text));
      return condition.alternatives.some((alternative) => testTexts(alternative, texts));
    }
  }
}

function testField(field: FieldKind, values: ReadonlySet<string>, evidence: Evidence): boolean | undefined {
  const has = (text: string | undefined): boolean | undefined =>
    text === undefined ? undefined : values.has(text.toLowerCase());
  switch (field) {
    case "auth_type":
      // Mist's words: `cert` is any certificate, the others name a method.
      return values.has(evidence.authentication) || (values.has("cert") && evidence.certificate !== undefined);
    case "port_types":
      return has(evidence.portType);
    case "site_ids":
      return has(evidence.nas.siteId);
    case "vendor":
      return has(evidence.nasVendor);
    // No source in this installation (UNSOURCED_FIELDS).
    case "sitegroup_ids":
    case "family":
    case "mfg":
    case "model":
    case "os_type":
      return undefined;
  }
}

/** The texts of a request that a label of this kind is compared with; `undefined` when the request has none. */
function subjectOf(match: MatchKind, evidence: Evidence, compliance: ComplianceStatus): readonly string[] | undefined {
  const one = (text: string | undefined): readonly string[] | undefined => (text === undefined ? undefined : [text]);
  const many = (texts: readonly string[] | undefined): readonly string[] | undefined =>
    texts === undefined || texts.length === 0 ? undefined : texts;
  const { certificate } = evidence;
  switch (match) {
    case "cert_cn":
      return one(certificate?.commonName);
    case "cert_eku":
      return many(certificate?.extendedKeyUsage);
    case "cert_issuer":
      return one(certificate?.issuer);
    case "cert_san":
      return many(
        certificate && [...certificate.sanDns, ...certificate.sanUri, ...certificate.sanEmail, ...certificate.sanUpn],
      );
    case "cert_san_dns":
      return many(certificate?.sanDns);
    case "cert_san_email":
      return many(certificate?.sanEmail);
    case "cert_san_upn":
      return many(certificate?.sanUpn);
    case "cert_san_uri":
      return many(certificate?.sanUri);
    case "cert_sid":
      return many(certificate && strongMappingSids(certificate.sanUri));
    case "cert_serial":
      return one(certificate?.serial);
    case "cert_sub":
      return one(certificate?.subject);
    case "client_mac":
      return one(evidence.mac);
    case "idp_role":
      // A user whom nothing is said of has no role, which is known; a request without a user has no answer.
      return evidence.userLabels;
    case "mdm_status":
      return [compliance];
    case "nas_ip":
      return one(evidence.nas.nasIpAddress ?? evidence.nas.nasIpv6Address ?? evidence.nas.sourceAddress);
    case "operator_name":
      return one(evidence.nas.operatorName);
    case "realm":
      return one(/@([^@]+)$/.exec(evidence.userName)?.[1]);
    case "ssid":
      return one(evidence.ssid);
    case "user_name":
      return one(evidence.userName);
    // No source in this installation (UNSOURCED_KINDS).
    case "cert_template":
    case "edr_status":
    case "gbp_tag":
    case "hostname":
    case "ingress_vlan":
    case "radius_group":
    case "usermac_label":
      return undefined;
  }
}

function testTexts({ matchAll, whole, prefixes }: Alternative, texts: readonly string[]): boolean {
  if (!matchAll) return texts.some((text) => whole.has(text) || prefixes.some((prefix) => text.startsWith(prefix)));
  const startsWith = (prefix: string): boolean => texts.some((text) => text.startsWith(prefix));
  return [...whole].every((value) => texts.includes(value)) && prefixes.every(startsWith);
}

/** Case is ignored, as NASes and directories do, and so is what has several spellings. */
function normal(match: MatchKind, raw: string): string {
  if (match === "mdm_status") return parseMdmStatus(raw) ?? raw;
  if (match === "client_mac") return parseMac(raw) ?? raw.replaceAll(/[-:.]/g, "").toLowerCase();
  return (match === "cert_serial" ? raw.replaceAll(":", "") : raw).toLowerCase();
}
