import { LRUCache } from "lru-cache";

/** Anything that is good for a while. A failure is good for no time: `freshUntil` 0. */
export interface Perishable {
  /** Epoch milliseconds. */
  readonly freshUntil: number;
}

/** Values that many callers share: one flight per key however many ask at once, the outcome kept until it goes stale. */
export class FreshCache<Value extends Perishable> {
  readonly #values: LRUCache<string, Value>;
  readonly #flights = new Map<string, Promise<Value>>();
  readonly #now: () => number;

  constructor(now: () => number, capacity: number) {
    this.#now = now;
    this.#values = new LRUCache({ max: capacity });
  }

  /** The held value, or what `obtain` brings. Whoever joins a flight shares its outcome, failures included. */
  async take(key: string, obtain: () => Promise<Value>): Promise<Value> {
    const held = this.#values.get(key);
    if (held !== undefined && this.#now() < held.freshUntil) return held;
    return this.#flights.get(key) ?? this.#fly(key, obtain);
  }

  /** Forgets `value` if it is still the one held for `key`: a newer one stays. */
  drop(key: string, value: Value): void {
    if (this.#values.peek(key) === value) this.#values.delete(key);
  }

  async #fly(key: string, obtain: () => Promise<Value>): Promise<Value> {
    const flight = obtain();
    this.#flights.set(key, flight);
    try {
      const value = await flight;
      if (this.#now() < value.freshUntil) this.#values.set(key, value);
      return value;
    } finally {
      this.#flights.delete(key);
    }
  }
}
