import { loadConfig } from "../../runtime/config.ts";
import { createLog } from "../../runtime/log.ts";
import { loadMasterKeys } from "../../runtime/master-keys.ts";
import type { MasterKeys } from "../../runtime/master-keys.ts";
import type { Store } from "../../store/pool.ts";
import { openRoleStore } from "../../workers/role-store.ts";
import { readEndpoints } from "../supervisor/endpoints.ts";

/**
 * Does one thing with the database: that of DATABASE_URL, else the embedded one of the installation that runs in the
 * state folder.
 */
export async function withStore(
  env: NodeJS.ProcessEnv,
  work: (store: Store, keys: MasterKeys) => Promise<void>,
): Promise<number> {
  const running = readEndpoints(loadConfig(env).stateFolder);
  const config = loadConfig({ ...env, DATABASE_URL: env["DATABASE_URL"] || running?.database }, "migrate");
  const keys = await loadMasterKeys(config);
  const store = await openRoleStore(config.databaseUrl, keys, createLog("cli", "error"));
  try {
    await work(store, keys);
    return 0;
  } finally {
    await store.close();
  }
}
