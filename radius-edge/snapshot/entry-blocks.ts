import { IDENTITY_WORDS } from "./packed-identity.ts";
import { ENTRY_WORDS, tagOf } from "./packed-verdict.ts";

/** Entries as packed-verdict.ts writes them, numbered from 0, in blocks that grow in number and are never copied. */
export interface EntryBlocks {
  readonly size: number;
  readonly octets: number;
  readonly count: number;
  /** The used part of a block. */
  block(index: number): Uint32Array;
  /** The block of an entry, and where in it the entry begins. */
  wordsOf(entry: number): Uint32Array;
  placeOf(entry: number): number;
  isOf(entry: number, identity: Uint32Array, tag: number): boolean;
  /** Makes an entry for an identity, and answers with its number. */
  add(identity: Uint32Array): number;
}

const BLOCK_ENTRIES = 4_096;

export function createEntryBlocks(): EntryBlocks {
  const blocks: Uint32Array[] = [];
  let size = 0;
  const wordsOf = (entry: number): Uint32Array => blocks[(entry / BLOCK_ENTRIES) | 0]!;
  const placeOf = (entry: number): number => (entry % BLOCK_ENTRIES) * ENTRY_WORDS;
  return {
    get size() {
      return size;
    },
    get octets() {
      return blocks.length * BLOCK_ENTRIES * ENTRY_WORDS * Uint32Array.BYTES_PER_ELEMENT;
    },
    get count() {
      return blocks.length;
    },
    block: (index) => blocks[index]!.subarray(0, Math.min(BLOCK_ENTRIES, size - index * BLOCK_ENTRIES) * ENTRY_WORDS),
    wordsOf,
    placeOf,
    isOf(entry, identity, tag) {
      const words = wordsOf(entry);
      const at = placeOf(entry);
      for (let i = 0; i < IDENTITY_WORDS; i++) if (words[at + i] !== identity[i]) return false;
      return tagOf(words, at) === tag;
    },
    add(identity) {
      if (size === blocks.length * BLOCK_ENTRIES) blocks.push(new Uint32Array(BLOCK_ENTRIES * ENTRY_WORDS));
      const entry = size++;
      wordsOf(entry).set(identity.subarray(0, IDENTITY_WORDS), placeOf(entry));
      return entry;
    },
  };
}
