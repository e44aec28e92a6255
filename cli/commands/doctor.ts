import { reveal } from "../../domain/secret.ts";
import { loadConfig } from "../../runtime/config.ts";
import { loadMasterKeys } from "../../runtime/master-keys.ts";
import { createSeals } from "../../runtime/secrets.ts";
import { openStore } from "../../store/pool.ts";
import { examine } from "../doctor/index.ts";
import type { Finding } from "../doctor/finding.ts";
import { readEndpoints } from "../supervisor/endpoints.ts";

const SIGNS: Readonly<Record<Finding["level"], string>> = { good: "✓", warning: "!", fault: "✗" };

/**
 * Prints what is well, what is not, and how to mend it: of the servers in the environment, else of the installation that
 * runs in the state folder. Exits with 1 when something is at fault.
 */
export async function doctorCommand(env: NodeJS.ProcessEnv): Promise<number> {
  const running = readEndpoints(loadConfig(env).stateFolder);
  const [DATABASE_URL, TEMPORAL_ADDRESS] = [
    env["DATABASE_URL"] || running?.database,
    env["TEMPORAL_ADDRESS"] || running?.temporal,
  ];
  const config = loadConfig({ ...env, DATABASE_URL, TEMPORAL_ADDRESS }, "migrate");
  const keys = await loadMasterKeys(config);
  const store = openStore({ databaseUrl: reveal(config.databaseUrl), seals: createSeals(keys) });
  let faults = 0;
  try {
    for await (const { level, text, mend } of examine(config, store, keys)) {
      console.log(`${SIGNS[level]} ${text}`);
      if (mend !== undefined) console.log(`    ${mend}`);
      if (level === "fault") faults++;
    }
  } finally {
    await store.close();
  }
  return faults > 0 ? 1 : 0;
}
