import radius from "radius";
import { drop } from "./drop-reason.ts";
import type { Drop } from "./drop-reason.ts";
import { codeOf } from "./packet-code.ts";
import type { PacketCode } from "./packet-code.ts";
import { ATTRIBUTE_HEADER_OCTETS, HEADER_OCTETS, MAX_PACKET_OCTETS, scan } from "./scan.ts";
import { textOf } from "./text.ts";

/*
 * The only door to the `radius` package, which is our attribute codec and no more: it compares digests as text, so that
 * authenticators can be forged; it takes attributes that overrun the packet; and it throws on much else. So it sees no
 * secret, decodes only what our own scan has bounded, one attribute at a time, and encodes only values that are octets
 * already (its tagged form corrupts the attributes that follow: the tag of one leaks into the next).
 */
radius.load_dictionaries();

/** An attribute as it stands in the packet: type and value octets. */
export type Attribute = readonly [type: number, value: Buffer];

/** A packet whose bounds are sound; nothing here says yet that its sender knows the secret (see exchange.ts). */
export interface Packet {
  readonly code: PacketCode;
  readonly identifier: number;
  /** 16 octets. */
  readonly authenticator: Buffer;
  /** In the order of the packet. Values are views of the datagram: copy what outlives it. */
  readonly attributes: readonly Attribute[];
  /** The packet without the padding that may follow it in the datagram. */
  readonly bytes: Buffer;
  readonly messageAuthenticatorOffset: number | undefined;
}

export type Decoded = { readonly kind: "packet"; readonly packet: Packet } | Drop;

export type Encoded =
  | { readonly kind: "encoded"; readonly bytes: Buffer }
  | { readonly kind: "refused"; readonly sentence: string };

/** RFC 2865 §5: the Length octet counts itself and the type. */
export const MAX_VALUE_OCTETS = 255 - ATTRIBUTE_HEADER_OCTETS;

/** Bytes → packet. Never throws, whatever the bytes. */
export function decodePacket(datagram: Buffer): Decoded {
  const scanned = scan(datagram);
  if (scanned.kind === "drop") return scanned;
  const code = codeOf(datagram[0]!);
  if (code === undefined) return drop("unsupported-code");
  const bytes = datagram.subarray(0, scanned.length);
  return { kind: "packet", packet: new ScannedPacket(code, bytes, scanned.messageAuthenticatorOffset) };
}

/** Slices its attributes when somebody asks for all of them: what serves requests looks for a few (attribute-readers.ts). */
class ScannedPacket implements Packet {
  readonly code: PacketCode;
  readonly identifier: number;
  readonly authenticator: Buffer;
  readonly bytes: Buffer;
  readonly messageAuthenticatorOffset: number | undefined;
  #attributes: readonly Attribute[] | undefined;

  constructor(code: PacketCode, bytes: Buffer, messageAuthenticatorOffset: number | undefined) {
    this.code = code;
    this.identifier = bytes[1]!;
    this.authenticator = bytes.subarray(4, HEADER_OCTETS);
    this.bytes = bytes;
    this.messageAuthenticatorOffset = messageAuthenticatorOffset;
  }

