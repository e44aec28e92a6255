/**
 * HalfSipHash-1-3 (Aumasson and Bernstein) over whole words of 32 bits: a keyed hash for tables whose keys strangers choose.
 * Without the key nobody can pick addresses that all fall into one place.
 */
export function halfSipHash(key: Uint32Array, words: Uint32Array, start: number, end: number, last: number): number {
  let v0 = key[0]!;
  let v1 = key[1]!;
  let v2 = 0x6c796765 ^ v0;
  let v3 = 0x74656462 ^ v1;
  // The last word, the closing block with the length, and three rounds to finish.
  for (let i = start; i < end + 5; i++) {
    const word = i < end ? words[i]! : i === end ? last : i === end + 1 ? (end - start + 1) << 26 : 0;
    v3 ^= word;
    if (i === end + 2) v2 ^= 0xff;
    v0 = (v0 + v1) | 0;
    v1 = rotate(v1, 5) ^ v0;
    v0 = rotate(v0, 16);
    v2 = (v2 + v3) | 0;
    v3 = rotate(v3, 8) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = rotate(v3, 7) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = rotate(v1, 13) ^ v2;
    v2 = rotate(v2, 16);
    v0 ^= word;
  }
  return (v1 ^ v3) >>> 0;
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
