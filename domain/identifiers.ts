/** Every kind of id, parsed once at the border. The brand keeps one kind from being passed for another. */
declare const brand: unique symbol;
type Branded<T, Name extends string> = T & { readonly [brand]: Name };

export type OrganizationId = Branded<string, "OrganizationId">;
export type AccountId = Branded<string, "AccountId">;
export type NasId = Branded<string, "NasId">;
export type LabelId = Branded<string, "LabelId">;
export type RuleId = Branded<string, "RuleId">;
export type SessionId = Branded<string, "SessionId">;
/** A decision and the event that records it share one id. */
export type EventId = Branded<string, "EventId">;
export type EdgeId = Branded<string, "EdgeId">;
export type LocalUserId = Branded<string, "LocalUserId">;
export type DirectoryId = Branded<string, "DirectoryId">;
export type CrlId = Branded<string, "CrlId">;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A lower-case UUID of any version, as the id kind asked for; `undefined` when the text is not one. */
export function parseId<Id extends string>(text: string): Id | undefined {
  const lower = text.toLowerCase();
  return UUID.test(lower) ? (lower as Id) : undefined;
}

/**
 * UUID version 7 (RFC 9562 §5.7) from an instant in epoch milliseconds and ten random octets. Ids made later sort
 * later, so that an index on them appends.
 */
export function uuidV7<Id extends string>(now: number, random: Uint8Array): Id {
  const [high, low] = [Math.floor(now / 2 ** 24), now % 2 ** 24];
  const version = HEX[0x70 | (random[0]! & 0x0f)]! + HEX[random[1]!]!;
  const variant = HEX[0x80 | (random[2]! & 0x3f)]! + HEX[random[3]!]!;
  const time = `${hex24(high)}${HEX[low >>> 16]!}-${HEX[(low >>> 8) & 0xff]!}${HEX[low & 0xff]!}`;
  return `${time}-${version}-${variant}-${hex(random, 4, 10)}` as Id;
}

function hex24(number: number): string {
  return HEX[number >>> 16]! + HEX[(number >>> 8) & 0xff]! + HEX[number & 0xff]!;
}

/** Each octet as two digits. */
const HEX = Array.from({ length: 256 }, (_, octet) => octet.toString(16).padStart(2, "0"));

/** Sixteen octets as the text of a UUID. */
export function formatUuid<Id extends string>(bytes: Uint8Array): Id {
  const [a, b, c, d, e] = [hex(bytes, 0, 4), hex(bytes, 4, 6), hex(bytes, 6, 8), hex(bytes, 8, 10), hex(bytes, 10, 16)];
  return `${a}-${b}-${c}-${d}-${e}` as Id;
}

function hex(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  for (let i = start; i < end; i++) text += HEX[bytes[i]!]!;
  return text;
}

/** Writes the sixteen octets of a UUID. */
export function writeUuid(id: string, target: Uint8Array, offset: number): void {
  for (let i = 0, at = 0; i < 16; i++, at += 2) {
    if (id.charCodeAt(at) === HYPHEN) at++;
    target[offset + i] = (digitAt(id, at) << 4) | digitAt(id, at + 1);
  }
}

const HYPHEN = 0x2d;

/** The value of a hexadecimal digit in lower case: "0" is 0x30, "a" is 0x61. */
function digitAt(text: string, index: number): number {
  const code = text.charCodeAt(index);
  return code < 0x60 ? code - 0x30 : code - 0x57;
}
