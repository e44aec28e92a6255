import { secret } from "../../domain/secret.ts";
import type { DirectoryDraft } from "../../store/directories.ts";
import type { CertificateEvidence } from "../../domain/certificate.ts";
import type { Evidence } from "../../domain/evidence.ts";
import { parseId } from "../../domain/identifiers.ts";
import type { LabelId, NasId, OrganizationId, RuleId } from "../../domain/identifiers.ts";
import type { Label, MatchKind, ResultKind } from "../../domain/label.ts";
import { parseMac } from "../../domain/mac-address.ts";
import { createPolicy } from "../../domain/policy.ts";
import type { PolicySnapshot } from "../../domain/policy.ts";
import type { Conditions, Rule } from "../../domain/rule.ts";
import { neverLookedUp } from "../../domain/verdict.ts";
import type { Verdict } from "../../domain/verdict.ts";

/** The same domain values for every test that needs some: whole, valid, and changed by what the test is about. */
export const organizationId = parseId<OrganizationId>("0198b5a0-0000-7000-8000-000000000001")!;
export const nasId = parseId<NasId>("0198b5a0-0000-7000-8000-00000000000a")!;
export const accountId = parseId<never>("0198b5a0-0000-7000-8000-0000000000ac")!;
export const NOW = Date.parse("2026-11-25T12:00:00Z");
export const MAC = parseMac("a4:83:e7:11:22:33")!;
export const OTHER_MAC = parseMac("a4:83:e7:99:88:77")!;
export const DEVICE_ID = "D20E0F3D-66AF-4B92-B31E-1DA394DF1E88";

export function certificate(change: Partial<CertificateEvidence> = {}): CertificateEvidence {
  return {
    subject: "CN=mac-01,O=Acme",
    issuer: "CN=Acme Device CA",
    commonName: "mac-01",
    serial: "0a1b",
    sanDns: [DEVICE_ID],
    sanUri: [],
    sanEmail: [],
    sanUpn: [],
    extendedKeyUsage: ["1.3.6.1.5.5.7.3.2"],
    notBefore: NOW - 86_400_000,
    notAfter: NOW + 86_400_000,
    fingerprint: "ab".repeat(32),
    ...change,
  };
}

export function evidence(change: Partial<Evidence> = {}): Evidence {
  return {
    organizationId,
    authentication: "eap-tls",
    mac: MAC,
    userName: "host/mac-01@acme.example",
    certificate: certificate(),
    userLabels: undefined,
    tls: { version: "TLSv1.3", resumed: false },
    portType: "wireless",
    ssid: "corp",
    nasVendor: "juniper-mist",
    nas: {
      nasId,
      siteId: undefined,
      sourceAddress: "127.0.0.11",
      nasIpAddress: "10.0.0.1",
      nasIpv6Address: undefined,
      nasIdentifier: "ap-1",
      nasPort: undefined,
      nasPortId: undefined,
      callingStationId: "A4-83-E7-11-22-33",
      calledStationId: "00-11-22-33-44-55:corp",
      acctSessionId: undefined,
      auditSessionId: undefined,
    },
    ...change,
  };
}

export function verdict(change: Partial<Verdict> = {}): Verdict {
  return {
    ...neverLookedUp(),
    status: "compliant",
    reason: "reported",
    matchedBy: "deviceId",
    revision: 7,
    checkedAt: NOW - 1_000,
    changedAt: NOW - 1_000,
    dueAt: NOW + 7_200_000,
    ...change,
  };
}

export function matchLabel(name: string, match: MatchKind, values: readonly string[], matchAll = false): Label {
  return {
    id: name as LabelId,
    organizationId,
    name,
    type: "match",
    match,
    values,
    matchAll,
    createdAt: NOW,
    modifiedAt: NOW,
  };
}

export function resultLabel(name: string, type: ResultKind, ...values: readonly string[]): Label {
  return { id: name as LabelId, organizationId, name, type, values, createdAt: NOW, modifiedAt: NOW };
}

export function conditions(labels: readonly string[] = [], fields: Conditions["fields"] = {}): Conditions {
  return { labels: labels as readonly LabelId[], fields };
}

export function rule(name: string, order: number, change: Partial<Rule> = {}): Rule {
  return {
    id: name as RuleId,
    organizationId,
    name,
    order,
    enabled: true,
    action: "allow",
    matching: conditions(),
    notMatching: conditions(),
    applyLabels: [],
    createdAt: NOW,
    modifiedAt: NOW,
    ...change,
  };
}

export function snapshot(
  rules: readonly Rule[],
  labels: readonly Label[],
  change: Partial<PolicySnapshot> = {},
): PolicySnapshot {
  return {
    policy: createPolicy(organizationId, 1, rules, labels),
    verdictOf: () => undefined,
    trustMacAuthentication: false,
    maximumVerdictAgeMs: 7 * 86_400_000,
    ...change,
  };
}

/** A directory where nobody listens. */
export const DIRECTORY: DirectoryDraft = {
  name: "Head office",
  type: "azure",
  hosts: ["127.0.0.1:9"],
  baseDn: "dc=example",
  bindDn: "cn=reader,dc=example",
  bindPassword: secret("bind"),
  userFilter: "(uid=%s)",
  groupAttribute: "memberOf",
  cacerts: [],
  whenDown: "reject",
};
