import { reveal } from "../domain/secret.ts";
import type { Secret } from "../domain/secret.ts";
import type { Log } from "../runtime/log.ts";
import { MasterKeyError } from "../runtime/master-keys.ts";
import type { MasterKeys } from "../runtime/master-keys.ts";
import { createSeals } from "../runtime/secrets.ts";
import { isDatabaseAway } from "../store/availability.ts";
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
  const canary = await checkCanary(store, kid).catch(async (error: unknown) => {
    if (isDatabaseAway(error)) return undefined;
    await store.close();
    throw error;
  });
  if (canary === undefined) log.warn("Postgres does not answer: the master key is not checked");
  if (canary === undefined || canary.kind === "ok") return store;
  await store.close();
  throw new MasterKeyError(`master key "${kid}" is not the one that this database's secrets were sealed with`);
}
