import { SECOND_MS } from "../../domain/time.ts";

export interface ConversationLimits extends Readonly<Partial<Record<keyof typeof LIMITS, number>>> {
  /** Told apart from sibling processes, 0 to 65535. */
  readonly processId: number;
  /** Conversations under way in each thread until more have proved to end within `finishMs`. */
  readonly firstUnderWay?: number;
  readonly finishMs?: number;
}

/** Those of an edge. */
export const LIMITS = {
  /** Open at a time. A TLS handshake under way takes some 70 KB. */
  capacity: 4_000,
  /** So that one NAS, with an attacker behind it or out of order, leaves room for the others. */
  capacityPerNas: 1_000,
  /** From first to last packet. */
  lifetimeMs: 30 * SECOND_MS,
  /** How long a client may leave the first Request of a method unanswered while others wait for its place. */
  patienceMs: 3 * SECOND_MS,
};
