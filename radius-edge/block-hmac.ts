/*
 * HMAC-SHA-256 (RFC 2104, FIPS 180-4) of messages that fit into one block, in JavaScript: two compressions, where an object of
 * node:crypto for each Class took as long as signing the whole answer (measured).
 */

export const HMAC_OCTETS = 32;
const BLOCK_OCTETS = 64;
/** The padding takes at least nine octets of the block: a 1 bit and the length (FIPS 180-4 §5.1.1). */
const MOST_OCTETS = BLOCK_OCTETS - 9;

/** Eight words H0 to H7 (FIPS 180-4 §5.3.3). */
type State = Int32Array;

const PRIMES = primes(64);
/** FIPS 180-4 §5.3.3 and §4.2.2: the first 32 bits of the fractions of the primes' square and cube roots. */
const INITIAL: State = Int32Array.from(PRIMES.slice(0, 8), (prime) => fractionBits(Math.sqrt(prime)));
const K = Int32Array.from(PRIMES, (prime) => fractionBits(Math.cbrt(prime)));

/** Writes the 32 octets of the HMAC of a message of at most 55 octets into `target` at `offset`. */
export type BlockHmac = (message: Uint8Array, target: Uint8Array, offset: number) => void;

/** `key`: at most 64 octets. */
export function createBlockHmac(key: Uint8Array): BlockHmac {
  if (key.length > BLOCK_OCTETS) throw new RangeError(`a key of one block takes ${BLOCK_OCTETS} octets at most`);
  const after = (pad: number): State => {
    const state = INITIAL.slice();
    compress(
      state,
      Uint8Array.from({ length: BLOCK_OCTETS }, (_, i) => (key[i] ?? 0) ^ pad),
    );
    return state;
  };
  const [inner, outer] = [after(0x36), after(0x5c)];
  const state: State = new Int32Array(8);
  const block = new Uint8Array(BLOCK_OCTETS);
  const finish = (from: State, message: Uint8Array, target: Uint8Array, offset: number): void => {
    block.fill(0);
    block.set(message);
    block[message.length] = 0x80;
    const bits = (BLOCK_OCTETS + message.length) * 8;
    block[BLOCK_OCTETS - 2] = bits >>> 8;
    block[BLOCK_OCTETS - 1] = bits;
    state.set(from);
    compress(state, block);
    for (let i = 0; i < HMAC_OCTETS; i++) target[offset + i] = state[i >> 2]! >>> (24 - 8 * (i & 3));
  };
  const hidden = new Uint8Array(HMAC_OCTETS);
  return (message, target, offset) => {
    if (message.length > MOST_OCTETS)
      throw new RangeError(`a message of one block takes ${MOST_OCTETS} octets at most`);
    finish(inner, message, hidden, 0);
    finish(outer, hidden, target, offset);
  };
}

const w = new Int32Array(64);

/** FIPS 180-4 §6.2.2. */
function compress(state: State, block: Uint8Array): void {
  for (let t = 0; t < 16; t++) {
    w[t] = (block[4 * t]! << 24) | (block[4 * t + 1]! << 16) | (block[4 * t + 2]! << 8) | block[4 * t + 3]!;
  }
  for (let t = 16; t < 64; t++) {
    const x = w[t - 15]!;
    const y = w[t - 2]!;
    const sigma0 = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3);
    const sigma1 = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10);
    w[t] = w[t - 16]! + sigma0 + w[t - 7]! + sigma1;
  }
  let a = state[0]!;
  let b = state[1]!;
  let c = state[2]!;
  let d = state[3]!;
  let e = state[4]!;
  let f = state[5]!;
  let g = state[6]!;
  let h = state[7]!;
  for (let t = 0; t < 64; t++) {
    const sum1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const t1 = (h + sum1 + ((e & f) ^ (~e & g)) + K[t]! + w[t]!) | 0;
    const sum0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const t2 = (sum0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  state[0]! += a;
  state[1]! += b;
  state[2]! += c;
  state[3]! += d;
  state[4]! += e;
  state[5]! += f;
  state[6]! += g;
  state[7]! += h;
}

function rotate(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}

function fractionBits(root: number): number {
  return Math.floor((root % 1) * 2 ** 32);
}

function primes(count: number): readonly number[] {
  const found: number[] = [];
  for (let n = 2; found.length < count; n++) if (found.every((prime) => n % prime !== 0)) found.push(n);
  return found;
}
