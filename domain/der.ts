/** Reading DER (ITU-T X.690), as much of it as certificates and CRLs need. Hostile until read: every bound is checked. */

/** One element: its tag octet, and where in the bytes it begins, its content begins, and it ends. */
export interface DerElement {
  readonly tag: number;
  readonly start: number;
  readonly content: number;
  readonly end: number;
}

/** Tag octets, X.690 §8.1.2; `context(n)` is a constructed, context-specific one. */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  enumerated: 0x0a,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
} as const;
export const context = (number: number): number => 0xa0 | number;

/** The bytes are no DER, or not the structure that was asked for. Caught where a structure is read whole. */
export class DerError extends Error {
  override readonly name = "DerError";
}

/** Where the content of the element at `at` begins. This and `endAt` make no object: they walk lists of hundreds of thousands. */
export function contentAt(bytes: Uint8Array, at: number, limit: number): number {
  if (at + 2 > limit) throw new DerError(`the bytes end at ${limit}, where an element should begin`);
  if ((bytes[at]! & 0x1f) === 0x1f) throw new DerError(`a tag of several octets at ${at}`);
  const first = bytes[at + 1]!;
  if (first < 0x80) return at + 2;
  // X.690 §10.1: definite, and in four octets far beyond what is taken here.
  const octets = first & 0x7f;
  if (octets === 0 || octets > 4 || at + 2 + octets > limit) throw new DerError(`no length of DER at ${at}`);
  return at + 2 + octets;
}

/** Where the element at `at` ends: at or before `limit`. */
export function endAt(bytes: Uint8Array, at: number, limit: number): number {
  const content = contentAt(bytes, at, limit);
  let length = bytes[at + 1]!;
  if (length >= 0x80) {
    length = 0;
    for (let index = at + 2; index < content; index++) length = length * 256 + bytes[index]!;
  }
  if (content + length > limit) throw new DerError(`an element at ${at} reaches beyond what holds it`);
  return content + length;
}

/** The element at `at`, which ends at or before `limit`. */
export function readElement(bytes: Uint8Array, at: number, limit: number): DerElement {
  const end = endAt(bytes, at, limit);
  return { tag: bytes[at]!, start: at, content: contentAt(bytes, at, limit), end };
}

/** `readElement`, and of this tag. */
export function expectElement(bytes: Uint8Array, at: number, limit: number, tag: number): DerElement {
  const element = readElement(bytes, at, limit);
  if (element.tag !== tag) throw new DerError(`tag ${element.tag} at ${at} instead of ${tag}`);
  return element;
}

/** The elements within a constructed one, in order. */
export function* elementsIn(bytes: Uint8Array, { content, end }: DerElement): Generator<DerElement> {
  for (let at = content; at < end;) {
    const element = readElement(bytes, at, end);
    yield element;
    at = element.end;
  }
}

/** An element with its header. */
export const wholeOf = (bytes: Uint8Array, { start, end }: DerElement): Uint8Array => bytes.subarray(start, end);
export const contentOf = (bytes: Uint8Array, { content, end }: DerElement): Uint8Array => bytes.subarray(content, end);

/** An object identifier in dotted form, X.690 §8.19. */
export function readOid(bytes: Uint8Array, element: DerElement): string {
  if (element.tag !== TAG.oid) throw new DerError(`tag ${element.tag} where an object identifier should be`);
  const parts: number[] = [];
  let value = 0;
  for (const octet of contentOf(bytes, element)) {
    value = value * 128 + (octet & 0x7f);
    if (octet >= 0x80) continue;
    if (parts.length > 0) parts.push(value);
    else parts.push(...(value < 80 ? [Math.floor(value / 40), value % 40] : [2, value - 80]));
    value = 0;
  }
  return parts.join(".");
}

/** RFC 5280 §4.1.2.5: in seconds, and in UTC. Epoch milliseconds. */
export function readTime(bytes: Uint8Array, element: DerElement): number {
  const text = asciiOf(contentOf(bytes, element));
  const shape = element.tag === TAG.utcTime ? /^(\d{2})(\d{10})Z$/ : /^(\d{4})(\d{10})Z$/;
  const [, year, rest] = shape.exec(text) ?? [];
  const isTime = element.tag === TAG.utcTime || element.tag === TAG.generalizedTime;
  if (!isTime || year === undefined || rest === undefined) throw new DerError(`no time at ${element.start}`);
  const century = year.length === 4 ? 0 : Number(year) < 50 ? 2_000 : 1_900;
  const [month, day, hour, minute, second] = rest.match(/\d{2}/g)!.map(Number) as [number, number, ...number[]];
  return Date.UTC(century + Number(year), month - 1, day, hour, minute, second);
}

/** The magnitude of an INTEGER, without leading zeros: what two encodings of one number have in common. */
export function magnitudeOf(bytes: Uint8Array, element: DerElement): Uint8Array {
  let at = element.content;
  while (at < element.end - 1 && bytes[at] === 0) at++;
  return bytes.subarray(at, element.end);
}

/** Lower-case hexadecimal. */
export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (octet) => octet.toString(16).padStart(2, "0")).join("");
}

/** Text of octets that are ASCII; others become what Latin-1 has for them. */
export function asciiOf(bytes: Uint8Array): string {
  return Array.from(bytes, (octet) => String.fromCharCode(octet)).join("");
}

export function isSame(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
}
