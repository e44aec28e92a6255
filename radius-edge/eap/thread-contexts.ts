import type { EapTlsContext } from "./tls-context.ts";

/** The numbers by which EAP threads know contexts. */
export interface ThreadContexts {
  /** Always the same for the same context: old and new are in use side by side until the last conversation under the old ends. */
  keyOf(context: EapTlsContext): number;
}

/**
 * `onGone`: nobody can open anything under this number any more. A context lives as long as its organization has it or a
 * conversation began with it, so that threads hold a server's key no longer than we do ourselves.
 */
export function createThreadContexts(onGone: (key: number) => void): ThreadContexts {
  const keys = new WeakMap<EapTlsContext, number>();
  const gone = new FinalizationRegistry(onGone);
  let lastKey = 0;
  return {
    keyOf(context) {
      const known = keys.get(context);
      if (known !== undefined) return known;
      const key = ++lastKey;
      keys.set(context, key);
      gone.register(context, key);
      return key;
    },
  };
}
