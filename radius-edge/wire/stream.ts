import { HEADER_OCTETS, MAX_PACKET_OCTETS } from "./scan.ts";

/** Cuts a stream into packets: each says its own length (RFC 6613 §2.6.1). */
export interface PacketStream {
  push(chunk: Buffer): void;
  /** The next whole packet; `undefined` until more arrives; `fault` when no packet can ever follow. */
  next(): Buffer | undefined | "fault";
}

/** Code, identifier and length are the first four octets (RFC 2865 §3). */
const LENGTH_END = 4;

/**
 * A length that no packet has leaves no way to find the next one: the fault stays, and the connection must go
 * (RFC 6613 §2.6.4). Packets are views of what was pushed.
 */
export function createPacketStream(): PacketStream {
  let held: Buffer = Buffer.alloc(0);
  return {
    push(chunk) {
      held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    },
    next() {
      if (held.length < LENGTH_END) return undefined;
      const length = held.readUInt16BE(2);
      if (length < HEADER_OCTETS || length > MAX_PACKET_OCTETS) return "fault";
      if (held.length < length) return undefined;
      const packet = held.subarray(0, length);
      held = held.subarray(length);
      return packet;
    },
  };
}
