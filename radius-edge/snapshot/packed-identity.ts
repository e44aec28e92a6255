import { createHash } from "node:crypto";
import type { IdentityKey } from "../../domain/identity.ts";

/** An identity in 160 bits and a tag that says how they were made. */
export const IDENTITY_WORDS = 5;

/**
 * Writes the identity's words to `words` and returns its tag, 1 to 5. MAC addresses and device ids of every length that
 * there is are written as they are, so that no two share words and tag. Any other text goes by 160 bits of its SHA-256: that
 * two of a million share them has a chance of 2^-121.
 */
export function packIdentity(identity: IdentityKey, words: Uint32Array): number {
  const start = identity.indexOf(":") + 1;
  const tag = tagFor(identity.slice(0, start), identity.length - start);
  if (tag !== undefined && readHex(identity, start, words)) return tag;
  readHex(
    createHash("sha256")
      .update(identity)
      .digest("hex")
      .slice(0, 8 * IDENTITY_WORDS),
    0,
    words,
  );
  return HASHED;
}

const HASHED = 5;

/** By kind and number of hexadecimal digits (domain/device-id.ts). */
function tagFor(kind: string, digits: number): number | undefined {
  if (kind === "mac:") return digits === 12 ? 1 : undefined;
  if (kind !== "device:") return undefined;
  return digits === 24 ? 2 : digits === 32 ? 3 : digits === 40 ? 4 : undefined;
}

/** Eight digits to a word, the rest zero; false when one is no lower-case hexadecimal digit. */
function readHex(text: string, start: number, words: Uint32Array): boolean {
  words.fill(0);
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const digit = code >= 48 && code <= 57 ? code - 48 : code >= 97 && code <= 102 ? code - 87 : -1;
    if (digit < 0) return false;
    const word = (i - start) >> 3;
    words[word] = (words[word]! << 4) | digit;
  }
  return true;
}
