import { ATTRIBUTE } from "./attribute-type.ts";
import { drop } from "./drop-reason.ts";
import type { Drop } from "./drop-reason.ts";

/** RFC 2865 §3: code, identifier, length (2 octets), authenticator (16 octets). */
export const HEADER_OCTETS = 20;
export const MAX_PACKET_OCTETS = 4096;
/** RFC 2865 §5: type and length, before the value. */
export const ATTRIBUTE_HEADER_OCTETS = 2;
/** RFC 3579 §3.2: type, length 18, and 16 octets of HMAC-MD5. */
export const MESSAGE_AUTHENTICATOR_OCTETS = 18;

export interface Scanned {
  readonly kind: "ok";
  /** The packet's own length; octets beyond it are padding (RFC 2865 §3) and no part of it. */
  readonly length: number;
  /** Offset of the Message-Authenticator attribute (its type octet). */
  readonly messageAuthenticatorOffset: number | undefined;
}

/**
 * Walks the bounds of a datagram and of each attribute (RFC 2865 §3, §5). Everything behind this may trust them.
 * Lengths are all that it judges: a value of no octets passes, since an EAP-Start is one (RFC 3579 §2.1).
 */
export function scan(datagram: Buffer): Scanned | Drop {
  if (datagram.length < HEADER_OCTETS) return drop("too-short");
  const length = datagram.readUInt16BE(2);
  if (length < HEADER_OCTETS || length > MAX_PACKET_OCTETS || length > datagram.length) return drop("length-mismatch");

  let messageAuthenticatorOffset: number | undefined;
  let offset = HEADER_OCTETS;
  while (offset < length) {
    if (offset + ATTRIBUTE_HEADER_OCTETS > length) return drop("attribute-overrun");
    const octets = datagram[offset + 1]!;
    if (octets < ATTRIBUTE_HEADER_OCTETS || offset + octets > length) return drop("attribute-overrun");
    if (datagram[offset] === ATTRIBUTE.MessageAuthenticator) {
      if (octets !== MESSAGE_AUTHENTICATOR_OCTETS) return drop("message-authenticator-malformed");
      if (messageAuthenticatorOffset !== undefined) return drop("message-authenticator-repeated");
      messageAuthenticatorOffset = offset;
    }
    offset += octets;
  }
  return { kind: "ok", length, messageAuthenticatorOffset };
}

/** Offset of the first attribute of this type at or after `from`, in a packet whose bounds are sound; -1 where there is none. */
export function findAttribute(packet: Buffer, type: number, from = HEADER_OCTETS): number {
  for (let offset = from; offset < packet.length; offset += packet[offset + 1]!) {
    if (packet[offset] === type) return offset;
  }
  return -1;
}
