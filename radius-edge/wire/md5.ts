/*
 * MD5 (RFC 1321) and HMAC-MD5 (RFC 2104) in JavaScript. What RADIUS hashes is a few hundred octets, and many times a request:
 * making an object of node:crypto for each costs more than the hashing does.
 */

export const MD5_OCTETS = 16;
const BLOCK_OCTETS = 64;
/** The last eight octets of the last block tell the length (RFC 1321 §3.2). */
const LENGTH_OFFSET = BLOCK_OCTETS - 8;

/** The four words A, B, C, D (RFC 1321 §3.3). */
type State = Int32Array;

const INITIAL: State = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476);
/** RFC 1321 §3.4: T[i], the first 32 bits of abs(sin(i)), i from 1. */
const T = Int32Array.from({ length: 64 }, (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32));

/** A digest under way; one after the other, each begun and finished in one turn of the event loop. */
interface Digest {
  /** `bytes` from `start`, up to and without `end`. */
  update(bytes: Uint8Array, start?: number, end?: number): Digest;
  /** Writes the 16 octets of the digest into `target` at `offset`. */
  finish(target: Uint8Array, offset: number): void;
}

interface Md5 extends Digest {
  begin(): Digest;
}

interface HmacMd5 extends Digest {
  begin(key: HmacKey): Digest;
}

/** The two states that a key leaves HMAC in, before the first octet of a message. */
export interface HmacKey {
  readonly inner: State;
  readonly outer: State;
}

export function createMd5(): Md5 {
  const run = createRun();
  const md5: Md5 = {
    begin() {
      run.resume(INITIAL, 0);
      return md5;
    },
    update(bytes, start = 0, end = bytes.length) {
      run.update(bytes, start, end);
      return md5;
    },
    finish: (target, offset) => run.finish(target, offset),
  };
  return md5;
}

export function createHmacMd5(): HmacMd5 {
  const run = createRun();
  const inner = new Uint8Array(MD5_OCTETS);
  let key: HmacKey | undefined;
  const hmac: HmacMd5 = {
    begin(next) {
      key = next;
      run.resume(next.inner, BLOCK_OCTETS);
      return hmac;
    },
    update(bytes, start = 0, end = bytes.length) {
      run.update(bytes, start, end);
      return hmac;
    },
    finish(target, offset) {
      run.finish(inner, 0);
      run.resume(key!.outer, BLOCK_OCTETS);
      run.update(inner, 0, MD5_OCTETS);
      run.finish(target, offset);
    },
  };
  return hmac;
}

/** RFC 2104 §2: a key longer than a block is hashed first; the rest of the block is zeros. */
export function hmacKey(secret: Uint8Array): HmacKey {
  const key = new Uint8Array(BLOCK_OCTETS);
  if (secret.length > BLOCK_OCTETS) createMd5().begin().update(secret).finish(key, 0);
  else key.set(secret);
  const after = (pad: number): State => {
    const state = INITIAL.slice();
    compress(
      state,
      key.map((octet) => octet ^ pad),
      0,
    );
    return state;
  };
  return { inner: after(0x36), outer: after(0x5c) };
}

interface Run {
  /** Goes on from a state that `octets`, a whole number of blocks, have led to. */
  resume(from: State, octets: number): void;
  update(bytes: Uint8Array, start: number, end: number): void;
  finish(target: Uint8Array, offset: number): void;
}

function createRun(): Run {
  const state: State = new Int32Array(4);
  /** The octets of a block that is not whole yet: the last `octets % BLOCK_OCTETS` of the message. */
  const block = new Uint8Array(BLOCK_OCTETS);
  let octets = 0;
  return {
    resume(from, before) {
      state.set(from);
      octets = before;
    },
    update(bytes, start, end) {
      let at = start;
      let used = octets % BLOCK_OCTETS;
      octets += end - start;
      if (used > 0) {
        while (used < BLOCK_OCTETS && at < end) block[used++] = bytes[at++]!;
        if (used < BLOCK_OCTETS) return;
        compress(state, block, 0);
      }
      for (; at + BLOCK_OCTETS <= end; at += BLOCK_OCTETS) compress(state, bytes, at);
      for (used = 0; at < end; used++) block[used] = bytes[at++]!;
    },
    finish(target, offset) {
      let used = octets % BLOCK_OCTETS;
      block[used++] = 0x80;
      if (used > LENGTH_OFFSET) {
        block.fill(0, used);
        compress(state, block, 0);
        used = 0;
      }
      block.fill(0, used);
      // Least significant octet first; no message here is as long as 2³² bits, so that the upper four stay 0.
      for (let i = 0; i < 4; i++) block[LENGTH_OFFSET + i] = (octets * 8) >>> (8 * i);
      compress(state, block, 0);
      for (let i = 0; i < MD5_OCTETS; i++) target[offset + i] = state[i >> 2]! >>> (8 * (i & 3));
    },
  };
}

