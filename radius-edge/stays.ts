import { isSameDecision } from "../domain/decision.ts";
import type { Decision } from "../domain/decision.ts";
import type { Evidence } from "../domain/evidence.ts";
import type { EventId, NasId, SessionId } from "../domain/identifiers.ts";
import type { MacAddress } from "../domain/mac-address.ts";
import type { AccountingRecord, AuthenticationRecord, RepeatedAccept } from "../domain/record.ts";
import { contentHash } from "../store/event-contents.ts";
import { newId } from "./authentication-record.ts";
import type { Peer } from "./peer.ts";
import { createRecent } from "./recent.ts";

/**
 * Knows which clients this edge accepted last, and as what. One that is accepted again, with nothing new but the instant,
 * goes on with its session: the Class that it gets names the same one, and its record is a fraction of another.
 *
 * Only a saving hangs on it: what is forgotten, by a restart too, opens a new session, and what is remembered though it is
 * over is told by Postgres (store/repeat-records.ts).
 */
export interface Stays {
  /**
   * The evidence that the client's last Accept rested on, where this request says the same to us, word for word, through the
   * same peer. What it hides is no part of its words, and is to be judged anew.
   */
  recall(mac: MacAddress, words: string, peer: Speaker): Evidence | undefined;
  /** What the answer to `request` leaves to be made durable; `whole` makes the record, of the session given. */
  admit(request: Decided, whole: (sessionId: SessionId) => AuthenticationRecord): AuthenticationRecord | RepeatedAccept;
  /** Accounting that ends a stay, or speaks of another than its requests did. */
  account(record: AccountingRecord): void;
  /** The NAS was told to let the client go. */
  leave(nasId: NasId, mac: MacAddress): void;
}

/** Who sent a request. Configuration that changed has made other objects. */
type Speaker = Pick<Peer, "nas" | "sourceAddress" | "profile">;

/** A request that policy has decided. */
interface Decided {
  readonly id: EventId;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly evidence: Evidence;
  /** What it said (wire/words.ts); `undefined` where more than that was proved, by EAP, or where it is too much to remember. */
  readonly words: string | undefined;
  readonly peer: Speaker;
  readonly decision: Decision;
}

interface Stay {
  readonly sessionId: SessionId;
  /** Hash of all that the event of its Accept says, evidence and access with it. */
  readonly content: string;
  readonly acctSessionId: string | undefined;
  readonly peer: Speaker;
  readonly decision: Decision;
  /** By what it is known again; without it the record of the next Accept must be made to see whether it says the same. */
  readonly heard: { readonly words: string; readonly evidence: Evidence } | undefined;
}

/** Two kilobytes each, at most. Half of them are kept whatever comes (recent.ts). */
const STAYS_AT_MOST = 250_000;

export function createStays(atMost = STAYS_AT_MOST): Stays {
  const stays = createRecent<NasId, MacAddress, Stay>(atMost);

  return {
    recall(mac, words, peer) {
      const stay = stays.get(peer.nas.id, mac);
      if (stay?.heard === undefined || stay.heard.words !== words || !isSamePeer(stay.peer, peer)) return undefined;
      return stay.heard.evidence;
    },
    admit(request, whole) {
      const { id, now, evidence, words, peer, decision } = request;
      const { mac } = evidence;
      if (mac === undefined) return whole(newId(now));
      const nasId = peer.nas.id;
      if (decision.access.kind === "reject") {
        stays.delete(nasId, mac);
        return whole(newId(now));
      }
      const stay = stays.get(nasId, mac);
      if (stay === undefined || !isSame(request, stay)) {
        const sessionId = newId<SessionId>(now);
        const record = whole(sessionId);
        const content = contentHash(record.event, record.decided!);
        const { acctSessionId } = evidence.nas;
        const heard = words === undefined ? undefined : { words, evidence };
        // It may say the same in other words.
        const goesOn = stay?.content === content;
        stays.set(nasId, mac, {
          sessionId: goesOn ? stay.sessionId : sessionId,
          content,
          acctSessionId,
          peer,
          decision,
          heard,
        });
        if (!goesOn) return record;
      }
      const again = (): AuthenticationRecord => whole(stay.sessionId);
      if (decision.lookUpWanted) return again();
      return {
        kind: "repeatedAccept",
        id,
        at: now,
        sessionId: stay.sessionId,
        mac,
        content: stay.content,
        whole: again,
      };
    },
    account({ accounting, evidence }) {
      const { nasId, acctSessionId } = evidence.nas;
      if (accounting === "on" || accounting === "off") {
        stays.deleteAll(nasId); // no stay outlives its NAS
        return;
      }
      if (evidence.mac === undefined) return;
      const isOther = stays.get(nasId, evidence.mac)?.acctSessionId !== acctSessionId;
      if (accounting === "stop" || isOther) stays.delete(nasId, evidence.mac);
    },
    leave: (nasId, mac) => stays.delete(nasId, mac),
  };
}

/** That the evidence is the very same object, `recall` has found; comparing the records would take both to be made. */
function isSame({ evidence, decision }: Decided, stay: Stay): boolean {
  return stay.heard?.evidence === evidence && isSameDecision(decision, stay.decision);
}

function isSamePeer(a: Speaker, b: Speaker): boolean {
  return a.nas === b.nas && a.sourceAddress === b.sourceAddress && a.profile === b.profile;
}
