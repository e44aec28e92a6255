import type { Crl } from "./crl.ts";
import { contentAt, elementsIn, endAt, isSame, readElement, readTime } from "./der.ts";
import { readExtensions } from "./extension.ts";

/** RFC 5280 §5.3.1, in words for an operator. */
const REASONS: Readonly<Record<number, string>> = {
  1: "its key was compromised",
  2: "its authority was compromised",
  3: "its owner's affiliation changed",
  4: "another has superseded it",
  5: "its use has ended",
  6: "it is on hold",
  9: "a privilege was withdrawn",
  10: "the attribute authority was compromised",
};

interface Revocation {
  /** Epoch milliseconds; `undefined` where the list's time cannot be read. */
  readonly at: number | undefined;
  /** In words; `undefined` where the list gives no reason. */
  readonly reason: string | undefined;
}

/** Finds revoked certificates by their serial's magnitude. */
export interface CrlIndex {
  find(serial: Uint8Array): Revocation | undefined;
}

/** X.509's reasonCode of a CRL entry. */
const REASON_CODE = "2.5.29.21";

/**
 * A hash table of where the entries lie in the list's own octets, probed linearly: four octets for each slot and two slots
 * for each entry, instead of a hundred octets for a text in a Map.
 */
export function indexCrl({ der, entries }: Crl): CrlIndex {
  const mask = 2 ** Math.ceil(Math.log2(2 * entries.count + 2)) - 1;
  /** Offsets of entries; 0, where no entry lies, is an empty slot. */
  const slots = new Uint32Array(mask + 1);
  for (let at = entries.start; at < entries.end; at = endAt(der, at, entries.end)) {
    const [start, end] = [serialStart(der, at, entries.end), serialEnd(der, at, entries.end)];
    let slot = hash(der, start, end) & mask;
    while (slots[slot] !== 0) slot = (slot + 1) & mask;
    slots[slot] = at;
  }
  const isAt = (at: number, serial: Uint8Array): boolean =>
    isSame(der.subarray(serialStart(der, at, entries.end), serialEnd(der, at, entries.end)), serial);
  return {
    find: (serial) => {
      let slot = hash(serial, 0, serial.length) & mask;
      while (slots[slot] !== 0 && !isAt(slots[slot]!, serial)) slot = (slot + 1) & mask;
      return slots[slot] === 0 ? undefined : readRevocation(der, slots[slot]!, entries.end);
    },
  };
}

/** Where the magnitude of an entry's serial begins, leading zeros apart. */
function serialStart(der: Uint8Array, entry: number, limit: number): number {
  const serial = contentAt(der, entry, limit);
  const end = endAt(der, serial, limit);
  let start = contentAt(der, serial, limit);
  while (start < end - 1 && der[start] === 0) start++;
  return start;
}

const serialEnd = (der: Uint8Array, entry: number, limit: number): number =>
  endAt(der, contentAt(der, entry, limit), limit);

/** Details that cannot be read leave the certificate revoked. */
function readRevocation(der: Uint8Array, entry: number, limit: number): Revocation {
  try {
    const [, time, extensions] = elementsIn(der, readElement(der, entry, limit));
    const given = extensions === undefined ? [] : readExtensions(der, extensions);
    // ENUMERATED, of one octet.
    const code = given.find(({ oid }) => oid === REASON_CODE)?.value[2];
    return { at: readTime(der, time!), reason: code === undefined ? undefined : REASONS[code] };
  } catch {
    return { at: undefined, reason: undefined };
  }
}

/** FNV-1a. Who signs the list chooses the serials: nobody else can make them collide. */
function hash(bytes: Uint8Array, start: number, end: number): number {
  let value = 0x811c9dc5;
  for (let at = start; at < end; at++) value = Math.imul(value ^ bytes[at]!, 0x01000193) >>> 0;
  return value;
}
