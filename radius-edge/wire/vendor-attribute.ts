import { ATTRIBUTE } from "./attribute-type.ts";
import type { Attribute, Packet } from "./packet.ts";

/** SMI Private Enterprise Numbers. */
export const VENDOR = {
  Cisco: 9,
  Microsoft: 311,
  Juniper: 2636,
  Fortinet: 12356,
  Airespace: 14179,
  Aruba: 14823,
  Ruckus: 25053,
} as const;

/** RFC 2865 §5.26: 4 octets of vendor id, then the vendor's own type and length. */
const VENDOR_ID_OCTETS = 4;
const VENDOR_HEADER_OCTETS = 2;

export interface VendorAttribute {
  readonly vendorId: number;
  readonly vendorType: number;
  readonly value: Buffer;
}

/**
 * The vendor attributes of a packet, in order. One whose inside is not laid out as RFC 2865 §5.26 recommends is left out
 * (some vendors do as they like), and spoils none of the others.
 */
export function readVendorAttributes(packet: Packet): readonly VendorAttribute[] {
  return packet.attributes.flatMap(([type, value]) => (type === ATTRIBUTE.VendorSpecific ? unpack(value) : []));
}

function unpack(value: Buffer): readonly VendorAttribute[] {
  if (value.length < VENDOR_ID_OCTETS) return [];
  const vendorId = value.readUInt32BE(0);
  const found: VendorAttribute[] = [];
  let offset = VENDOR_ID_OCTETS;
  while (offset < value.length) {
    const octets = value[offset + 1] ?? 0;
    if (octets < VENDOR_HEADER_OCTETS || offset + octets > value.length) return [];
    const vendorType = value[offset]!;
    found.push({ vendorId, vendorType, value: value.subarray(offset + VENDOR_HEADER_OCTETS, offset + octets) });
    offset += octets;
  }
  return found;
}

/** The values of one vendor attribute, in order. */
export function readVendorValues(packet: Packet, vendorId: number, vendorType: number): readonly Buffer[] {
  return readVendorAttributes(packet)
    .filter((attribute) => attribute.vendorId === vendorId && attribute.vendorType === vendorType)
    .map(({ value }) => value);
}

/** One vendor attribute in a Vendor-Specific of its own. A value over 247 octets is refused when the packet is encoded. */
export function writeVendorAttribute({ vendorId, vendorType, value }: VendorAttribute): Attribute {
  const header = Buffer.alloc(VENDOR_ID_OCTETS + VENDOR_HEADER_OCTETS);
  header.writeUInt32BE(vendorId, 0);
  header[VENDOR_ID_OCTETS] = vendorType;
  // Too long a value wraps round in this octet, and is refused for its length before it is ever sent.
  header[VENDOR_ID_OCTETS + 1] = VENDOR_HEADER_OCTETS + value.length;
  return [ATTRIBUTE.VendorSpecific, Buffer.concat([header, value])];
}
