import type { Access } from "./authorization.ts";
import type { Evidence } from "./evidence.ts";
import type { EdgeId, EventId, OrganizationId, SessionId } from "./identifiers.ts";
import type { IdentityKey } from "./identity.ts";
import type { MacAddress } from "./mac-address.ts";

/**
 * What opened a session: an Accept; accounting under the Class of an earlier Accept (802.11r, cached keys), whose access
 * goes on; or accounting without any Accept of ours (critical authentication, another server).
 */
export type SessionOrigin = "accepted" | "continued" | "unverified";

/**
 * One client's stay on one NAS port, from Accept to Accounting-Stop. A re-authentication that says anything new opens a
 * session that supersedes the client's old one on that NAS, so that each session has exactly one applied access; one that
 * repeats the last goes on with it, and `decisionId` and `acceptedAt` are of the last.
 *
 * Of an unverified one, `identity` is not known, `evidence` is what accounting claims, `decisionId` is the event that
 * opened it, and `applied` says no more than that the client is on the network.
 */
export interface Session {
  readonly id: SessionId;
  readonly origin: SessionOrigin;
  readonly organizationId: OrganizationId;
  readonly mac: MacAddress;
  readonly identity: IdentityKey | undefined;
  /** The edge that answered: it sends the CoA, for the NAS trusts its address. */
  readonly edgeId: EdgeId;
  readonly evidence: Evidence;
  readonly decisionId: EventId;
  readonly applied: Access;
  readonly policyVersion: number;
  readonly verdictRevision: number;
  /** From accounting where it has come, else from the Access-Request. */
  readonly acctSessionId: string | undefined;
  /** Epoch milliseconds. */
  readonly acceptedAt: number;
  readonly accountingStartedAt: number | undefined;
  readonly lastSeenAt: number;
  readonly endedAt: number | undefined;
  readonly endReason: string | undefined;
}

/** RFC 2866 §5.1. */
export type AccountingKind = "start" | "interim" | "stop" | "on" | "off";