const words = new Int32Array(16);

/**
 * RFC 1321 §3.4: one block of 64 octets, four rounds of sixteen steps. Least significant octet first. Each step needs the word that
 * the one before it has made, so what can be done without that comes first in it: a processor has it ready by then, and a digest
 * takes a fifth less (measured). F takes bits of one word where another has ones, and of a third elsewhere: two operations wait,
 * not three. Of G the two halves share no bit, so that adding them one by one is the same.
 */
function compress(state: State, bytes: Uint8Array, at: number): void {
  const x = words;
  for (let i = 0; i < 16; i++) {
    const o = at + 4 * i;
    x[i] = bytes[o]! | (bytes[o + 1]! << 8) | (bytes[o + 2]! << 16) | (bytes[o + 3]! << 24);
  }
  let a = state[0]!;
  let b = state[1]!;
  let c = state[2]!;
  let d = state[3]!;
  for (let i = 0; i < 16; i += 4) {
    a = step(a + x[i]! + T[i]! + (d ^ (b & (c ^ d))), 7, b);
    d = step(d + x[i + 1]! + T[i + 1]! + (c ^ (a & (b ^ c))), 12, a);
    c = step(c + x[i + 2]! + T[i + 2]! + (b ^ (d & (a ^ b))), 17, d);
    b = step(b + x[i + 3]! + T[i + 3]! + (a ^ (c & (d ^ a))), 22, c);
  }
  for (let i = 0; i < 16; i += 4) {
    a = step(a + x[(5 * i + 1) & 15]! + T[16 + i]! + (~d & c) + (d & b), 5, b);
    d = step(d + x[(5 * i + 6) & 15]! + T[17 + i]! + (~c & b) + (c & a), 9, a);
    c = step(c + x[(5 * i + 11) & 15]! + T[18 + i]! + (~b & a) + (b & d), 14, d);
    b = step(b + x[(5 * i) & 15]! + T[19 + i]! + (~a & d) + (a & c), 20, c);
  }
  for (let i = 0; i < 16; i += 4) {
    a = step(a + x[(3 * i + 5) & 15]! + T[32 + i]! + (b ^ (c ^ d)), 4, b);
    d = step(d + x[(3 * i + 8) & 15]! + T[33 + i]! + (a ^ (b ^ c)), 11, a);
    c = step(c + x[(3 * i + 11) & 15]! + T[34 + i]! + (d ^ (a ^ b)), 16, d);
    b = step(b + x[(3 * i + 14) & 15]! + T[35 + i]! + (c ^ (d ^ a)), 23, c);
  }
  for (let i = 0; i < 16; i += 4) {
    a = step(a + x[(7 * i) & 15]! + T[48 + i]! + (c ^ (b | ~d)), 6, b);
    d = step(d + x[(7 * i + 7) & 15]! + T[49 + i]! + (b ^ (a | ~c)), 10, a);
    c = step(c + x[(7 * i + 14) & 15]! + T[50 + i]! + (a ^ (d | ~b)), 15, d);
    b = step(b + x[(7 * i + 5) & 15]! + T[51 + i]! + (d ^ (c | ~a)), 21, c);
  }
  state[0]! += a;
  state[1]! += b;
  state[2]! += c;
  state[3]! += d;
}

function step(sum: number, shift: number, next: number): number {
  return (((sum << shift) | ((sum | 0) >>> (32 - shift))) + next) | 0;
}
