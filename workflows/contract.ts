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
export const CRL_WORKFLOW = "CrlRefreshWorkflow";

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
  /** Epoch milliseconds of the next look-up. */
  readonly nextLookUpAt: number;
  /** Wishes that arrived during the last steps of the run before. */
  readonly wishes: readonly Seen[];
  /** Present while an enforcement is under way. */
  readonly enforcing?: { readonly revision: number; readonly nextStepAt: number };
}

/** What `seen` carries: the authentication that wished for a look-up. */
export interface Seen {
  /** For people who read the history. */
  readonly eventId: string;
  readonly text: string;
  /** Epoch milliseconds of the authentication. */
  readonly at?: number;
  readonly mac?: MacAddress;
}

/** Why the activity is asked to look a device up: it decides whether the stored verdict will do. */
export type LookUpCause =
  /** Its time has come, or the workflow is new: the stored verdict answers unless it is due. */
  | { readonly kind: "due" }
  /** An authentication wished for it: a stored verdict answers that serves this MAC, or was found after the wish. */
  | { readonly kind: "wished"; readonly at?: number; readonly mac?: MacAddress }
  /** A person asked: the MDM is asked whatever is stored. */
  | { readonly kind: "asked" };

export interface LookUpInput {
  readonly organizationId: OrganizationId;
  readonly identity: IdentityKey;
  readonly cause: LookUpCause;
  /** `changedAt` of the last verdict that the workflow knows of: what `changed` of the result is measured from. */
  readonly knownChangedAt?: number;
}

export interface LookUpResult {
  readonly status: ComplianceStatus;
  readonly reason: VerdictReason;
  readonly revision: number;
  /** The verdict differs from the one that the asker knew: robust against answers that were lost on the way. */
  readonly changed: boolean;
  /** Epoch milliseconds of the verdict's last change. */
  readonly changedAt?: number;
  /** Provider's name for people, where one answered. */
  readonly provider?: string;
  /** MAC addresses of the identity when the MDMs were asked; empty when the stored verdict answered. */
  readonly knownMacs: readonly MacAddress[];
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
  /**
   * All steps were tried. After `pauseMs` they may be again; without it only another verdict, or the client, moves on.
   * `againMs` is the same in histories from before "failed-begins-again", and given by no activity any more.
   */
  | { readonly kind: "failed"; readonly pauseMs?: number; readonly againMs?: number; readonly text: string };

export interface EnforceInput {
  readonly organizationId: OrganizationId;
  readonly identity: IdentityKey;
  /** Revision of the verdict that caused it. Edges send no CoA before they hold it. */
  readonly revision: number;
}

export interface CoaInput {
  readonly organizationId: OrganizationId;
  readonly mac: MacAddress;
  readonly coaType: CoaType;
  /** Who asked, as event field `coa_source`. */
  readonly source: string;
}

/** What fetching an organization's CRLs came to. */
export interface CrlRefresh {
  readonly fetched: number;
  readonly failed: number;
  /** One sentence for people. */
  readonly text: string;
}

/** The ports that the workflows need; `activities/` implements them. Each may run twice: each is idempotent. */
export interface ComplianceActivities {
  /** Asks the linked MDMs, stores the verdict, tells the edges. An MDM that is down is a result, never a failure. */
  lookUpCompliance(input: LookUpInput): Promise<LookUpResult>;
  /** Compares, and sends at most one CoA at a time to each session that differs because of the verdict. */
  enforce(input: EnforceInput): Promise<Enforcement>;
  /** Sends one CoA to each open session of a client because a person asked. */
  sendCoa(input: CoaInput): Promise<{ readonly text: string }>;
  /** Finds out whose CRLs are to be fetched now. */
  findDueCrls(): Promise<{ readonly organizationIds: readonly OrganizationId[] }>;
  /** Fetches what is due of one organization. A server that does not answer is a result, never a failure. */
  refreshCrls(input: { readonly organizationId: OrganizationId }): Promise<CrlRefresh>;
}

/** What the `state` query answers. */
export interface DeviceState {
  readonly lookUps: number;
  readonly last?: LookUpResult;
  /** Epoch milliseconds. */
  readonly nextLookUpAt?: number;
  readonly enforcement?: Enforcement;
}
