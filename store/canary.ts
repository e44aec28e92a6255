import { reveal, secret } from "../domain/secret.ts";
import { isDatabaseAway } from "./availability.ts";
import type { Store } from "./pool.ts";

export type Canary =
  | { readonly kind: "ok" }
  | { readonly kind: "wrongKey" }
  | { readonly kind: "unchecked"; readonly cause: unknown };

/** Known text: that it opens proves the key. */
const SONG = "portcullis";

/**
 * Tells a wrong master key before anything is sealed with it: the first start seals a known text under key `kid` (the
 * current one, which `seals` seals with), every later start opens it. `unchecked` where the database does not answer.
 */
export async function checkCanary(store: Store, kid: string): Promise<Canary> {
  try {
    return await sing(store, kid);
  } catch (cause) {
    if (isDatabaseAway(cause)) return { kind: "unchecked", cause };
    throw cause;
  }
}

async function sing(store: Store, kid: string): Promise<Canary> {
  const context = `canary:${kid}`;
  const fresh = await store.seals.seal(secret(SONG), context);
  await store.db
    .insertInto("key_canaries")
    .values({ kid, sealed: fresh })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const { sealed } = await store.db
    .selectFrom("key_canaries")
    .select("sealed")
    .where("kid", "=", kid)
    .executeTakeFirstOrThrow();
  try {
    const song = await store.seals.open(sealed, context);
    return { kind: reveal(song) === SONG ? "ok" : "wrongKey" };
  } catch {
    return { kind: "wrongKey" };
  }
}
