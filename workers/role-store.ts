import { reveal } from "../domain/secret.ts";
import type { Secret } from "../domain/secret.ts";
import type { Log } from "../runtime/log.ts";
import { requireRightKey } from "../runtime/master-keys.ts";
import type { MasterKeys } from "../runtime/master-keys.ts";
import { createSeals } from "../runtime/secrets.ts";
import { checkCanary } from "../store/canary.ts";
import { openStore } from "../store/pool.ts";
import type { Store } from "../store/pool.ts";

/**
 * The store of one worker role. Postgres need not answer yet; throws MasterKeyError when it does and its secrets were
 * sealed with another key.
 */
export async function openRoleStore(databaseUrl: Secret, keys: MasterKeys, log: Log): Promise<Store> {
  const store = openStore({ databaseUrl: reveal(databaseUrl), seals: createSeals(keys), log });
  const { kid } = keys.current;
  try {
    requireRightKey(await checkCanary(store, kid), kid, log);
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}
