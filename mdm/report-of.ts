import type { LinkedAccount } from "../domain/linked-account.ts";
import { VENDOR_NAMES } from "../domain/linked-account.ts";
import type { ComplianceReport, MatchedBy } from "../domain/report.ts";
import type { Candidate, Match } from "./match.ts";
import type { LookUpAnswer } from "./provider.ts";
import { type Unreachable, unreachable } from "./unreachable.ts";

/** What a search for one device came to. */
export type Finding<Found extends Candidate> = Match<Found> | Unreachable;

/** The report on a finding; `judge` is the vendor's opinion of the record that matched. */
export async function reportOf<Found extends Candidate>(
  account: LinkedAccount,
  finding: Finding<Found>,
  judge: (record: Found, matchedBy: MatchedBy) => ComplianceReport | Promise<ComplianceReport>,
): Promise<Omit<LookUpAnswer, "tookMs">> {
  switch (finding.kind) {
    case "unreachable":
      return { report: finding };
    case "none":
      return { report: { kind: "notEnrolled", detail: undefined } };
    case "refused":
      return { report: { kind: "notEnrolled", detail: finding.detail } };
    case "ambiguous":
      return { report: { kind: "undetermined", reason: "ambiguousMatch", device: undefined, matchedBy: "mac" } };
    case "stranger": {
      const detail = `${VENDOR_NAMES[account.kind]} answered with records of other devices than the one asked about`;
      return { report: unreachable("unreadable", detail) };
    }
    case "matched": {
      const { record, matchedMac } = finding;
      const report = await judge(record, matchedMac === undefined ? "deviceId" : "mac");
      return matchedMac === undefined ? { report } : { report, matchedMac };
    }
  }
}
