import type { Access } from "./authorization.ts";
import type { Decision } from "./decision.ts";
import type { NacEvent } from "./event.ts";
import type { Evidence } from "./evidence.ts";
import type { EdgeId, SessionId } from "./identifiers.ts";
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
        /** Hash of what the session's last Accept said, where this one says the same (store/event-contents.ts). */
        readonly repeats?: string;
      }
    | undefined;
  /** True where the authentication succeeded and the verdict is missing, due or another's. */
  readonly lookUpWanted: boolean;
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
