/** What to do with a request that arrived. */
type Arrival =
  | { readonly kind: "new"; readonly answer: (bytes: Buffer | undefined) => void }
  | { readonly kind: "inFlight" }
  | { readonly kind: "answered"; readonly bytes: Buffer };

export interface Duplicates {
  /** `key` is whatever makes two datagrams one request: peer, socket, identifier and authenticator. */
  arrive(key: string, now: number): Arrival;
  readonly size: number;
}

/**
 * Duplicate detection (RFC 5080 §2.2.2): a NAS that did not hear us sends the same octets again and must get the same
 * octets back, without a second EAP step, event or look-up. Answers are kept for `keepMs`, but never more than `capacity`
 * of them; a request that was dropped is forgotten at once, since its retransmission may fare better.
 */
export function createDuplicates(keepMs = 10_000, capacity = 200_000): Duplicates {
  const entries = new Map<string, { readonly at: number; bytes: Buffer | undefined }>();
  const forgetOld = (now: number): void => {
    // Insertion order is time order: the first young one ends the walk.
    for (const [key, entry] of entries) {
      if (now - entry.at < keepMs && entries.size < capacity) return;
      entries.delete(key);
    }
  };
  return {
    arrive(key, now) {
      forgetOld(now);
      const known = entries.get(key);
      if (known !== undefined) {
        return known.bytes === undefined ? { kind: "inFlight" } : { kind: "answered", bytes: known.bytes };
      }
      const entry: { readonly at: number; bytes: Buffer | undefined } = { at: now, bytes: undefined };
      entries.set(key, entry);
      const answer = (bytes: Buffer | undefined): void => {
        if (bytes === undefined) entries.delete(key);
        else entry.bytes = bytes;
      };
      return { kind: "new", answer };
    },
    get size() {
      return entries.size;
    },
  };
}
