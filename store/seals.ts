import type { Secret, UnopenedSecret } from "../domain/secret.ts";

/**
 * Secrets at rest. A sealed text opens only under the context it was sealed for, so that a row's secret cannot be copied
 * to another row. Contexts: `linked_account:<id>`, `nas:<id>`, `directory:<id>`,
 * `settings:<organization>`, `canary:<kid>`.
 */
export interface Seals {
  seal(secret: Secret, context: string): Promise<string>;
  /** Rejects when no key opens it, or the context is another. */
  open(sealed: string, context: string): Promise<Secret>;
}

/** Opens a secret that only what rests on it should miss. `renewal`: what to do where the key is lost. */
export async function openOrTell(
  seals: Seals,
  { sealed, context, renewal }: { readonly sealed: string; readonly context: string; readonly renewal: string },
): Promise<Secret | UnopenedSecret> {
  try {
    return await seals.open(sealed, context);
  } catch (error) {
    return { unopened: unopenedSentence(error, renewal) };
  }
}

export function unopenedSentence(error: unknown, renewal: string): string {
  const why = error instanceof Error ? error.message : String(error);
  return `${why}; put that key back, or ${renewal}`;
}
