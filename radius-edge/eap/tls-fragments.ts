/**
 * TLS messages larger than one EAP packet, RFC 5216 §2.1.5. The same for both ends and for every method on TLS:
 * each piece is answered by an empty message, and only then does the next follow.
 */
import { EAP_OVERHEAD_OCTETS } from "./packet.ts";

/** RFC 5216 §3.1: Length included, More fragments, Start. The other bits are ignored on receipt. */
const FLAG = { length: 0x80, more: 0x40, start: 0x20 } as const;
const FLAGS_OCTETS = 1;
const LENGTH_OCTETS = 4;

/** A handshake with long certificate chains is some 20 KB; more than 64 KB is an attempt on our memory. */
const LARGEST_MESSAGE_OCTETS = 65_536;

/** RFC 3748 §3.1: every lower layer carries an EAP packet of 1020 octets. */
const CARRIED_EAP_OCTETS = 1_020;
/** On a link that carries more: each turn that is saved is a round trip, but a RADIUS packet above some 1,400 octets risks IP fragments. */
const LARGEST_EAP_OCTETS = 1_280;
/** RFC 2865 §5.12: Framed-MTU is 64 or more. */
const SMALLEST_FRAMED_MTU = 64;
/** RFC 3579 §2.4: an EAP packet may fill Framed-MTU less the 4 octets of the IEEE 802.1X header. */
const EAPOL_HEADER_OCTETS = 4;

/** Octets of type-data that one EAP packet holds on a link with this Framed-MTU (`undefined`: not told). */
export function typeDataRoomOctets(framedMtu: number | undefined): number {
  if (framedMtu === undefined) return CARRIED_EAP_OCTETS - EAP_OVERHEAD_OCTETS;
  const link = Math.max(framedMtu, SMALLEST_FRAMED_MTU) - EAPOL_HEADER_OCTETS;
  return Math.min(link, LARGEST_EAP_OCTETS) - EAP_OVERHEAD_OCTETS;
}

/** The first Request of a TLS method: the Start flag and nothing else. */
export const TLS_START: Buffer = Buffer.from([FLAG.start]);
export const isTlsStart = (typeData: Buffer): boolean => typeData.length > 0 && (typeData[0]! & FLAG.start) !== 0;

export type FragmentTurn =
  /** Answer with this: an acknowledgement, or our next piece. */
  | { readonly kind: "send"; readonly typeData: Buffer }
  /** The peer's message is whole. */
  | { readonly kind: "message"; readonly bytes: Buffer }
  /** The peer has acknowledged our message, to its last piece. */
  | { readonly kind: "acknowledged" }
  | { readonly kind: "malformed"; readonly sentence: string };

/** One end's fragments of one conversation: at most one message under way in each direction. */
export class TlsFragments {
  #arrived: Buffer[] = [];
  #arrivedOctets = 0;
  #announcedOctets: number | undefined;
  #leaving: Buffer = Buffer.alloc(0);

  /** Starts to send `message`; returns the type-data of its first piece. An empty message is an acknowledgement. */
  send(message: Buffer, roomOctets: number): Buffer {
    if (message.length <= roomOctets - FLAGS_OCTETS) {
      this.#leaving = Buffer.alloc(0);
      return Buffer.concat([Buffer.from([0]), message]);
    }
    const header = Buffer.alloc(FLAGS_OCTETS + LENGTH_OCTETS);
    header.writeUInt8(FLAG.length | FLAG.more, 0);
    header.writeUInt32BE(message.length, FLAGS_OCTETS);
    const piece = roomOctets - header.length;
    this.#leaving = message.subarray(piece);
    return Buffer.concat([header, message.subarray(0, piece)]);
  }

  /** Takes the type-data that the peer sent. */
  receive(typeData: Buffer, roomOctets: number): FragmentTurn {
    if (typeData.length === 0) return malformed("EAP-TLS data has no flags octet.");
    const flags = typeData.readUInt8(0);
    const hasLength = (flags & FLAG.length) !== 0;
    const start = FLAGS_OCTETS + (hasLength ? LENGTH_OCTETS : 0);
    if (typeData.length < start) return malformed("EAP-TLS data ends within its length field.");
    const piece = typeData.subarray(start);
    const more = (flags & FLAG.more) !== 0;
    if (piece.length === 0 && !more && this.#arrivedOctets === 0) return this.#nextPiece(roomOctets);
    if (this.#leaving.length > 0) return malformed("TLS data came where the acknowledgement of a fragment was due.");
    const announced = hasLength ? typeData.readUInt32BE(FLAGS_OCTETS) : undefined;
    return this.#take(piece, more, announced);
  }

  #nextPiece(roomOctets: number): FragmentTurn {
    if (this.#leaving.length === 0) return { kind: "acknowledged" };
    const room = roomOctets - FLAGS_OCTETS;
    const piece = this.#leaving.subarray(0, room);
    this.#leaving = this.#leaving.subarray(room);
    const flags = this.#leaving.length > 0 ? FLAG.more : 0;
    return { kind: "send", typeData: Buffer.concat([Buffer.from([flags]), piece]) };
  }

  #take(piece: Buffer, more: boolean, announced: number | undefined): FragmentTurn {
    if (more && piece.length === 0) return malformed("A fragment announces more and carries nothing.");
    this.#announcedOctets ??= announced;
    const limit = this.#announcedOctets ?? LARGEST_MESSAGE_OCTETS;
    if (limit > LARGEST_MESSAGE_OCTETS) return malformed(`A TLS message of ${limit} octets is more than we accept.`);
    if (announced !== undefined && announced !== limit) return malformed("Fragments disagree on the message's length.");
    // A copy: the datagram that the piece lies in is not ours to keep.
    this.#arrived.push(Buffer.from(piece));
    this.#arrivedOctets += piece.length;
    if (this.#arrivedOctets > limit) return malformed(`Fragments exceed the ${limit} octets of their message.`);
    if (more) return { kind: "send", typeData: Buffer.from([0]) };
    if (this.#announcedOctets !== undefined && this.#arrivedOctets !== limit)
      return malformed(`A TLS message of ${limit} octets ended after ${this.#arrivedOctets}.`);
    const bytes = Buffer.concat(this.#arrived);
    this.#arrived = [];
    this.#arrivedOctets = 0;
    this.#announcedOctets = undefined;
    return { kind: "message", bytes };
  }
}

function malformed(sentence: string): FragmentTurn {
  return { kind: "malformed", sentence };
}
