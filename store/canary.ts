import { sql } from "kysely";
import { reveal, secret } from "../domain/secret.ts";
import { isDatabaseAway } from "./availability.ts";
import type { Store } from "./pool.ts";
import { SEALED_COLUMNS } from "./sealed-columns.ts";

export type Canary =
  | { readonly kind: "ok" }
  | { readonly kind: "wrongKey" }
  /** There are secrets, sealed with the keys of these ids, and none of ours is one of them. */
  | { readonly kind: "lostKey"; readonly kids: readonly string[] }
  | { readonly kind: "unchecked"; readonly cause: unknown };

/** Known text: that it opens proves the key. */
const SONG = "portcullis";

/**
 * Tells a wrong master key before anything is sealed with it: the first start seals a known text under key `kid` (the
 * current one, which `seals` seals with), every later start opens it. A key that was never seen is taken for new where
 * one of ours opens an earlier canary, or where there is no secret yet. `unchecked` where the database does not answer.
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
  const earlier = await store.db.selectFrom("key_canaries").selectAll().execute();
  if (!earlier.some((canary) => canary.kid === kid)) {
    const opened = await Promise.all(earlier.map((canary) => opens(store, canary)));
    if (earlier.length > 0 && !opened.includes(true) && (await holdsSecrets(store)))
      return { kind: "lostKey", kids: earlier.map((canary) => canary.kid) };
    const sealed = await store.seals.seal(secret(SONG), contextOf(kid));
    await store.db
      .insertInto("key_canaries")
      .values({ kid, sealed })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
  const own = await store.db.selectFrom("key_canaries").selectAll().where("kid", "=", kid).executeTakeFirstOrThrow();
  return { kind: (await opens(store, own)) ? "ok" : "wrongKey" };
}

async function opens({ seals }: Store, { kid, sealed }: { kid: string; sealed: string }): Promise<boolean> {
  try {
    return reveal(await seals.open(sealed, contextOf(kid))) === SONG;
  } catch {
    return false;
  }
}

function contextOf(kid: string): string {
  return `canary:${kid}`;
}

async function holdsSecrets({ db }: Store): Promise<boolean> {
  const looks = SEALED_COLUMNS.map(
    ({ table, column }) => sql`exists (select from ${sql.table(table)} where ${sql.ref(column)} is not null)`,
  );
  const { rows } = await sql<{ holds: boolean }>`select ${sql.join(looks, sql` or `)} as holds`.execute(db);
  return rows[0]?.holds ?? false;
}
