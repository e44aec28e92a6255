/**
 * An attribute's octets as text. RFC 2865 §5 has them UTF-8, but an SSID in Called-Station-Id may be any octets: what is
 * not UTF-8 shows as `\xNN`, so that two values never look alike. So does NUL, which Postgres has no place for in text.
 */
export function textOf(bytes: Buffer, start = 0, end = bytes.length): string {
  return isAscii(bytes, start, end) ? bytes.toString("latin1", start, end) : textOfOctets(bytes.subarray(start, end));
}

/** What nearly all values are, and what takes no care: neither NUL nor anything beyond ASCII. */
function isAscii(bytes: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i]! === 0 || bytes[i]! > 0x7f) return false;
  return true;
}

function textOfOctets(value: Buffer): string {
  const text = value.toString("utf8");
  const isUtf8 = !text.includes("\uFFFD") || Buffer.from(text).equals(value);
  return (isUtf8 ? text : escapeOctets(value)).replaceAll("\0", "\\x00");
}

function escapeOctets(value: Buffer): string {
  return value.toString("latin1").replace(/[\u0080-\u00ff]/g, (char) => `\\x${char.charCodeAt(0).toString(16)}`);
}
