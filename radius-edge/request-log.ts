import { createStoredAnswers, grown } from "./stored-answers.ts";
import { AUTHENTICATOR_OCTETS } from "./wire/authenticator.ts";
import type { Packet } from "./wire/packet.ts";

/** What makes two datagrams one request (RFC 5080 §2.2.2): where they come from, and what the NAS chose for each. */
export interface Arriving {
  readonly address: string;
  readonly port: number;
  readonly packet: Packet;
}

/**
 * Requests, each with when it came and what it was answered: one of each address, port, code and identifier. In columns, since
 * an object for each of thousands a second, kept for half a minute, would be most of the garbage collector's work.
 */
export interface RequestLog {
  /** Those that are not forgotten. */
  readonly size: number;
  /** All that take room. */
  readonly rows: number;
  /** The row of the request at the place of this one, if there is one; -1 otherwise. */
  find(request: Arriving): number;
  isSame(row: number, request: Arriving): boolean;
  /** When it came. */
  at(row: number): number;
  /** Whether it was dropped, so that nothing is known of it. */
  isForgotten(row: number): boolean;
  /** A copy; `undefined`: it is worked on. */
  answer(row: number): Buffer | undefined;
  /** Writes a request in place of the one before it at its place; answers with its row. */
  write(request: Arriving, at: number): number;
  /** `undefined` forgets the request. */
  settle(row: number, answer: Buffer | undefined): void;
}

const FIRST_ROWS = 64;
const WORDS = AUTHENTICATOR_OCTETS / 4;

/** What became of a row's request. */
const IN_HAND = 0;
const ANSWERED = 1;
const FORGOTTEN = 2;

export function createRequestLog(): RequestLog {
  const peers = new Map<string, Map<number, number>>();
  const answers = createStoredAnswers();
  let rows = 0;
  let states = new Uint8Array(FIRST_ROWS);
  let instants = new Float64Array(FIRST_ROWS);
  let authenticators = new Uint32Array(FIRST_ROWS * WORDS);
  let forgotten = 0;

  const addRow = (request: Arriving): number => {
    const places = peers.get(request.address) ?? new Map<number, number>();
    if (places.size === 0) peers.set(request.address, places);
    const row = rows++;
    places.set(placeOf(request), row);
    if (row === instants.length) {
      states = grown(states, new Uint8Array(row * 2));
      instants = grown(instants, new Float64Array(row * 2));
      authenticators = grown(authenticators, new Uint32Array(row * 2 * WORDS));
    }
    return row;
  };
  const log: RequestLog = {
    get size() {
      return rows - forgotten;
    },
    get rows() {
      return rows;
    },
    find: (request) => peers.get(request.address)?.get(placeOf(request)) ?? -1,
    isSame(row, { packet: { authenticator } }) {
      for (let i = 0; i < WORDS; i++) {
        if (authenticators[row * WORDS + i] !== authenticator.readUInt32LE(4 * i)) return false;
      }
      return true;
    },
    at: (row) => instants[row]!,
    isForgotten: (row) => states[row] === FORGOTTEN,
    answer: (row) => (states[row] === ANSWERED ? answers.read(row) : undefined),
    write(request, at) {
      let row = log.find(request);
      if (row < 0) row = addRow(request);
      else if (states[row] === FORGOTTEN) forgotten--;
      states[row] = IN_HAND;
      instants[row] = at;
      const { authenticator } = request.packet;
      for (let i = 0; i < WORDS; i++) authenticators[row * WORDS + i] = authenticator.readUInt32LE(4 * i);
      return row;
    },
    settle(row, answer) {
      if (answer === undefined) {
        forgotten++;
        states[row] = FORGOTTEN;
      } else {
        answers.write(row, answer);
        states[row] = ANSWERED;
      }
    },
  };
  return log;
}

/**
 * Code and identifier are the first two octets (RFC 2865 §3), and no code that is served is beyond 31. What is not signed
 * anybody can send in a NAS's name: it has places of its own, so that it takes none from what is. 30 bits are a small integer
 * to V8.
 */
function placeOf({ port, packet: { bytes, messageAuthenticatorOffset } }: Arriving): number {
  const signed = messageAuthenticatorOffset === undefined ? 0 : 1 << 29;
  return signed | ((bytes[0]! & 0x1f) << 24) | (bytes[1]! << 16) | port;
}
