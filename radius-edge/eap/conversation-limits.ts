export interface ConversationLimits {
  /** Told apart from sibling processes, 0 to 65535. */
  readonly processId: number;
  /** A TLS handshake under way takes some 70 KB. */
  readonly capacity?: number;
  /** So that one NAS, with an attacker behind it or out of order, leaves room for the others. */
  readonly capacityPerNas?: number;
  /** From first to last packet. */
  readonly lifetimeMs?: number;
  /** How long a client may leave the first Request of a method unanswered while others wait for its place. */
  readonly patienceMs?: number;
  /** Conversations under way in each thread until more have proved to end within `finishMs`. */
  readonly firstUnderWay?: number;
  readonly finishMs?: number;
}
