import type { Secret } from "../../domain/secret.ts";
import { createMd5, MD5_OCTETS } from "./md5.ts";
import { secretOctets } from "./shared-secret.ts";

/** MD5 makes a pad of 16 octets at a time. */
export const BLOCK_OCTETS = MD5_OCTETS;

const md5 = createMd5();
/** What was computed last: whoever asks uses it before asking again. */
const digest = Buffer.alloc(BLOCK_OCTETS);

/**
 * RFC 2865 §5.2 and RFC 2548 §2.4.2 hide values alike: each block of 16 is XORed with MD5(secret, what came before), that
 * being `seed` for the first block and the hidden block before it for the others. `plain` is padded with NULs.
 */
export function hide(plain: Buffer, secret: Secret, seed: Buffer): Buffer {
  const hidden = Buffer.alloc(Math.ceil(plain.length / BLOCK_OCTETS) * BLOCK_OCTETS);
  plain.copy(hidden);
  for (let offset = 0; offset < hidden.length; offset += BLOCK_OCTETS) {
    const before = offset === 0 ? seed : hidden.subarray(offset - BLOCK_OCTETS, offset);
    xorInto(hidden, offset, pad(secret, before));
  }
  return hidden;
}

/** The other way; `hidden` is a whole number of blocks. The padding is left on. */
export function unhide(hidden: Buffer, secret: Secret, seed: Buffer): Buffer {
  const plain = Buffer.from(hidden);
  for (let offset = 0; offset < plain.length; offset += BLOCK_OCTETS) {
    const before = offset === 0 ? seed : hidden.subarray(offset - BLOCK_OCTETS, offset);
    xorInto(plain, offset, pad(secret, before));
  }
  return plain;
}

function pad(secret: Secret, before: Buffer): Buffer {
  md5.begin().update(secretOctets(secret).octets).update(before).finish(digest, 0);
  return digest;
}

function xorInto(bytes: Buffer, offset: number, mask: Buffer): void {
  for (let i = 0; i < BLOCK_OCTETS; i += 1) bytes[offset + i]! ^= mask[i]!;
}
