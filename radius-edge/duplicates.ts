import type { Packet } from "./wire/packet.ts";

/** What to do with a request that arrived. */
type Arrival =
  | { readonly kind: "new"; readonly answer: (bytes: Buffer | undefined) => void }
  | { readonly kind: "inFlight" }
  | { readonly kind: "answered"; readonly bytes: Buffer };

/** What makes two datagrams one request (RFC 5080 §2.2.2): where they come from, and what the NAS chose for each. */
interface Arriving {
  readonly address: string;
  readonly port: number;
  readonly packet: Packet;
}

export interface Duplicates {
  arrive(request: Arriving, now: number): Arrival;
  readonly size: number;
}

interface Entry {
  readonly at: number;
  readonly authenticator: string;
  bytes: Buffer | undefined;
}

/** The requests of some seconds, by address, and of each address by slot. */
interface Generation {
  readonly since: number;
  readonly peers: Map<string, Map<number, Entry>>;
  size: number;
}

/**
 * Duplicate detection (RFC 5080 §2.2.2): a NAS that did not hear us sends the same octets again and must get the same
 * octets back, without a second EAP step, event or look-up. Answers are kept for `keepMs` (as long as a NAS tries: §2.2.1's
 * MRD of 30 s, since copies may lie in the receive buffer of an edge that is behind), but never more than `capacity` of them; a request that was dropped is forgotten at once, since its retransmission may fare better.
 *
 * A port has one request of each code and identifier at a time: a new one takes the place of the one before. Requests are kept
 * in two generations, of which the older is dropped as a whole, so that nothing is ever searched for what is too old.
 */
export function createDuplicates(keepMs = 30_000, capacity = 200_000): Duplicates {
  const most = Math.ceil(capacity / 2);
  let older = beginAt(-Infinity);
  let current = beginAt(-Infinity);
  const turnOver = (now: number): void => {
    if (now - current.since < keepMs && current.size < most) return;
    older = current;
    current = beginAt(now);
  };
  return {
    arrive(request, now) {
      const authenticator = request.packet.authenticator.toString("latin1");
      const known = find(current, request) ?? find(older, request);
      if (known?.authenticator === authenticator && now - known.at < keepMs) {
        return known.bytes === undefined ? { kind: "inFlight" } : { kind: "answered", bytes: known.bytes };
      }
      turnOver(now);
      const entry: Entry = { at: now, authenticator, bytes: undefined };
      const home = current;
      put(home, request, entry);
      const answer = (bytes: Buffer | undefined): void => {
        if (bytes !== undefined) entry.bytes = bytes;
        else if (find(home, request) === entry) remove(home, request);
      };
      return { kind: "new", answer };
    },
    get size() {
      return current.size + older.size;
    },
  };
}

function beginAt(since: number): Generation {
  return { since, peers: new Map(), size: 0 };
}

/** Code and identifier are the first two octets of a packet (RFC 2865 §3). */
function slotOf({ port, packet }: Arriving): number {
  return packet.bytes.readUInt16BE(0) * 2 ** 16 + port;
}

function find({ peers }: Generation, request: Arriving): Entry | undefined {
  return peers.get(request.address)?.get(slotOf(request));
}

function put(generation: Generation, request: Arriving, entry: Entry): void {
  const slots = generation.peers.get(request.address) ?? new Map<number, Entry>();
  if (slots.size === 0) generation.peers.set(request.address, slots);
  const before = slots.size;
  slots.set(slotOf(request), entry);
  generation.size += slots.size - before;
}

function remove(generation: Generation, request: Arriving): void {
  if (generation.peers.get(request.address)?.delete(slotOf(request)) === true) generation.size--;
}
