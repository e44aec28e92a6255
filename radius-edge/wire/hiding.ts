import type { Secret } from "../../domain/secret.ts";
import { createMd5, MD5_OCTETS } from "./md5.ts";
import { secretOctets } from "./shared-secret.ts";

/** MD5 makes a pad of 16 octets at a time. */
export const BLOCK_OCTETS = MD5_OCTETS;

const md5 = createMd5();

/**
 * RFC 2865 §5.2 and RFC 2548 §2.4.2 hide values alike: each block of 16 is XORed with MD5(secret, what came before), that
 * being `seed` for the first block and the hidden block before it for the others. `plain` is padded with NULs.
 */
export function hide(plain: Buffer, secret: Secret, seed: Buffer): Buffer {
  const hidden = Buffer.alloc(Math.ceil(plain.length / BLOCK_OCTETS) * BLOCK_OCTETS);
  plain.copy(hidden);
  for (let offset = 0; offset < hidden.length; offset += BLOCK_OCTETS) {
    const before = offset === 0 ? seed : hidden.subarray(offset - BLOCK_OCTETS, offset);
    xorInto(hidden.subarray(offset, offset + BLOCK_OCTETS), pad(secret, before));
  }
  return hidden;
}

/** The other way; `hidden` is a whole number of blocks. The padding is left on. */
export function unhide(hidden: Buffer, secret: Secret, seed: Buffer): Buffer {
  const plain = Buffer.from(hidden);
  for (let offset = 0; offset < plain.length; offset += BLOCK_OCTETS) {
    const before = offset === 0 ? seed : hidden.subarray(offset - BLOCK_OCTETS, offset);
    xorInto(plain.subarray(offset, offset + BLOCK_OCTETS), pad(secret, before));
  }
  return plain;
}

function pad(secret: Secret, before: Buffer): Buffer {
  const mask = Buffer.alloc(BLOCK_OCTETS);
  md5.begin().update(secretOctets(secret).octets).update(before).finish(mask, 0);
  return mask;
}

function xorInto(block: Buffer, mask: Buffer): void {
  for (let i = 0; i < block.length; i += 1) block[i]! ^= mask[i]!;
}
