import type { Evidence } from "./evidence.ts";
import type { AccountId } from "./identifiers.ts";
import type { Identity } from "./identity.ts";
import type { AccountKind } from "./linked-account.ts";
import type { MacAddress } from "./mac-address.ts";
import type { AccountReport, ComplianceReport, ManagedDevice, MatchedBy, UndeterminedReason } from "./report.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "./time.ts";

export const COMPLIANCE_STATUSES = ["compliant", "noncompliant", "unknown"] as const;
export type ComplianceStatus = (typeof COMPLIANCE_STATUSES)[number];

/** Why a verdict is what it is. `unknown` always has one of these, and none of them is an error in disguise. */
export type VerdictReason =
  | "reported" // the MDM said so
  | "neverLookedUp"
  | "notEnrolled"
  | UndeterminedReason
  | "unreachable" // never seen, and the MDM could not be asked
  | "expired" // older than the account allows a last-known verdict to be
  | "foundByOtherMac" // found by a MAC that this request does not come from
  | "macAuthentication" // a MAC alone proves nothing, and the organization has not opted in
  | "noIdentity"; // randomized or missing MAC and no device id in a certificate

/** What we hold to be true of an identity. */
export interface Verdict {
  readonly status: ComplianceStatus;
  readonly reason: VerdictReason;
  /** The MDM's own words, for people: failing policies, smart group, what was refused. */
  readonly details: readonly string[];
  readonly source: { readonly accountId: AccountId; readonly kind: AccountKind } | undefined;
  readonly matchedBy: MatchedBy | undefined;
  /** Where `matchedBy` is "mac": the only MAC that this verdict serves (behaviour 1.1). */
  readonly matchedMac: MacAddress | undefined;
  readonly device: ManagedDevice | undefined;
  /** Grows with every change within the organization; 0 when nothing is stored. */
  readonly revision: number;
  /** Epoch milliseconds of the last answer of an MDM, of the last change of status, and of the next look-up. */
  readonly checkedAt: number | undefined;
  readonly changedAt: number | undefined;
  readonly dueAt: number;
}

/** What a decision needs of a verdict; the rest is for people. */
export type DecisiveVerdict = Pick<
  Verdict,
  "status" | "reason" | "matchedBy" | "matchedMac" | "revision" | "checkedAt" | "dueAt"
>;

/** How long verdicts live. */
export interface VerdictRules {
  /** Sleep between look-ups of a device in use. */
  readonly intervalMs: number;
  /** Up to this age a last-known verdict counts while the MDM cannot be asked. */
  readonly maximumAgeMs: number;
}

export const DEFAULT_VERDICT_RULES: VerdictRules = { intervalMs: 2 * HOUR_MS, maximumAgeMs: 7 * DAY_MS };

const NEVER_LOOKED_UP: Verdict = {
  status: "unknown",
  reason: "neverLookedUp",
  details: [],
  source: undefined,
  matchedBy: undefined,
  matchedMac: undefined,
  device: undefined,
  revision: 0,
  checkedAt: undefined,
  changedAt: undefined,
  dueAt: 0,
};

/** The verdict before any look-up. */
export function neverLookedUp(): Verdict {
  return NEVER_LOOKED_UP;
}

/** Retry after a fault of the account: soon, but not in step with a whole fleet's retries. */
const FAULT_RETRY_MS = 5 * MINUTE_MS;

/**
 * The verdict after an answer. Pure: `revision` is given by the store when `changed` says that the new verdict differs
 * in status, reason or source. A fault of the account never changes a known verdict (behaviour 3.1): it stays last-known.
 */
export function nextVerdict(
  current: Verdict,
  answer: AccountReport,
  matchedMac: MacAddress | undefined,
  rules: VerdictRules,
  now: number,
): { readonly verdict: Verdict; readonly changed: boolean } {
  const { report } = answer;
  if (report.kind === "unreachable") {
    const retryMs = Math.min(report.retryAfterMs ?? FAULT_RETRY_MS, rules.intervalMs);
    return afterFault(current, "unreachable", [report.detail], now, now + retryMs);
  }
  // A smart group that is gone is the account's fault too: it says nothing of the device.
  if (report.kind === "undetermined" && report.reason === "groupMissing") {
    return afterFault(current, "groupMissing", [], now, now + Math.min(FAULT_RETRY_MS, rules.intervalMs));
  }
  const { status, reason, details } = judge(report);
  const matchedBy = "matchedBy" in report ? report.matchedBy : undefined;
  const next: Verdict = {
    status,
    reason,
    details,
    source: { accountId: answer.accountId, kind: answer.accountKind },
    matchedBy,
    matchedMac: matchedBy === "mac" ? matchedMac : undefined,
    device: "device" in report ? report.device : undefined,
    revision: current.revision,
    checkedAt: now,
    changedAt: current.changedAt,
    dueAt: now + rules.intervalMs,
  };
  const changed =
    next.status !== current.status ||
    next.reason !== current.reason ||
    next.matchedMac !== current.matchedMac ||
    next.source?.accountId !== current.source?.accountId;
  return { verdict: changed ? { ...next, changedAt: now } : next, changed };
}

