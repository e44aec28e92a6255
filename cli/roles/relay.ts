import { loadConfig } from "../../runtime/config.ts";
import { createLog } from "../../runtime/log.ts";
import { startRelay } from "../../workers/relay.ts";
import { openMetricsPort } from "./metrics-port.ts";
import { runRole } from "./role.ts";

export async function runRelay(env: NodeJS.ProcessEnv): Promise<number> {
  const config = loadConfig(env, "relay");
  const log = createLog("relay", config.logLevel);
  return runRole(log, async () => [...(await startRelay(config, log)), ...(await openMetricsPort("relay", config))]);
}
