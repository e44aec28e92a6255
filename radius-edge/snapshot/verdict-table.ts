import type { IdentityKey } from "../../domain/identity.ts";
import type { DecisiveVerdict } from "../../domain/verdict.ts";
import { createEntryBlocks } from "./entry-blocks.ts";
import { halfSipHash } from "./half-sip-hash.ts";
import { IDENTITY_WORDS, packIdentity } from "./packed-identity.ts";
import { ENTRY_WORDS, packVerdict, tagOf, unpackVerdict } from "./packed-verdict.ts";

/**
 * The verdicts of one organization, for a million devices: 44 octets each in blocks, and an index with open addressing, about
 * 8 octets each. A `Map` of objects takes ten times that, and the garbage collector's time.
 */
export interface VerdictTable {
  readonly size: number;
  /** Octets held. */
  readonly octets: number;
  get(identity: IdentityKey): DecisiveVerdict | undefined;
  set(identity: IdentityKey, verdict: DecisiveVerdict): void;
  /** Number of blocks, and the used part of one: entries as packed-verdict.ts writes them. */
  readonly blocks: number;
  block(index: number): Uint32Array;
  /** Adds the entries of another table's block. */
  addBlock(entries: Uint32Array): void;
}

const FIRST_SLOTS = 1_024;
/** Beyond this part of the slots, probing gets long. */
const FULL = 2 / 3;

/** `expected` verdicts find room without the index growing, which costs each time as much as filling it. */
export function createVerdictTable(expected = 0): VerdictTable {
  const key = crypto.getRandomValues(new Uint32Array(2));
  const wanted = new Uint32Array(IDENTITY_WORDS);
  const entries = createEntryBlocks();
  /** Each holds the number of an entry and 1; 0 is free. */
  let slots = new Int32Array(FIRST_SLOTS);
  while (slots.length * FULL < expected) slots = new Int32Array(slots.length * 2);

  /** The slot of the identity in `wanted`, or the free one where it belongs. */
  const slotOf = (tag: number): number => {
    const mask = slots.length - 1;
    let slot = halfSipHash(key, wanted, 0, IDENTITY_WORDS, tag) & mask;
    while (slots[slot] !== 0 && !entries.isOf(slots[slot]! - 1, wanted, tag)) slot = (slot + 1) & mask;
    return slot;
  };
  const grow = (): void => {
    slots = new Int32Array(slots.length * 2);
    const mask = slots.length - 1;
    for (let entry = 0; entry < entries.size; entry++) {
      const words = entries.wordsOf(entry);
      const at = entries.placeOf(entry);
      let slot = halfSipHash(key, words, at, at + IDENTITY_WORDS, tagOf(words, at)) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = entry + 1;
    }
  };
  /** The entry of the identity in `wanted`, made where there is none. */
  const entryFor = (tag: number): number => {
    if (entries.size >= slots.length * FULL) grow();
    const slot = slotOf(tag);
    if (slots[slot] === 0) slots[slot] = entries.add(wanted) + 1;
    return slots[slot]! - 1;
  };

  return {
    get size() {
      return entries.size;
    },
    get octets() {
      return entries.octets + slots.byteLength;
    },
    get(identity) {
      const found = slots[slotOf(packIdentity(identity, wanted))]! - 1;
      return found < 0 ? undefined : unpackVerdict(entries.wordsOf(found), entries.placeOf(found));
    },
    set(identity, verdict) {
      const tag = packIdentity(identity, wanted);
      const entry = entryFor(tag);
      packVerdict(verdict, tag, entries.wordsOf(entry), entries.placeOf(entry));
    },
    get blocks() {
      return entries.count;
    },
    block: (index) => entries.block(index),
    addBlock(block) {
      for (let at = 0; at < block.length; at += ENTRY_WORDS) {
        for (let i = 0; i < IDENTITY_WORDS; i++) wanted[i] = block[at + i]!;
        const entry = entryFor(tagOf(block, at));
        entries.wordsOf(entry).set(block.subarray(at, at + ENTRY_WORDS), entries.placeOf(entry));
      }
    },
  };
}