/** The verdict stays what it was; one that never was gets its reason for being unknown. */
function afterFault(
  current: Verdict,
  reason: "unreachable" | "groupMissing",
  details: readonly string[],
  now: number,
  dueAt: number,
): { readonly verdict: Verdict; readonly changed: boolean } {
  if (current.checkedAt !== undefined) return { verdict: { ...current, dueAt }, changed: false };
  const verdict: Verdict = { ...current, reason, details, dueAt, changedAt: current.changedAt ?? now };
  return { verdict, changed: current.reason !== reason };
}

type Judged = Exclude<ComplianceReport, { kind: "unreachable" }>;

function judge(report: Judged): Pick<Verdict, "status" | "reason" | "details"> {
  switch (report.kind) {
    case "compliant":
      return { status: "compliant", reason: "reported", details: [] };
    case "noncompliant":
      return { status: "noncompliant", reason: "reported", details: report.reasons };
    case "undetermined":
      return { status: "unknown", reason: report.reason, details: [] };
    case "notEnrolled":
      return { status: "unknown", reason: "notEnrolled", details: report.detail === undefined ? [] : [report.detail] };
  }
}

/** What a verdict is worth to one request, and why. */
export interface EffectiveStatus {
  readonly status: ComplianceStatus;
  readonly reason: VerdictReason;
}

/**
 * The status that policy sees (behaviour 1.1 to 1.3): a verdict counts only for the identity and, when found by MAC,
 * only on that MAC; MAC authentication sees unknown unless the organization trusts it; a verdict past its maximum age
 * is unknown.
 */
export function effectiveStatus(
  evidence: Evidence,
  identity: Identity | undefined,
  verdict: DecisiveVerdict | undefined,
  options: { readonly trustMacAuthentication: boolean; readonly maximumAgeMs: number },
  now: number,
): EffectiveStatus {
  const unknown = (reason: VerdictReason): EffectiveStatus => ({ status: "unknown", reason });
  if (identity === undefined) return unknown("noIdentity");
  if (evidence.authentication === "mab" && !options.trustMacAuthentication) return unknown("macAuthentication");
  if (verdict === undefined) return unknown("neverLookedUp");
  if (verdict.matchedBy === "mac" && verdict.matchedMac !== evidence.mac) return unknown("foundByOtherMac");
  if (verdict.checkedAt !== undefined && now - verdict.checkedAt > options.maximumAgeMs) return unknown("expired");
  return { status: verdict.status, reason: verdict.reason };
}

/**
 * Whether an authentication that succeeded should ask for a look-up (behaviour 2.1): no verdict yet, one past its due
 * time, or one that was found by another MAC than the request's.
 */
export function wantsLookUp(
  evidence: Evidence,
  identity: Identity | undefined,
  verdict: DecisiveVerdict | undefined,
  now: number,
): boolean {
  if (identity === undefined) return false;
  if (verdict === undefined || now >= verdict.dueAt) return true;
  return verdict.matchedBy === "mac" && verdict.matchedMac !== evidence.mac;
}

/** A sentence for people, for `reason`. */
export const VERDICT_SENTENCES: Readonly<Record<VerdictReason, string>> = {
  reported: "The MDM reported it.",
  neverLookedUp: "The device has not been looked up yet.",
  notEnrolled: "No linked MDM knows the device.",
  ambiguousMatch: "Several MDM records claim the device.",
  groupMissing: "Jamf Pro has no smart group of the account's name for this kind of device.",
  pendingComplianceCheck: "The MDM has not judged the device yet.",
  noPolicyAssigned: "The MDM has no compliance policy for the device.",
  unreachable: "The MDM could not be asked, and nothing was known before.",
  expired: "The last answer is older than the maximum age of a verdict.",
  foundByOtherMac: "The record was found by another MAC address than this request's.",
  macAuthentication: "A MAC address alone proves nothing; the organization does not trust MAC authentication.",
  noIdentity:
    "The MAC address is randomized and there is no device id in a certificate: switch randomization off in the Wi-Fi profile.",
};
