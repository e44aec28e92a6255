import type { EventType } from "../domain/event.ts";
import { VENDOR_NAMES } from "../domain/linked-account.ts";
import { VERDICT_SENTENCES } from "../domain/verdict.ts";
import type { Verdict } from "../domain/verdict.ts";
import type { CombinedAnswer } from "./ask-accounts.ts";

/** What the timeline calls it. Not enrolled is an answer, and never a failure. */
export function lookUpEventType({ report }: CombinedAnswer): EventType {
  switch (report.kind) {
    case "compliant":
    case "noncompliant":
    case "undetermined":
      return "NAC_MDM_LOOKUP_SUCCESS";
    case "notEnrolled":
      return "NAC_MDM_DEVICE_NOT_ENROLLED";
    case "unreachable":
      return "NAC_MDM_LOOKUP_FAILURE";
  }
}

/** One sentence for people: who was asked, what was answered. `verdict` is what is held now. */
export function lookUpText({ report, accountKind }: CombinedAnswer, verdict: Verdict): string {
  const vendor = VENDOR_NAMES[accountKind];
  switch (report.kind) {
    case "compliant":
      return `${vendor} reports ${report.device.name ?? "the device"} compliant.`;
    case "noncompliant": {
      const reasons = report.reasons.length === 0 ? "" : `: ${report.reasons.join(", ")}`;
      return `${vendor} reports ${report.device.name ?? "the device"} noncompliant${reasons}.`;
    }
    case "undetermined":
      return `${vendor} cannot say: ${VERDICT_SENTENCES[report.reason]}`;
    case "notEnrolled":
      return `${vendor} does not know the device${report.detail === undefined ? "" : ` (${report.detail})`}.`;
    case "unreachable": {
      const kept = verdict.checkedAt === undefined ? "" : ` The last answer stands: ${verdict.status}.`;
      if (report.cause === "noAccount") return `${report.detail}${kept}`;
      return `${vendor} could not be asked: ${sentence(report.detail)}${kept}`;
    }
  }
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
