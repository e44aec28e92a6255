/** RFC 2865 §5 `address`: 4 octets → dotted text; `undefined` for any other length. */
export function ipv4Text(octets: Buffer): string | undefined {
  return octets.length === 4 ? `${octets[0]}.${octets[1]}.${octets[2]}.${octets[3]}` : undefined;
}

/** Dotted text → 4 octets; `undefined` when it is no IPv4 address. */
export function ipv4Octets(text: string): Buffer | undefined {
  if (!/^(\d{1,3}\.){3}\d{1,3}$/.test(text)) return undefined;
  const octets = text.split(".").map(Number);
  return octets.every((octet) => octet <= 255) ? Buffer.from(octets) : undefined;
}

/** An address as a socket for both families shows it, IPv4 without its IPv6 dress (RFC 4291 §2.5.5.2). */
export function unmappedAddress(address: string): string {
  return address.startsWith(MAPPED) && address.includes(".") ? address.slice(MAPPED.length) : address;
}

const MAPPED = "::ffff:";

/** An IPv4 address as a socket for IPv6 takes it. */
export function mappedAddress(address: string): string {
  return address.includes(":") ? address : MAPPED + address;
}

/** 16 octets → the canonical text of RFC 5952 §4; `undefined` for any other length. */
export function ipv6Text(octets: Buffer): string | undefined {
  if (octets.length !== 16) return undefined;
  const groups = Array.from({ length: 8 }, (_, i) => octets.readUInt16BE(2 * i).toString(16)).join(":");
  // RFC 5952 §4.2: the longest run of two or more zero groups, the first of equals, becomes "::".
  const runs = groups.match(/\b0(:0)+\b/g) ?? [];
  const longest = runs.reduce((best, run) => (run.length > best.length ? run : best), "");
  if (longest === "") return groups;
  const at = groups.search(new RegExp(`\\b${longest}\\b`));
  const before = groups.slice(0, at).replace(/:$/, "");
  const after = groups.slice(at + longest.length).replace(/^:/, "");
  return `${before}::${after}`;
}

/** Text of RFC 4291 §2.2 without a dotted tail → 16 octets; `undefined` when it is no such IPv6 address. */
export function ipv6Octets(text: string): Buffer | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const groups = [...head!, ...(tail ?? [])];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  const missing = 8 - groups.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const whole = [...head!, ...Array.from({ length: missing }, () => "0"), ...(tail ?? [])];
  return Buffer.from(whole.map((group) => group.padStart(4, "0")).join(""), "hex");
}
