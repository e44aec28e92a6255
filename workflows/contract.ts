import type { CoaType } from "../domain/coa.ts";
import type { OrganizationId } from "../domain/identifiers.ts";
import type { IdentityKey } from "../domain/identity.ts";
import type { MacAddress } from "../domain/mac-address.ts";
import type { ComplianceStatus, VerdictReason } from "../domain/verdict.ts";

/** Task queue of the compliance workers. */
export const COMPLIANCE_QUEUE = "portcullis-compliance";

/** Workflow types, by the names that the Temporal UI shows. */
export const DEVICE_WORKFLOW = "DeviceComplianceWorkflow";
export const COA_WORKFLOW = "ClientCoaWorkflow";

/** Signals, query and update of DeviceComplianceWorkflow: their bare names are what the Temporal UI shows. */
export const SEEN_SIGNAL = "seen";
export const SESSION_CHANGED_SIGNAL = "sessionChanged";
export const CHECK_NOW_UPDATE = "checkNow";
export const STATE_QUERY = "state";

/** Search attributes, all Keyword but the last, a Datetime. Registered by the relay. */
export const SEARCH_ATTRIBUTES = {
  organization: "PortcullisOrganization",
  status: "ComplianceStatus",
  provider: "MdmProvider",
  changedAt: "ComplianceChangedAt",
} as const;

/** Argument of DeviceComplianceWorkflow. Intervals and account rules never travel here: they come with each look-up. */
export interface DeviceInput {
  readonly organizationId: OrganizationId;
  readonly identity: IdentityKey;
  /** State of the run before, after continue-as-new. */
  readonly carried?: DeviceCarried;
}

export interface DeviceCarried {
  readonly lookUps: number;
  readonly last: LookUpResult;
  /** A signal or update that arrived during the last steps of the run before. */
  readonly lookUpDue: boolean;
}

/** What `seen` carries: the event that wished for a look-up, for people who read the history. */
export interface Seen {
  readonly eventId: string;
  readonly text: string;
}

export interface LookUpResult {
  readonly status: ComplianceStatus;
  readonly reason: VerdictReason;
  readonly revision: number;
  /** The verdict differs from the one before. */
  readonly changed: boolean;
  /** Provider's name for people, where one answered. */
  readonly provider: string | undefined;
  /** One sentence for people: what was asked, what was answered. */
  readonly text: string;
  /** Time until the next look-up is due. */
  readonly nextCheckMs: number;
  /** False when no session is open and nothing authenticated lately: the workflow may end. */
  readonly inUse: boolean;
}

/** Where enforcement of an identity stands, after comparing desired with applied for each open session. */
export type Enforcement =
  /** Every session is where it should be. */
  | { readonly kind: "settled"; readonly text: string }
  /** A CoA was acknowledged; the client has `waitMs` to come back before the next step. */
  | { readonly kind: "awaitingReturn"; readonly waitMs: number; readonly text: string }
  /** All steps were tried. */
  | { readonly kind: "failed"; readonly text: string };

/** The ports that the workflows need; `activities/` implements them. Each may run twice: each is idempotent. */
export interface ComplianceActivities {
  /** Asks the linked MDMs, stores the verdict, tells the edges. An MDM that is down is a result, never a failure. */
  lookUpCompliance(input: { organizationId: OrganizationId; identity: IdentityKey }): Promise<LookUpResult>;
  /** Compares, and sends at most one CoA step for each session that differs. */
  enforce(input: { organizationId: OrganizationId; identity: IdentityKey; revision: number }): Promise<Enforcement>;
  /** Sends one CoA to each open session of a client because a person asked. */
  sendCoa(input: CoaInput): Promise<{ readonly text: string }>;
}

export interface CoaInput {
  readonly organizationId: OrganizationId;
  readonly mac: MacAddress;
  readonly coaType: CoaType;
  /** Who asked, as event field `coa_source`. */
  readonly source: string;
}

/** What the `state` query answers. */
export interface DeviceState {
  readonly lookUps: number;
  readonly last: LookUpResult | undefined;
  readonly enforcement: Enforcement | undefined;
}