  get attributes(): readonly Attribute[] {
    return (this.#attributes ??= sliceAttributes(this.bytes));
  }
}

function sliceAttributes(bytes: Buffer): readonly Attribute[] {
  const attributes: Attribute[] = [];
  for (let offset = HEADER_OCTETS; offset < bytes.length; offset += bytes[offset + 1]!) {
    const value = bytes.subarray(offset + ATTRIBUTE_HEADER_OCTETS, offset + bytes[offset + 1]!);
    attributes.push([bytes[offset]!, value]);
  }
  return attributes;
}

/** Packet → bytes, the authenticator as given: signing is done in place, by authenticator.ts. */
export function encodePacket(packet: Pick<Packet, "code" | "identifier" | "authenticator" | "attributes">): Encoded {
  const { code, identifier, authenticator, attributes } = packet;
  let octets = HEADER_OCTETS;
  for (const [, value] of attributes) octets += ATTRIBUTE_HEADER_OCTETS + value.length;
  const refusal = refusalOf(attributes, octets);
  return refusal ?? { kind: "encoded", bytes: encode(code, identifier, authenticator, attributes) };
}

/** Why these attributes fit into no packet, or into none of this many octets. */
export function refusalOf(attributes: readonly Attribute[], octets: number): Encoded | undefined {
  for (const [type, { length }] of attributes) {
    if (length > MAX_VALUE_OCTETS) {
      return refuse(`${attributeName(type)} takes at most ${MAX_VALUE_OCTETS} octets, not ${length}.`);
    }
  }
  // RFC 2865 §3.
  if (octets <= MAX_PACKET_OCTETS) return undefined;
  return refuse(`A packet takes at most ${MAX_PACKET_OCTETS} octets; these attributes need ${octets}.`);
}

function refuse(sentence: string): Encoded {
  return { kind: "refused", sentence };
}

const NO_AUTHENTICATOR = Buffer.alloc(16);

function encode(
  code: PacketCode,
  identifier: number,
  authenticator: Buffer,
  attributes: readonly (readonly [number | string, Buffer | string])[],
): Buffer {
  const view = radius.encode({
    code,
    identifier,
    authenticator,
    attributes,
    secret: "",
    add_message_authenticator: false,
  });
  // A copy, since the package hands out a view of a buffer of 4096 octets, which a stored answer would keep alive.
  const bytes = Buffer.from(view);
  // The package overwrites the authenticator of most codes with a hash under the empty secret.
  authenticator.copy(bytes, 4);
  return bytes;
}

/** `Filter-Id` for 11; `Attribute-241` for what the dictionaries do not know. */
export function attributeName(type: number): string {
  return radius.attr_id_to_name(type) ?? `Attribute-${type}`;
}

/** 11 for `Filter-Id`. Names are case-sensitive, as in the dictionaries. */
export function attributeType(name: string): number | undefined {
  // The package's tables are plain objects, keyed by number as well as by name: only names get through to them.
  if (!/^[A-Z][A-Za-z0-9-]*$/.test(name)) return undefined;
  const type = radius.attr_name_to_id(name);
  return type === undefined ? undefined : Number(type);
}

/**
 * An attribute from its dictionary name and its value as people write it (`Idle-Timeout`, `600`; `Termination-Action`,
 * `RADIUS-Request`). `undefined` when the value is none of that attribute, or would come out as another than written.
 */
export function encodeAttributeText(name: string, text: string): Attribute | undefined {
  const type = attributeType(name);
  if (type === undefined || text === "") return undefined;
  try {
    const value = encode("Access-Accept", 0, NO_AUTHENTICATOR, [[name, text]]).subarray(
      HEADER_OCTETS + ATTRIBUTE_HEADER_OCTETS,
    );
    // The package takes 1.5 as 1 and 300.0.0.1 as 44.0.0.1: what does not read as it was written was not understood.
    if (describeAttribute([type, value]) === text) return [type, value];
    // A number for a value that has a name is as good as the name.
    const isNumberOfName = /^\d{1,10}$/.test(text) && Number(text) === value.readUIntBE(value.length - 3, 3);
    return isNumberOfName ? [type, value] : undefined;
  } catch {
    return undefined;
  }
}

/** `Filter-Id=staff`, for people. */
export function attributeText(attribute: Attribute): string {
  return `${attributeName(attribute[0])}=${describeAttribute(attribute)}`;
}

/** An attribute's value for people: text, number, address or name by the dictionaries, else hex. Never throws. */
export function describeAttribute([type, value]: Attribute): string {
  const packet = Buffer.concat([
    Buffer.alloc(HEADER_OCTETS),
    Buffer.from([type, value.length + ATTRIBUTE_HEADER_OCTETS]),
    value,
  ]);
  packet[0] = 1;
  packet.writeUInt16BE(packet.length, 2);
  try {
    const named = Object.values(radius.decode_without_secret({ packet }).attributes)[0];
    // A tagged value (RFC 2868 §3.1) comes as [tag, value].
    const meaning: unknown = Array.isArray(named) ? named[1] : named;
    if (typeof meaning === "string") return textOf(Buffer.from(meaning));
    if (typeof meaning === "number") return String(meaning);
    if (meaning instanceof Date) return meaning.toISOString();
  } catch {
    // Too short for its type, or a vendor's layout that the package does not know: hex it is.
  }
  return value.toString("hex");
}
