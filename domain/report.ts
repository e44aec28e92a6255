import type { DeviceId } from "./device-id.ts";
import type { AccountId } from "./identifiers.ts";
import type { MacAddress } from "./mac-address.ts";
import type { AccountKind } from "./linked-account.ts";

/** A record in an MDM, as much of it as we show. */
export interface ManagedDevice {
  /** The MDM's own id of the record. */
  readonly recordId: string;
  readonly deviceId: DeviceId | undefined;
  readonly serial: string | undefined;
  readonly macs: readonly MacAddress[];
  readonly name: string | undefined;
  readonly manufacturer: string | undefined;
  readonly model: string | undefined;
  readonly operatingSystem: string | undefined;
  readonly operatingSystemVersion: string | undefined;
  /** Epoch milliseconds of the device's last contact with its MDM. */
  readonly lastSeen: number | undefined;
}

export type MatchedBy = "deviceId" | "mac";

export type UndeterminedReason =
  | "ambiguousMatch" // several records claim the id or the MAC
  | "groupMissing" // the smart group does not exist where the device could be a member; a fault of the account
  | "pendingComplianceCheck" // the MDM knows the device and has not judged it yet
  | "noPolicyAssigned"; // the MDM has nothing to judge it by

/** What an MDM look-up answered. An MDM that cannot be asked is `unreachable`, which is never `notEnrolled`. */
export type ComplianceReport =
  | { readonly kind: "compliant"; readonly device: ManagedDevice; readonly matchedBy: MatchedBy }
  | {
      readonly kind: "noncompliant";
      readonly device: ManagedDevice;
      readonly matchedBy: MatchedBy;
      /** Why, in the MDM's words: failing policy names, or the smart group. */
      readonly reasons: readonly string[];
    }
  | {
      readonly kind: "undetermined";
      readonly reason: UndeterminedReason;
      readonly device: ManagedDevice | undefined;
      readonly matchedBy: MatchedBy | undefined;
    }
  | { readonly kind: "notEnrolled"; readonly detail: string | undefined }
  | {
      readonly kind: "unreachable";
      readonly cause: UnreachableCause;
      readonly detail: string;
      readonly retryAfterMs: number | undefined;
    };

/** Faults of the account or of the way to it. Each leaves known verdicts as they are. */
export type UnreachableCause =
  | "network" // no connection, TLS failure, deadline passed
  | "blockedAddress" // the instance resolves to an address that may not be called
  | "credentials" // 400 or 401 for the token, or a 401 that a fresh token does not cure
  | "forbidden" // 403: the API role lacks a privilege
  | "quota" // 429
  | "vendorError" // 5xx
  | "unreadable" // an answer that is not what the vendor documents
  | "accountPaused"
  | "secretUnopened" // no key of ours opens the account's secret
  | "noAccount"; // nothing is linked

/** A report with the account that it came from. */
export interface AccountReport {
  readonly accountId: AccountId;
  readonly accountKind: AccountKind;
  readonly report: ComplianceReport;
}

/**
 * One report out of those of all linked accounts (behaviour 1.6): the one account that knows the device; of several the
 * most careful, noncompliant before undetermined before compliant; unreachable when one could not be asked and the
 * others do not know it. `undefined` only for an empty list.
 */
export function combine(reports: readonly AccountReport[]): AccountReport | undefined {
  const care: Readonly<Record<ComplianceReport["kind"], number>> = {
    noncompliant: 0,
    undetermined: 1,
    compliant: 2,
    unreachable: 3,
    notEnrolled: 4,
  };
  return reports.toSorted((a, b) => care[a.report.kind] - care[b.report.kind])[0];
}
