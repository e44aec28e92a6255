import { crc32 } from "node:zlib";

/**
 * One record of the journal: RS as in RFC 7464 §2.2, the payload's length in octets and its CRC-32 in eight hexadecimal
 * digits each, the JSON text, LF. JSON escapes control characters, so that RS stands nowhere but at a beginning: whatever is
 * damaged, the next record can be found, and no client can put a record of its own into a field.
 */
const RS = 0x1e;
const LF = 0x0a;
const DIGITS = 8;
const HEADER = 1 + 2 * DIGITS;

export function encodeFrame(json: string): Buffer {
  const payload = Buffer.from(json);
  const digits = (number: number): string => number.toString(16).padStart(DIGITS, "0");
  return Buffer.concat([
    Buffer.of(RS),
    Buffer.from(`${digits(payload.length)}${digits(crc32(payload))}`, "latin1"),
    payload,
    Buffer.of(LF),
  ]);
}

/** A stretch of a segment, with its bounds in octets. */
export interface Span {
  /** `damaged` fails its checks; `torn` is the beginning of a frame whose end was never written. */
  readonly kind: "record" | "damaged" | "torn";
  readonly start: number;
  readonly end: number;
}

/** The whole of `bytes` in spans, one after another. */
export function spansOf(bytes: Buffer): readonly Span[] {
  const spans: Span[] = [];
  for (let start = 0; start < bytes.length; start = spans.at(-1)!.end) spans.push(spanAt(bytes, start));
  return spans;
}

/** The JSON text of a span of kind `record`. */
export function payloadOf(bytes: Buffer, { start, end }: Span): string {
  return bytes.toString("utf8", start + HEADER, end - 1);
}

function spanAt(bytes: Buffer, start: number): Span {
  const end = frameEnd(bytes, start);
  if (end !== undefined && isWhole(bytes, start, end)) return { kind: "record", start, end };
  const next = bytes.indexOf(RS, start + 1);
  if (next !== -1) return { kind: "damaged", start, end: next };
  const isCutShort = bytes.length - start < HEADER || (end !== undefined && end > bytes.length);
  return { kind: isCutShort ? "torn" : "damaged", start, end: bytes.length };
}

/** Where the frame ends by its own word; `undefined` when it has no whole header. */
function frameEnd(bytes: Buffer, start: number): number | undefined {
  const length = hex(bytes, start + 1);
  return bytes[start] === RS && length !== undefined ? start + HEADER + length + 1 : undefined;
}

function isWhole(bytes: Buffer, start: number, end: number): boolean {
  if (end > bytes.length || bytes[end - 1] !== LF) return false;
  return hex(bytes, start + 1 + DIGITS) === crc32(bytes.subarray(start + HEADER, end - 1));
}

function hex(bytes: Buffer, start: number): number | undefined {
  const digits = bytes.toString("latin1", start, start + DIGITS);
  return /^[0-9a-f]{8}$/.test(digits) ? Number.parseInt(digits, 16) : undefined;
}
