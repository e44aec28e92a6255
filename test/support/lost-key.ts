import { randomBytes } from "node:crypto";
import { isSecret, reveal } from "../../domain/secret.ts";
import type { Secret, UnopenedSecret } from "../../domain/secret.ts";
import { parseMasterKeys } from "../../runtime/master-keys.ts";
import { createSeals } from "../../runtime/secrets.ts";
import type { Store } from "../../store/pool.ts";

/** The store as whoever has another master key writes to it: nobody else opens what is sealed there. */
export function underLostKey(store: Store): Store {
  return { ...store, seals: createSeals(parseMasterKeys(`gone:${randomBytes(32).toString("base64")}`, "test")) };
}

/** The text of a secret that must have opened. */
export function openedText(sealed: Secret | UnopenedSecret | undefined): string {
  if (!isSecret(sealed)) throw new Error(sealed?.unopened ?? "there is no secret");
  return reveal(sealed);
}
