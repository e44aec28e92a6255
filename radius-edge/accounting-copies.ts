import { MINUTE_MS } from "../domain/time.ts";
import type { NasEvidence } from "../domain/evidence.ts";
import type { EventId } from "../domain/identifiers.ts";
import type { AccountingKind } from "../domain/session.ts";

/** What an event of the timeline is known by. */
interface EventKey {
  readonly id: EventId;
  /** Epoch milliseconds. */
  readonly at: number;
}

/**
 * A NAS that was not answered says the same again with another Acct-Delay-Time (RFC 2866 §5.2), which makes other octets of
 * it: no duplicate by RFC 5080. A copy gets the key of the first event, and so adds nothing to what is stored already.
 */
export interface AccountingCopies {
  /** The first one's key where this is a copy, else `own`, which is then the first one's. */
  keyOf(said: Said, own: EventKey): EventKey;
}

/** What the copies of one accounting record have in common. */
interface Said {
  readonly accounting: AccountingKind;
  readonly nas: NasEvidence;
  /** Acct-Session-Time: tells one interim record from the next. */
  readonly sessionSeconds: number | undefined;
  /** Acct-Delay-Time: the first has none, or 0. */
  readonly delaySeconds: number | undefined;
}

/** RFC 5080 §2.2.1: a NAS gives up after 30 s unless it is told otherwise. */
const REMEMBERED_MS = MINUTE_MS;
const REMEMBERED_AT_MOST = 100_000;

export function createAccountingCopies(): AccountingCopies {
  /** Insertion order is time order. */
  const firsts = new Map<string, EventKey>();
  const forgetOld = (now: number): void => {
    for (const [said, { at }] of firsts) {
      if (now - at < REMEMBERED_MS && firsts.size < REMEMBERED_AT_MOST) return;
      firsts.delete(said);
    }
  };
  return {
    keyOf(said, own) {
      forgetOld(own.at);
      const name = nameOf(said);
      const first = (said.delaySeconds ?? 0) > 0 ? firsts.get(name) : undefined;
      if (first === undefined) firsts.set(name, own);
      return first ?? own;
    },
  };
}

function nameOf({ accounting, nas, sessionSeconds }: Said): string {
  const { nasId, nasIdentifier = "", nasIpAddress = "", nasIpv6Address = "", acctSessionId = "" } = nas;
  return JSON.stringify([
    nasId,
    nasIdentifier,
    nasIpAddress,
    nasIpv6Address,
    acctSessionId,
    accounting,
    sessionSeconds,
  ]);
}
