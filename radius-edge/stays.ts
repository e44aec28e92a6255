import { LRUCache } from "lru-cache";
import { isSameDecision } from "../domain/decision.ts";
import type { Decision } from "../domain/decision.ts";
import type { EventId, NasId, SessionId } from "../domain/identifiers.ts";
import type { MacAddress } from "../domain/mac-address.ts";
import type { AccountingRecord, AuthenticationRecord, RepeatedAccept } from "../domain/record.ts";
import { contentHash } from "../store/event-contents.ts";
import { newId } from "./authentication-record.ts";
import type { Peer } from "./peer.ts";

/**
 * Knows which clients this edge accepted last, and as what. One that is accepted again, with nothing new but the instant,
 * goes on with its session: the Class that it gets names the same one, and its record is a fraction of another.
 *
 * Only a saving hangs on it: what is forgotten, by a restart too, opens a new session, and what is remembered though it is
 * over is told by Postgres (store/repeat-records.ts).
 */
export interface Stays {
  /** What the answer to `request` leaves to be made durable; `whole` makes the record, of the session given. */
  admit(request: Decided, whole: (sessionId: SessionId) => AuthenticationRecord): AuthenticationRecord | RepeatedAccept;
  /** Accounting that ends a stay, or speaks of another than its requests did. */
  account(record: AccountingRecord): void;
  /** The NAS was told to let the client go. */
  leave(nasId: NasId, mac: MacAddress): void;
}

/** A request that policy has decided. */
interface Decided {
  readonly id: EventId;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly mac: MacAddress | undefined;
  readonly acctSessionId: string | undefined;
  readonly said: Said;
}

/** All that the event of an answer is made of. */
interface Said {
  /** What the request said (wire/words.ts); `undefined` where more than that was proved, by EAP, or where it is too much to remember. */
  readonly words: string | undefined;
  readonly peer: Pick<Peer, "nas" | "sourceAddress" | "profile">;
  readonly decision: Decision;
}

interface Stay {
  readonly sessionId: SessionId;
  /** Evidence and access are part of what the event says. */
  readonly content: string;
  readonly acctSessionId: string | undefined;
  readonly said: Said;
}

/** A kilobyte and a half each, at most. */
const STAYS_AT_MOST = 200_000;

export function createStays(atMost = STAYS_AT_MOST): Stays {
  const stays = new LRUCache<string, Stay>({ max: atMost });
  /** A number for each NAS since it restarted: no stay outlives that. */
  const lives = new Map<NasId, number>();
  let begun = 0;
  const beginLife = (nasId: NasId): number => {
    lives.set(nasId, ++begun);
    return begun;
  };
  const keyOf = (nasId: NasId, mac: MacAddress): string => `${mac} ${lives.get(nasId) ?? beginLife(nasId)}`;

  return {
    admit({ id, now, mac, acctSessionId, said }, whole) {
      if (mac === undefined) return whole(newId(now));
      const key = keyOf(said.peer.nas.id, mac);
      if (said.decision.access.kind === "reject") {
        stays.delete(key);
        return whole(newId(now));
      }
      const stay = stays.get(key);
      if (stay === undefined || !isSame(said, stay.said)) {
        const sessionId = newId<SessionId>(now);
        const record = whole(sessionId);
        const content = contentHash(record.event, record.decided!);
        // It may say the same in other words.
        if (stay?.content !== content) {
          stays.set(key, { sessionId, content, acctSessionId, said });
          return record;
        }
        stays.set(key, { ...stay, said });
      }
      const again = (): AuthenticationRecord => whole(stay.sessionId);
      if (said.decision.lookUpWanted) return again();
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
        beginLife(nasId);
        return;
      }
      if (evidence.mac === undefined) return;
      const key = keyOf(nasId, evidence.mac);
      if (accounting === "stop" || stays.peek(key)?.acctSessionId !== acctSessionId) stays.delete(key);
    },
    leave: (nasId, mac) => void stays.delete(keyOf(nasId, mac)),
  };
}

/** Cheaper than making both records and comparing what they say. Configuration that changed has made other objects. */
function isSame(a: Said, b: Said): boolean {
  return (
    a.words !== undefined &&
    a.words === b.words &&
    a.peer.nas === b.peer.nas &&
    a.peer.sourceAddress === b.peer.sourceAddress &&
    a.peer.profile === b.peer.profile &&
    isSameDecision(a.decision, b.decision)
  );
}
