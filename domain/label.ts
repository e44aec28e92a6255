import type { LabelId, OrganizationId } from "./identifiers.ts";

/** Mist's match kinds (nactag `match`); `operator_name`, `cert_sid` and `cert_san_…` are ours. */
export const MATCH_KINDS = [
  "cert_cn",
  "cert_eku",
  "cert_issuer",
  "cert_san",
  "cert_san_dns",
  "cert_san_email",
  "cert_san_upn",
  "cert_san_uri",
  "cert_serial",
  "cert_sid",
  "cert_sub",
  "cert_template",
  "client_mac",
  "edr_status",
  "gbp_tag",
  "hostname",
  "idp_role",
  "ingress_vlan",
  "mdm_status",
  "nas_ip",
  "operator_name",
  "radius_group",
  "realm",
  "ssid",
  "user_name",
  "usermac_label",
] as const;
export type MatchKind = (typeof MATCH_KINDS)[number];

/** Mist's result kinds (nactag `type` other than `match`). */
export const RESULT_KINDS = [
  "vlan",
  "radius_group",
  "session_timeout",
  "gbp_tag",
  "egress_vlan_names",
  "radius_attrs",
  "radius_vendor_attrs",
  "username_attr",
  "redirect_nacportal_id",
] as const;
export type ResultKind = (typeof RESULT_KINDS)[number];

/** Mist's nactag: a condition on the evidence, or a result for the Accept. */
export type Label = MatchLabel | ResultLabel;

interface CommonLabel {
  readonly id: LabelId;
  readonly organizationId: OrganizationId;
  readonly name: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly modifiedAt: number;
}

export interface MatchLabel extends CommonLabel {
  readonly type: "match";
  readonly match: MatchKind;
  /** Any of these; a trailing `*` is a prefix match. */
  readonly values: readonly string[];
  /** All of these instead of any; only for kinds with several values per request. */
  readonly matchAll: boolean;
}

export interface ResultLabel extends CommonLabel {
  readonly type: ResultKind;
  /** One text for single-valued results ("20", "staff", "3600"), several for lists. */
  readonly values: readonly string[];
}

/** Kinds for which a request may carry several values, so that `match_all` means something (Mist). */
export const MATCH_ALL_KINDS: ReadonlySet<MatchKind> = new Set(["idp_role", "usermac_label", "edr_status"]);

/** Kinds that this installation has no source for: stored with a warning, never matching (behaviour 7.1). */
export const UNSOURCED_KINDS: ReadonlySet<MatchKind> = new Set([
  "cert_template",
  "edr_status",
  "gbp_tag",
  "hostname",
  "ingress_vlan",
  "radius_group",
  "usermac_label",
]);

/**
 * Results that change no Access-Accept, stored with a warning: Mist does not say which attribute carries the tag, the name
 * that an event shows is settled, and a portal is what this product does not have.
 */
export const EFFECTLESS_KINDS: ReadonlySet<ResultKind> = new Set(["gbp_tag", "username_attr", "redirect_nacportal_id"]);

const MDM_STATUS_SPELLINGS: Readonly<Record<string, string>> = {
  compliant: "compliant",
  noncompliant: "noncompliant",
  "non-compliant": "noncompliant",
  non_compliant: "noncompliant",
  "not compliant": "noncompliant",
  not_compliant: "noncompliant",
  unknown: "unknown",
};

/** Mist publishes no literal values for `mdm_status`: the spellings in use become ours; `undefined` for others. */
export function parseMdmStatus(text: string): "compliant" | "noncompliant" | "unknown" | undefined {
  return MDM_STATUS_SPELLINGS[text.trim().toLowerCase()] as "compliant" | "noncompliant" | "unknown" | undefined;
}

/** What is wrong with a VLAN text, if anything: 1–4094, or a name of up to 32 octets (RFC 3580 §3.31, behaviour 6.2). */
export function vlanFault(vlan: string): string | undefined {
  if (/^\d+$/.test(vlan)) {
    const number = Number(vlan);
    return number >= 1 && number <= 4094 ? undefined : `vlan ${vlan} is outside 1–4094`;
  }
  if (vlan === "") return "vlan is empty";
  // Octets, not characters: what the switch counts. Percent-encoding makes one "%XX" of each octet outside ASCII.
  const octets = encodeURIComponent(vlan).replaceAll(/%[0-9A-F]{2}/g, "x").length;
  return octets <= 32 ? undefined : `vlan name "${vlan}" is ${octets} octets; the limit is 32`;
}
