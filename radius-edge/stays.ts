import { LRUCache } from "lru-cache";
import type { NasId, SessionId } from "../domain/identifiers.ts";
import type { MacAddress } from "../domain/mac-address.ts";
import type { AccountingRecord, AuthenticationRecord } from "../domain/record.ts";
import { contentHash } from "../store/event-contents.ts";

/**
 * Knows which clients this edge accepted last, and as what. One that is accepted again, with nothing new but the instant,
 * goes on with its session: the Class that it gets names the same one, and its record is a fraction of another.
 *
 * Only a saving hangs on it: what is forgotten, by a restart too, opens a new session, and what is remembered though it is
 * over is told by Postgres (store/repeat-records.ts).
 */
export interface Stays {
  /** The record as it is to be written: of a session that goes on, where it is a repeat. */
  admit(record: AuthenticationRecord): AuthenticationRecord;
  /** Accounting that ends a stay, or speaks of another than its requests did. */
  account(record: AccountingRecord): void;
  /** The NAS was told to let the client go. */
  leave(nasId: NasId, mac: MacAddress): void;
}

interface Stay {
  readonly sessionId: SessionId;
  /** Evidence and access are part of what the event says. */
  readonly content: string;
  readonly acctSessionId: string | undefined;
}

/** Some 300 octets each. */
const STAYS_AT_MOST = 200_000;

export function createStays(atMost = STAYS_AT_MOST): Stays {
  const stays = new LRUCache<string, Stay>({ max: atMost });
  /** How often each NAS has restarted: no stay outlives that. */
  const lives = new Map<NasId, number>();
  const keyOf = (nasId: NasId, mac: MacAddress): string => `${mac} ${nasId} ${lives.get(nasId) ?? 0}`;

  return {
    admit(record) {
      const { decided, session, event } = record;
      if (decided === undefined || event.mac === undefined) return record;
      const { nas } = decided.evidence;
      const key = keyOf(nas.nasId, event.mac);
      if (session === undefined) {
        stays.delete(key);
        return record;
      }
      const content = contentHash(event, decided);
      const stay = stays.get(key);
      if (stay?.content === content)
        return { ...record, session: { ...session, id: stay.sessionId, repeats: content } };
      stays.set(key, { sessionId: session.id, content, acctSessionId: nas.acctSessionId });
      return record;
    },
    account({ accounting, evidence }) {
      const { nasId, acctSessionId } = evidence.nas;
      if (accounting === "on" || accounting === "off") {
        lives.set(nasId, (lives.get(nasId) ?? 0) + 1);
        return;
      }
      if (evidence.mac === undefined) return;
      const key = keyOf(nasId, evidence.mac);
      if (accounting === "stop" || stays.peek(key)?.acctSessionId !== acctSessionId) stays.delete(key);
    },
    leave: (nasId, mac) => void stays.delete(keyOf(nasId, mac)),
  };
}
