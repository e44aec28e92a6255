import { CLIENTS } from "./requests.ts";

/** Where servers and senders are. */
export const HOST = "127.0.0.1";
/** 32 × 256 identifiers; 391 rows of requests and 32 sockets have no common factor. */
export const SOCKETS = 32;
export const IDENTIFIERS = 256;

/** Whose request goes, and over which socket. */
export interface Turn {
  readonly socket: number;
  readonly client: number;
}

/**
 * The n-th to be sent. A request comes back over the same socket only after all requests have gone over all others, so that
 * no server takes it for a retransmission: that would measure its cache of duplicates.
 */
export function inSequence(n: number): Turn {
  return { socket: Math.floor(n / IDENTIFIERS) % SOCKETS, client: n % CLIENTS };
}
