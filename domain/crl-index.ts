import type { Crl } from "./crl.ts";
import { elementsIn, expectElement, isSame, magnitudeOf, readElement, readTime, TAG } from "./der.ts";
import type { DerElement } from "./der.ts";
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

export interface Revocation {
  /** Epoch milliseconds; `undefined` where the list's time is none. */
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
export function indexCrl(crl: Crl): CrlIndex {
  const { der, entries } = crl;
  const size = 2 ** Math.ceil(Math.log2(2 * entries.count + 2));
  /** Offset of an entry; 0, where no entry lies, is an empty slot. */
  const slots = new Uint32Array(size);
  const whole = { tag: TAG.sequence, start: entries.start, content: entries.start, end: entries.end };
  const serialAt = (offset: number): Uint8Array => {
    const entry = readElement(der, offset, entries.end);
    return magnitudeOf(der, expectElement(der, entry.content, entry.end, TAG.integer));
  };
  const slotOf = (serial: Uint8Array): number => {
    let slot = hash(serial) % size;
    while (slots[slot] !== 0 && !isSame(serialAt(slots[slot]!), serial)) slot = (slot + 1) % size;
    return slot;
  };
  for (const { start } of elementsIn(der, whole)) slots[slotOf(serialAt(start))] = start;
  return {
    find: (serial) => {
      const offset = slots[slotOf(serial)]!;
      return offset === 0 ? undefined : readRevocation(der, offset, entries.end);
    },
  };
}

function readRevocation(der: Uint8Array, offset: number, limit: number): Revocation {
  const entry = readElement(der, offset, limit);
  const [, time, extensions] = elementsIn(der, entry);
  const given = extensions === undefined ? [] : readExtensions(der, extensions);
  // ENUMERATED, of one octet.
  const code = given.find(({ oid }) => oid === REASON_CODE)?.value[2];
  return { at: timeOf(der, time!), reason: code === undefined ? undefined : REASONS[code] };
}

function timeOf(der: Uint8Array, time: DerElement): number | undefined {
  try {
    return readTime(der, time);
  } catch {
    return undefined;
  }
}

/** FNV-1a. Who signs the list chooses the serials: nobody else can make them collide. */
function hash(bytes: Uint8Array): number {
  let value = 0x811c9dc5;
  for (const octet of bytes) value = Math.imul(value ^ octet, 0x01000193) >>> 0;
  return value;
}
