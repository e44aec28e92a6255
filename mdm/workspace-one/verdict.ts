import type { ComplianceReport, MatchedBy, UndeterminedReason } from "../../domain/report.ts";
import type { UemRecord } from "./record.ts";

type Opinion = "compliant" | "noncompliant" | UndeterminedReason;

/** What each `ComplianceStatus` of the vendor's enumeration means for access, by its name in lower case. */
const OPINIONS: Readonly<Record<string, Opinion>> = {
  compliant: "compliant",
  noncompliant: "noncompliant",
  blocked: "noncompliant",
  quarantined: "noncompliant",
  pendingcompliancecheck: "pendingComplianceCheck",
  pendingcompliancecheckforapolicy: "pendingComplianceCheck",
  unknown: "pendingComplianceCheck",
  // Nothing judges the device: no policy is assigned, or the state is one of mail access or of registration.
  notavailable: "noPolicyAssigned",
  notapplicable: "noPolicyAssigned",
  allowed: "noPolicyAssigned",
  registrationactive: "noPolicyAssigned",
  registrationexpired: "noPolicyAssigned",
};

/** A record as a report. Only an enrolled device is judged: what UEM last thought of one that left means nothing. */
export function judgeRecord(record: UemRecord, matchedBy: MatchedBy): ComplianceReport {
  const { device, enrolled, enrollment, compliance, compromised } = record;
  if (!enrolled) {
    return { kind: "notEnrolled", detail: `Workspace ONE UEM has a record with enrollment status ${enrollment}.` };
  }
  // A status that is missing, or that a later server invents, has judged nothing yet.
  const opinion = OPINIONS[compliance?.toLowerCase() ?? ""] ?? "pendingComplianceCheck";
  const reasons = [
    ...(compromised ? ["the device is compromised (jailbroken or rooted)"] : []),
    ...(opinion === "noncompliant" ? [`compliance status ${compliance}`] : []),
  ];
  if (reasons.length > 0) return { kind: "noncompliant", device, matchedBy, reasons };
  switch (opinion) {
    case "compliant":
      return { kind: "compliant", device, matchedBy };
    case "noncompliant":
      return { kind: "noncompliant", device, matchedBy, reasons };
    case "ambiguousMatch":
    case "groupMissing":
    case "pendingComplianceCheck":
    case "noPolicyAssigned":
      return { kind: "undetermined", reason: opinion, device, matchedBy };
  }
}
