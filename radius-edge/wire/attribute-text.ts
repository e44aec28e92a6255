import { ATTRIBUTE } from "./attribute-type.ts";
import { attributeType, encodeAttributeText, MAX_VALUE_OCTETS } from "./packet.ts";
import type { Attribute } from "./packet.ts";
import { VENDOR, writeVendorAttribute } from "./vendor-attribute.ts";

/** `sentence` names the attribute and says what is wrong with it, for whoever wrote the label. */
export type ParsedAttributeText =
  | { readonly kind: "attribute"; readonly attribute: Attribute }
  | { readonly kind: "refused"; readonly sentence: string };

/** What the edge writes itself, or what would travel unhidden if it were written from a text. */
const RESERVED: ReadonlySet<number> = new Set([
  ATTRIBUTE.UserName,
  ATTRIBUTE.UserPassword,
  ATTRIBUTE.ChapPassword,
  ATTRIBUTE.ChapChallenge,
  ATTRIBUTE.State,
  ATTRIBUTE.Class,
  ATTRIBUTE.VendorSpecific,
  ATTRIBUTE.ProxyState,
  ATTRIBUTE.TunnelPassword,
  ATTRIBUTE.EapMessage,
  ATTRIBUTE.MessageAuthenticator,
  // RFC 4372 §3: an Accept has one at most, and only where the NAS asks.
  ATTRIBUTE.ChargeableUserIdentity,
]);

interface VendorDefinition {
  readonly vendorId: number;
  readonly vendorType: number;
  readonly value: "text" | "integer";
}

/** Vendor attributes that labels may use: those that put a client into a role, a VLAN or behind a filter (vendors' dictionaries). */
const VENDOR_ATTRIBUTES: ReadonlyMap<string, VendorDefinition> = new Map<string, VendorDefinition>([
  ["Cisco-AVPair", { vendorId: VENDOR.Cisco, vendorType: 1, value: "text" }],
  ["Juniper-Firewall-filter-name", { vendorId: VENDOR.Juniper, vendorType: 44, value: "text" }],
  ["Juniper-Switching-Filter", { vendorId: VENDOR.Juniper, vendorType: 48, value: "text" }],
  ["Juniper-VoIP-Vlan", { vendorId: VENDOR.Juniper, vendorType: 49, value: "text" }],
  ["Fortinet-Group-Name", { vendorId: VENDOR.Fortinet, vendorType: 1, value: "text" }],
  ["Fortinet-Host-Port-AVPair", { vendorId: VENDOR.Fortinet, vendorType: 42, value: "text" }],
  ["Airespace-Interface-Name", { vendorId: VENDOR.Airespace, vendorType: 5, value: "text" }],
  ["Airespace-ACL-Name", { vendorId: VENDOR.Airespace, vendorType: 6, value: "text" }],
  ["Aruba-User-Role", { vendorId: VENDOR.Aruba, vendorType: 1, value: "text" }],
  ["Aruba-User-Vlan", { vendorId: VENDOR.Aruba, vendorType: 2, value: "integer" }],
  ["Aruba-Named-User-Vlan", { vendorId: VENDOR.Aruba, vendorType: 9, value: "text" }],
  ["Ruckus-User-Groups", { vendorId: VENDOR.Ruckus, vendorType: 1, value: "text" }],
]);

/** Reads `Name=value`, as Mist's `radius_attrs` and `radius_vendor_attrs` labels have it: `Idle-Timeout=600`. */
export function parseAttributeText(text: string): ParsedAttributeText {
  const equals = text.indexOf("=");
  if (equals < 0) return refuse(`"${text}" is not of the form Name=value.`);
  const name = text.slice(0, equals).trim();
  const value = text.slice(equals + 1).trim();
  if (value === "") return refuse(`${name} has no value.`);

  const vendor = VENDOR_ATTRIBUTES.get(name);
  if (vendor !== undefined) return parseVendorValue(name, vendor, value);
  const type = attributeType(name);
  if (type === undefined) return refuse(`No RADIUS attribute is known by the name "${name}".`);
  if (RESERVED.has(type)) return refuse(`${name} is written by the edge itself.`);
  if (Buffer.byteLength(value) > MAX_VALUE_OCTETS) return refuse(tooLong(name, MAX_VALUE_OCTETS));
  const attribute = encodeAttributeText(name, value);
  return attribute === undefined
    ? refuse(`${name} does not take the value "${value}".`)
    : { kind: "attribute", attribute };
}

/** RFC 2865 §5.26: vendor id, vendor type and vendor length take six octets of the value. */
const MAX_VENDOR_VALUE_OCTETS = MAX_VALUE_OCTETS - 6;

function parseVendorValue(name: string, vendor: VendorDefinition, value: string): ParsedAttributeText {
  const octets = vendor.value === "text" ? Buffer.from(value, "utf8") : integerOctets(value);
  if (octets === undefined) return refuse(`${name} takes a whole number, not "${value}".`);
  if (octets.length > MAX_VENDOR_VALUE_OCTETS) return refuse(tooLong(name, MAX_VENDOR_VALUE_OCTETS));
  return { kind: "attribute", attribute: writeVendorAttribute({ ...vendor, value: octets }) };
}

function integerOctets(text: string): Buffer | undefined {
  const number = Number(text);
  if (!/^\d{1,10}$/.test(text) || number > 0xffff_ffff) return undefined;
  const octets = Buffer.alloc(4);
  octets.writeUInt32BE(number);
  return octets;
}

function tooLong(name: string, max: number): string {
  return `${name} takes at most ${max} octets.`;
}

function refuse(sentence: string): ParsedAttributeText {
  return { kind: "refused", sentence };
}
