import type { Secret } from "../domain/secret.ts";

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
