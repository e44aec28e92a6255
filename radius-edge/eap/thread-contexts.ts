import type { EapTlsContext, EapTlsMaterial } from "./tls-context.ts";

/** The contexts that EAP threads know by number, one for each organization. */
export interface ThreadContexts {
  /** The number of what this context is made of. */
  keyOf(context: EapTlsContext): { readonly key: number; readonly material: EapTlsMaterial };
}

/** `onReplaced`: what is opened now is opened under another number. */
export function createThreadContexts(onReplaced: (key: number) => void): ThreadContexts {
  const held = new Map<string, { readonly key: number; readonly context: EapTlsContext }>();
  let keys = 0;
  return {
    keyOf(context) {
      const { material } = context;
      const { organization } = material.resumption;
      const before = held.get(organization);
      if (before?.context === context) return { key: before.key, material };
      if (before !== undefined) onReplaced(before.key);
      const key = ++keys;
      held.set(organization, { key, context });
      return { key, material };
    },
  };
}
