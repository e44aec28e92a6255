declare const brand: unique symbol;

/** Twelve lower-case hexadecimal digits without separators: the one form that is stored and compared. */
export type MacAddress = string & { readonly [brand]: "MacAddress" };

/**
 * Reads a MAC address in every notation that NASes and MDMs use: `aabbccddeeff`, `AA-BB-CC-DD-EE-FF`,
 * `aa:bb:cc:dd:ee:ff`, `aabb.ccdd.eeff`, `aabbcc-ddeeff`. Separators may not be mixed. `undefined` for anything else.
 */
export function parseMac(text: string): MacAddress | undefined {
  const trimmed = text.trim().toLowerCase();
  return FORMS.test(trimmed) ? (withoutSeparators(trimmed) as MacAddress) : undefined;
}

const FORMS =
  /^(?:[0-9a-f]{12}|[0-9a-f]{2}(?:([-:])[0-9a-f]{2})(?:\1[0-9a-f]{2}){4}|[0-9a-f]{4}([.:-])[0-9a-f]{4}\2[0-9a-f]{4}|[0-9a-f]{6}[-:.][0-9a-f]{6})$/;

/** By the length of each form: every request is read so, and more than once. */
function withoutSeparators(form: string): string {
  const part = (start: number, end: number): string => form.slice(start, end);
  if (form.length === 12) return form;
  if (form.length === 17) return part(0, 2) + part(3, 5) + part(6, 8) + part(9, 11) + part(12, 14) + part(15, 17);
  return form.length === 14 ? part(0, 4) + part(5, 9) + part(10, 14) : part(0, 6) + part(7, 13);
}

/** `AA-BB-CC-DD-EE-FF`, the form of RFC 3580 §3.20. */
export function hyphenatedMac(mac: MacAddress): string {
  return pairs(mac).join("-").toUpperCase();
}

/** `aa:bb:cc:dd:ee:ff`, the form people read. */
export function colonMac(mac: MacAddress): string {
  return pairs(mac).join(":");
}

/** The address in each notation that `parseMac` reads, in lower and in upper case. */
export function macNotations(mac: MacAddress): readonly string[] {
  const lower = NOTATIONS.map(([size, separator]) => chunks(mac, size).join(separator));
  return [...lower, ...lower.map((text) => text.toUpperCase())];
}

/** Digits in a group, and what stands between groups. */
const NOTATIONS = [
  [12, ""],
  [2, "-"],
  [2, ":"],
  [4, "."],
  [4, "-"],
  [4, ":"],
  [6, "-"],
  [6, ":"],
  [6, "."],
] as const;

function pairs(mac: MacAddress): string[] {
  return chunks(mac, 2);
}

function chunks(mac: MacAddress, size: number): string[] {
  return Array.from({ length: mac.length / size }, (_, i) => mac.slice(size * i, size * (i + 1)));
}

/**
 * True for a locally administered address (IEEE 802 bit 0x02 of the first octet): what phones and laptops make up when
 * "private Wi-Fi address" is on. It says nothing about which device it is.
 */
export function isRandomizedMac(mac: MacAddress): boolean {
  return (lowBits(mac) & 0x02) !== 0;
}

/** The four low bits of the first octet, the second digit. */
function lowBits(mac: MacAddress): number {
  return Number.parseInt(mac.charAt(1), 16);
}

/** Addresses that many devices share: they must never find one device's record. */
const SHARED: ReadonlySet<string> = new Set([
  "000000000000", // "no address" in Workspace ONE records and events
  "ffffffffffff", // broadcast
  "020000000000", // what iOS answers to an application that asks for the Wi-Fi address
  "acde48001122", // the iBridge interface of every Mac with a T2 chip or Touch Bar (bevry/getmac issue 42)
]);

/** True when the address may identify a device: universally administered, unicast and not on the deny-list. */
export function isIdentifyingMac(mac: MacAddress): boolean {
  const multicast = (lowBits(mac) & 0x01) !== 0;
  return !multicast && !isRandomizedMac(mac) && !SHARED.has(mac);
}
