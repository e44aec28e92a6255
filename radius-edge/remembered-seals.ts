import type { Secret } from "../domain/secret.ts";
import type { Seals } from "../store/seals.ts";
import { createLastUsed } from "./last-used.ts";

/** More NASes than an edge serves; what falls out is opened again. */
const MOST = 50_000;

/**
 * Opens each sealed text once. Every change of rules, setting or NASes reads all NASes anew, and opening a secret costs
 * a third of a millisecond; a sealed text never changes its meaning, and its context is sealed in with it.
 */
export function rememberOpened(seals: Seals): Seals {
  const opened = createLastUsed<Secret>(MOST);
  return {
    seal: (secret, context) => seals.seal(secret, context),
    async open(sealed, context) {
      const key = `${context} ${sealed}`;
      const known = opened.get(key) ?? (await seals.open(sealed, context));
      opened.set(key, known);
      return known;
    },
  };
}
