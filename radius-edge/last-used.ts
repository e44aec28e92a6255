import { LRUCache } from "lru-cache";

/** Values by text, of which those not used for longest go first. It takes the room of what is in it, however much it may hold. */
export interface LastUsed<Value> {
  readonly size: number;
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
  delete(key: string): void;
}

/** `most`: values at most. */
export function createLastUsed<Value extends object | true>(most: number): LastUsed<Value> {
  // Bounded by number, lru-cache sets all of its room aside at once: a megabyte for 50,000, in each cache of each organization.
  return new LRUCache<string, Value>({ maxSize: most, sizeCalculation: () => 1 });
}
