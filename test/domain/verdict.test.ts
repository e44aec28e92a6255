import { accessDifference } from "../../domain/authorization.ts";
import { parseInstanceUrl } from "../../domain/linked-account.ts";
import { combine } from "../../domain/report.ts";
import type { AccountReport, ComplianceReport, ManagedDevice } from "../../domain/report.ts";
import { reveal, secret } from "../../domain/secret.ts";
import { parseDurationMs } from "../../domain/time.ts";
import { DEFAULT_VERDICT_RULES, neverLookedUp, nextVerdict, wantsLookUp } from "../../domain/verdict.ts";
import { identityOf } from "../../domain/identity.ts";
import { inspect } from "node:util";
import { accountId, evidence, MAC, NOW, verdict } from "../support/domain-values.ts";

const device: ManagedDevice = {
  recordId: "5614",
  deviceId: undefined,
  serial: "C02EXAMPLE01",
  macs: [MAC],
  name: "Alex's Mac",
  manufacturer: undefined,
  model: "MacBook Pro",
  operatingSystem: "macOS",
  operatingSystemVersion: "26.1",
  lastSeen: NOW,
};
const compliant: ComplianceReport = { kind: "compliant", device, matchedBy: "deviceId" };
const noncompliant: ComplianceReport = {
  kind: "noncompliant",
  device,
  matchedBy: "deviceId",
  reasons: ["Disk encryption"],
};
const pending: ComplianceReport = {
  kind: "undetermined",
  reason: "pendingComplianceCheck",
  device,
  matchedBy: "deviceId",
};
const notEnrolled: ComplianceReport = { kind: "notEnrolled", detail: undefined };
const unreachable: ComplianceReport = {
  kind: "unreachable",
  cause: "network",
  detail: "connection refused",
  retryAfterMs: undefined,
};
const from = (report: ComplianceReport, accountKind: AccountReport["accountKind"] = "vmware"): AccountReport => ({
  accountId,
  accountKind,
  report,
});

describe("behaviour 1.6: combine", () => {
  test.each([
    ["the one account that knows the device", [notEnrolled, compliant], "compliant"],
    ["noncompliant before unknown before compliant", [compliant, pending, noncompliant], "noncompliant"],
    ["unknown before compliant", [compliant, pending], "undetermined"],
    ["one unreachable, the others not enrolled", [notEnrolled, unreachable], "unreachable"],
    ["one unreachable, one that knows it", [unreachable, compliant], "compliant"],
    ["none knows it", [notEnrolled, notEnrolled], "notEnrolled"],
  ])("%s", (_title, reports, kind) => {
    expect(combine(reports.map((report) => from(report)))!.report.kind).toBe(kind);
    expect(combine(reports.toReversed().map((report) => from(report)))!.report.kind).toBe(kind);
  });
});

describe("nextVerdict", () => {
  const next = (current: ReturnType<typeof verdict>, report: ComplianceReport) =>
    nextVerdict(current, from(report), MAC, DEFAULT_VERDICT_RULES, NOW);
  test("the first answer is a change, the same again is none", () => {
    const first = next(neverLookedUp(), compliant);
    expect(first).toMatchObject({
      changed: true,
      verdict: { status: "compliant", checkedAt: NOW, changedAt: NOW, dueAt: NOW + 7_200_000 },
    });
    expect(next(first.verdict, compliant)).toMatchObject({ changed: false, verdict: { changedAt: NOW } });
  });
  test("behaviour 3.1: an unreachable MDM leaves a known verdict and makes only never-seen clients unknown", () => {
    const known = next(verdict(), unreachable);
    expect(known).toMatchObject({ changed: false, verdict: { status: "compliant", reason: "reported" } });
    expect(known.verdict.dueAt).toBeGreaterThan(NOW);
    expect(next(neverLookedUp(), unreachable)).toMatchObject({
      changed: true,
      verdict: { status: "unknown", reason: "unreachable", checkedAt: undefined },
    });
  });
  test("behaviour 3.1: a smart group that is gone leaves known verdicts too, and names itself to never-seen clients", () => {
    const groupMissing: ComplianceReport = { ...pending, reason: "groupMissing" };
    expect(next(verdict(), groupMissing)).toMatchObject({ changed: false, verdict: { status: "compliant" } });
    expect(next(neverLookedUp(), groupMissing)).toMatchObject({
      changed: true,
      verdict: { status: "unknown", reason: "groupMissing", checkedAt: undefined },
    });
  });
  test("reasons are kept, and a match by MAC remembers the MAC", () => {
    expect(next(verdict(), noncompliant).verdict.details).toEqual(["Disk encryption"]);
    const byMac = next(neverLookedUp(), { ...compliant, matchedBy: "mac" });
    expect(byMac.verdict).toMatchObject({ matchedBy: "mac", matchedMac: MAC });
  });
  test("behaviour 2.1: a look-up is wanted when the verdict is absent or due, and not again before", () => {
    const identity = identityOf(evidence());
    expect(wantsLookUp(evidence(), identity, undefined, NOW)).toBe(true);
    const held = next(neverLookedUp(), compliant).verdict;
    expect(wantsLookUp(evidence(), identity, held, NOW + 3_600_000)).toBe(false);
    expect(wantsLookUp(evidence(), identity, held, NOW + 7_200_000)).toBe(true);
    expect(wantsLookUp(evidence(), undefined, undefined, NOW)).toBe(false);
  });
});

test("only what changes the network is a difference", () => {
  const accept = (authorization: object) => ({ kind: "accept" as const, authorization });
  expect(accessDifference(accept({ vlan: "20" }), accept({ vlan: "99" }))).toEqual(["VLAN 99 → 20"]);
  expect(accessDifference({ kind: "reject" }, accept({ vlan: "99" }))).toEqual(["block"]);
  expect(accessDifference({ kind: "reject" }, { kind: "reject" })).toEqual([]);
  expect(accessDifference(accept({ sessionTimeoutSeconds: 60 }), accept({ sessionTimeoutSeconds: 90 }))).toEqual([]);
  expect(accessDifference(accept({ role: "a", egressVlanNames: ["1x"] }), accept({ role: "b" }))).toHaveLength(2);
});

test("secrets print as [redacted] wherever they end up", () => {
  const key = secret("s3cret");
  const shown = [JSON.stringify({ key }), inspect({ key }), String(key)];
  for (const text of shown) expect(text).not.toContain("s3cret");
  expect(reveal(key)).toBe("s3cret");
});

test.each([
  ["as800.awmdm.com", "https://as800.awmdm.com"],
  ["https://Acme.jamfcloud.com/login?x", "https://acme.jamfcloud.com"],
  ["https://10.0.0.5:8443", "https://10.0.0.5:8443"],
])("instance URL %s", (text, url) => expect(parseInstanceUrl(text, false)).toEqual({ kind: "ok", url }));
test.each(["http://acme.jamfcloud.com", "ftp://acme", "", "acme cloud", "https://user:pw@acme"])(
  "instance URL %p is refused",
  (text) =>
    expect(parseInstanceUrl(text, false)).toMatchObject({
      kind: "invalid",
      message: expect.stringContaining("instance_url") as string,
    }),
);

test("durations are read with their unit", () => {
  expect(["90s", "15m", "2h", "1d", "500ms"].map(parseDurationMs)).toEqual([
    90_000, 900_000, 7_200_000, 86_400_000, 500,
  ]);
  expect(["2", "h", "-1s", "2 h"].map(parseDurationMs)).toEqual([undefined, undefined, undefined, undefined]);
});
