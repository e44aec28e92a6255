import type { Access } from "./authorization.ts";
import type { Decision } from "./decision.ts";
import type { NacEvent } from "./event.ts";
import type { Evidence } from "./evidence.ts";
import type { EdgeId, EventId, SessionId } from "./identifiers.ts";
import type { MacAddress } from "./mac-address.ts";
import type { AccountingKind } from "./session.ts";

/**
 * What an edge makes durable for one answer, all in one transaction; the journal holds the same while Postgres is
 * away. Plain JSON, so that it survives a line of text. Delivered twice it counts once, by its event's id.
 */
export type EdgeRecord = AuthenticationRecord | AccountingRecord;

export interface AuthenticationRecord {
  readonly kind: "authentication";
  /** Its id is the decision's id. */
  readonly event: NacEvent;
  /** The evidence and decision, absent when EAP failed before policy was asked. */
  readonly decided:
    | { readonly evidence: Evidence; readonly evidenceHash: string; readonly decision: Decision }
    | undefined;
  /** Present for an Accept to a client with a MAC address. */
  readonly session:
    | {
        readonly id: SessionId;
        readonly edgeId: EdgeId;
        readonly applied: Access;
        readonly mac: MacAddress;
      }
    | undefined;
  /** True where the authentication succeeded and the verdict is missing, due or another's. */
  readonly lookUpWanted: boolean;
}

/**
 * An Accept that goes on with its session and says what the session's last one said: an id and an instant are all that is
 * new. Most of a fleet's records are this, and so the rest is made only where it is needed after all.
 */
export interface RepeatedAccept {
  readonly kind: "repeatedAccept";
  /** The event's id and the decision's. */
  readonly id: EventId;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly sessionId: SessionId;
  readonly mac: MacAddress;
  /** Hash of what both say (store/event-contents.ts). */
  readonly content: string;
  whole(): AuthenticationRecord;
}

/** What one answer leaves to be made durable. */
export type Recordable = EdgeRecord | RepeatedAccept;

/** The record itself, for who cannot refer to an earlier one. */
export function wholeRecord(recordable: Recordable): EdgeRecord {
  return recordable.kind === "repeatedAccept" ? recordable.whole() : recordable;
}

export interface AccountingRecord {
  readonly kind: "accounting";
  readonly accounting: AccountingKind;
  readonly event: NacEvent;
  /** What the packet says of NAS, port and client. It proves no more than a MAC address does. */
  readonly evidence: Evidence;
  /** Took the packet: it sends the CoA of a session that accounting opens. */
  readonly edgeId: EdgeId;
  /** From Class where it is ours; joined by NAS and Acct-Session-Id otherwise. */
  readonly sessionId: SessionId | undefined;
  /** Epoch milliseconds of the accounted moment: arrival less Acct-Delay-Time. */
  readonly at: number;
  /** When the session began, by its Acct-Session-Time. */
  readonly beganAt: number;
  readonly framedIpAddress: string | undefined;
  readonly terminateCause: string | undefined;
}
