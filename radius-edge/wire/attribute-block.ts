import { ATTRIBUTE } from "./attribute-type.ts";
import { AUTHENTICATOR_OCTETS } from "./authenticator.ts";
import { encodePacket, refusalOf } from "./packet.ts";
import type { Attribute, Encoded, Packet } from "./packet.ts";
import { CODE_NUMBERS, carriesMessageAuthenticator } from "./packet-code.ts";
import { ATTRIBUTE_HEADER_OCTETS, HEADER_OCTETS, MESSAGE_AUTHENTICATOR_OCTETS } from "./scan.ts";

/** Attributes that many packets share, encoded once. */
export interface AttributeBlock {
  readonly octets: Buffer;
}

const NO_AUTHENTICATOR = Buffer.alloc(AUTHENTICATOR_OCTETS);

/** Throws RangeError for attributes that fit into no packet. */
export function encodeBlock(attributes: readonly Attribute[]): AttributeBlock {
  const head = { code: "Access-Accept", identifier: 0, authenticator: NO_AUTHENTICATOR } as const;
  const encoded = encodePacket({ ...head, attributes });
  if (encoded.kind === "refused") throw new RangeError(encoded.sentence);
  return { octets: encoded.bytes.subarray(HEADER_OCTETS) };
}

export const NO_ATTRIBUTES = encodeBlock([]);

/**
 * What `encodePacket` makes of the block's attributes and those after it, behind an empty Message-Authenticator where the code
 * has one: the same octets, but only what differs from packet to packet is written.
 */
export function composePacket(
  { code, identifier, authenticator }: Pick<Packet, "code" | "identifier" | "authenticator">,
  { octets: block }: AttributeBlock,
  attributes: readonly Attribute[],
): Encoded {
  const isSigned = carriesMessageAuthenticator(code);
  const blockOffset = HEADER_OCTETS + (isSigned ? MESSAGE_AUTHENTICATOR_OCTETS : 0);
  let octets = blockOffset + block.length;
  for (const [, value] of attributes) octets += ATTRIBUTE_HEADER_OCTETS + value.length;
  const refusal = refusalOf(attributes, octets);
  if (refusal !== undefined) return refusal;

  const bytes = Buffer.allocUnsafe(octets);
  bytes[0] = CODE_NUMBERS[code];
  bytes[1] = identifier;
  bytes.writeUInt16BE(octets, 2);
  bytes.set(authenticator, 4);
  if (isSigned) {
    bytes.fill(0, HEADER_OCTETS, blockOffset);
    bytes[HEADER_OCTETS] = ATTRIBUTE.MessageAuthenticator;
    bytes[HEADER_OCTETS + 1] = MESSAGE_AUTHENTICATOR_OCTETS;
  }
  bytes.set(block, blockOffset);
  let offset = blockOffset + block.length;
  for (const [type, value] of attributes) {
    bytes[offset] = type;
    bytes[offset + 1] = ATTRIBUTE_HEADER_OCTETS + value.length;
    bytes.set(value, offset + ATTRIBUTE_HEADER_OCTETS);
    offset += ATTRIBUTE_HEADER_OCTETS + value.length;
  }
  return { kind: "encoded", bytes };
}
