import { ATTRIBUTE } from "./attribute-type.ts";
import type { Attribute, Packet } from "./packet.ts";
import { ATTRIBUTE_HEADER_OCTETS, findAttribute } from "./scan.ts";

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
  const found: VendorAttribute[] = [];
  visit(packet.bytes, (vendorId, bytes, start, end) => {
    found.push({ vendorId, vendorType: bytes[start]!, value: bytes.subarray(start + VENDOR_HEADER_OCTETS, end) });
  });
  return found;
}

/** The values of one vendor attribute, in order. */
export function readVendorValues(packet: Packet, vendorId: number, vendorType: number): readonly Buffer[] {
  const values: Buffer[] = [];
  visit(packet.bytes, (id, bytes, start, end) => {
    if (id === vendorId && bytes[start] === vendorType) values.push(bytes.subarray(start + VENDOR_HEADER_OCTETS, end));
  });
  return values;
}

/** Where the first value of one vendor attribute begins that begins with `prefix`, and where it ends. */
export function findVendorValue(
  packet: Packet,
  vendorId: number,
  vendorType: number,
  prefix: Buffer,
): { readonly start: number; readonly end: number } | undefined {
  let found: { readonly start: number; readonly end: number } | undefined;
  visit(packet.bytes, (id, bytes, at, end) => {
    const start = at + VENDOR_HEADER_OCTETS;
    if (found !== undefined || id !== vendorId || bytes[at] !== vendorType) return;
    if (startsWith(bytes, start, end, prefix)) found = { start, end };
  });
  return found;
}

function startsWith(bytes: Buffer, start: number, end: number, prefix: Buffer): boolean {
  if (end - start < prefix.length) return false;
  for (let i = 0; i < prefix.length; i++) if (bytes[start + i] !== prefix[i]) return false;
  return true;
}

/** The vendors whose attributes a packet has; each as often as it has them. */
export function readVendors(packet: Packet): readonly number[] {
  const vendors: number[] = [];
  visit(packet.bytes, (vendorId) => vendors.push(vendorId));
  return vendors;
}

/** `start` is at the vendor's type, `end` behind the value. */
type Visit = (vendorId: number, bytes: Buffer, start: number, end: number) => void;

function visit(bytes: Buffer, each: Visit): void {
  const type = ATTRIBUTE.VendorSpecific;
  for (let at = findAttribute(bytes, type); at >= 0; at = findAttribute(bytes, type, at + bytes[at + 1]!)) {
    const start = at + ATTRIBUTE_HEADER_OCTETS;
    const end = at + bytes[at + 1]!;
    if (!isLaidOut(bytes, start, end)) continue;
    const vendorId = bytes.readUInt32BE(start);
    for (let offset = start + VENDOR_ID_OCTETS; offset < end; offset += bytes[offset + 1]!) {
      each(vendorId, bytes, offset, offset + bytes[offset + 1]!);
    }
  }
}

/** Whether the lengths inside a Vendor-Specific lead to its end. */
function isLaidOut(bytes: Buffer, start: number, end: number): boolean {
  let offset = start + VENDOR_ID_OCTETS;
  while (offset + VENDOR_HEADER_OCTETS <= end && bytes[offset + 1]! >= VENDOR_HEADER_OCTETS)
    offset += bytes[offset + 1]!;
  return offset === end;
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
