import { halfSipHash } from "../../../radius-edge/snapshot/half-sip-hash.ts";

test("the hash depends on every word and on both halves of the key", () => {
  const key = Uint32Array.of(0x03020100, 0x07060504);
  const words = Uint32Array.of(1, 2, 3, 4, 5);
  const hash = (k: Uint32Array, w: Uint32Array, last = 1): number => halfSipHash(k, w, 0, 5, last);
  const reference = hash(key, words);
  expect(hash(key, words)).toBe(reference);
  const changed = [0, 1, 2, 3, 4].map((place) => hash(key, words.with(place, 99)));
  const others = [hash(key, words, 2), hash(key.with(0, 1), words), hash(key.with(1, 1), words), ...changed];
  expect(new Set([reference, ...others]).size).toBe(others.length + 1);
});

test("keys that differ in little spread evenly", () => {
  const key = Uint32Array.of(1, 2);
  const places = new Set<number>();
  const count = 4_096;
  for (let i = 0; i < count; i++) places.add(halfSipHash(key, Uint32Array.of(i << 16, 0, 0, 0, 0), 0, 5, 1) & 0xfff);
  // Of n thrown into n places, n(1 - 1/e) are hit.
  expect(places.size / count).toBeGreaterThan(0.6);
  expect(places.size / count).toBeLessThan(0.67);
});
