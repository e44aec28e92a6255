import { IDENTIFIERS, inSequence, SOCKETS, type Turn } from "./sequence.ts";
import type { Tally } from "./tally.ts";

/** Requests that have left and wait for their answers. */
export interface Bookings {
  readonly unanswered: number;
  /** Takes the next request of the sequence as sent, which was to leave at `intendedAt`, and answers with which it is. */
  book(intendedAt: number): Turn;
  /** What an answer on a socket may be an answer to; `undefined` when nothing waits there: it was given up already. */
  find(socket: number, identifier: number): Booking | undefined;
  /** Ends a wait. */
  settle(booking: Booking): void;
  /** Counts as lost what was to leave before `before` and waits yet. */
  giveUp(before: number): void;
}

interface Booking {
  readonly slot: number;
  readonly intendedAt: number;
  readonly client: number;
  /** The one before it, whose answer may come yet after it was given up. */
  readonly clientBefore: number;
}

export function createBookings(sentBefore: number, tally: Tally): Bookings {
  /** By socket and identifier: when the request was to leave (0: none is unanswered), and whose it is. */
  const intended = new Float64Array(SOCKETS * IDENTIFIERS);
  const clients = new Int32Array(SOCKETS * IDENTIFIERS);
  const clientsBefore = new Int32Array(SOCKETS * IDENTIFIERS);
  const slotOf = (socket: number, identifier: number): number => socket * IDENTIFIERS + identifier;
  let next = sentBefore;
  let unanswered = 0;
  return {
    get unanswered() {
      return unanswered;
    },
    book(intendedAt) {
      const turn = inSequence(next++);
      const slot = slotOf(turn.socket, turn.client % IDENTIFIERS);
      if (intended[slot] === 0) unanswered++;
      else tally.lost(intended[slot]!);
      intended[slot] = intendedAt;
      clientsBefore[slot] = clients[slot]!;
      clients[slot] = turn.client;
      return turn;
    },
    find(socket, identifier) {
      const slot = slotOf(socket, identifier);
      const intendedAt = intended[slot]!;
      if (intendedAt === 0) return undefined;
      return { slot, intendedAt, client: clients[slot]!, clientBefore: clientsBefore[slot]! };
    },
    settle({ slot }) {
      intended[slot] = 0;
      unanswered--;
    },
    giveUp(before) {
      for (const [slot, intendedAt] of intended.entries()) {
        if (intendedAt === 0 || intendedAt >= before) continue;
        intended[slot] = 0;
        unanswered--;
        tally.lost(intendedAt);
      }
    },
  };
}
