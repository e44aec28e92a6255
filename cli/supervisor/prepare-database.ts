import { secret } from "../../domain/secret.ts";
import { createLog } from "../../runtime/log.ts";
import { loadMasterKeys } from "../../runtime/master-keys.ts";
import { migrate } from "../../store/migrate.ts";
import { openRoleStore } from "../../workers/role-store.ts";
import { provideAdmin } from "./first-organization.ts";
import type { Admin } from "./first-organization.ts";
import type { Installation } from "./installation.ts";

/**
 * The schema, the proof that our master key is this database's, the first organization and its admin token. Throws
 * MasterKeyError when the key is another one.
 */
export async function prepareDatabase({ config, step }: Installation, databaseUrl: string): Promise<Admin> {
  await step("database schema", () => migrate(databaseUrl));
  return step("master key, organization, admin token", async () => {
    const keys = await loadMasterKeys(config);
    const store = await openRoleStore(secret(databaseUrl), keys, createLog("up", "error"));
    try {
      return await provideAdmin(store, config.stateFolder);
    } finally {
      await store.close();
    }
  });
}
