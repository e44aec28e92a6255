import type { ComplianceReport, MatchedBy } from "../../domain/report.ts";
import type { IsMember } from "./membership.ts";
import type { JamfRecord } from "./record.ts";
import type { SmartGroup } from "./smart-group.ts";

/**
 * A record as a report: Jamf Pro has no compliance of its own, membership of the smart group is compliance. A group
 * that is not there condemns nobody, so "not a member" counts only once the group has been seen again: its members would
 * otherwise be demoted all at once in the minute for which it is remembered.
 */
export async function judgeRecord(
  smartGroupName: string,
  group: SmartGroup,
  isMember: IsMember,
  record: JamfRecord,
  matchedBy: MatchedBy,
): Promise<ComplianceReport> {
  const { device, enrolled, realm } = record;
  if (!enrolled) return { kind: "notEnrolled", detail: "Jamf Pro has a record, but does not manage the device." };
  const missing: ComplianceReport = { kind: "undetermined", reason: "groupMissing", device, matchedBy };
  const recent = await group.recent(realm);
  if (recent.kind === "fault") return recent.fault;
  if (recent.kind === "missing") return missing;
  const membership = await isMember(record, recent.groupId);
  switch (membership) {
    case "member":
      return { kind: "compliant", device, matchedBy };
    case "notMember": {
      const present = await group.present(realm);
      if (present.kind === "fault") return present.fault;
      if (present.kind === "missing") return missing;
      return { kind: "noncompliant", device, matchedBy, reasons: [`not in smart group "${smartGroupName}"`] };
    }
    default:
      return membership;
  }
}
