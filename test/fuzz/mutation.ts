/** A stream of numbers from a seed (mulberry32): a run that found something can be repeated. */
export interface Chance {
  /** 0 ≤ n < `below`, whole. */
  below(below: number): number;
  pick<T>(from: readonly T[]): T;
}

export function chance(seed: number): Chance {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (bound: number): number => Math.floor(next() * bound);
  return { below, pick: (from) => from[below(from.length)]! };
}

type Damage = (bytes: Buffer, at: number, from: Chance) => Buffer;

const DAMAGES: readonly Damage[] = [
  function flipBit(bytes, at, from) {
    return withOctet(bytes, at, bytes[at]! ^ (1 << from.below(8)));
  },
  function setOctet(bytes, at, from) {
    return withOctet(bytes, at, from.pick([0, 1, 2, 3, 0x7f, 0x80, 0xfe, 0xff, from.below(256)]));
  },
  function cut(bytes, at) {
    return bytes.subarray(0, at);
  },
  function remove(bytes, at, from) {
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + from.below(16))]);
  },
  function insert(bytes, at, from) {
    return Buffer.concat([
      bytes.subarray(0, at),
      Buffer.alloc(1 + from.below(64), from.below(256)),
      bytes.subarray(at),
    ]);
  },
  function repeat(bytes, at, from) {
    const end = at + 1 + from.below(64);
    return Buffer.concat([bytes.subarray(0, end), bytes.subarray(at)]);
  },
];

/** One to four damages, at any place from octet `first` on. */
export function damaged(bytes: Buffer, from: Chance, first = 0): Buffer {
  let result = Buffer.from(bytes);
  for (let left = 1 + from.below(4); left > 0 && result.length > first; left--) {
    result = Buffer.from(from.pick(DAMAGES)(result, first + from.below(result.length - first), from));
  }
  return result;
}

function withOctet(bytes: Buffer, at: number, octet: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = octet;
  return copy;
}
