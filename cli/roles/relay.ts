import { loadConfig } from "../../runtime/config.ts";
import { createLog } from "../../runtime/log.ts";
import { createMetrics } from "../../runtime/metrics.ts";
import { startRelay } from "../../workers/relay.ts";
import { openMetricsPort } from "./metrics-port.ts";
import { runRole } from "./role.ts";

export async function runRelay(env: NodeJS.ProcessEnv): Promise<number> {
  const config = loadConfig(env, "relay");
  const log = createLog("relay", config.logLevel);
  return runRole(log, async (readiness) => [
    ...(await startRelay(config, log, readiness)),
    ...(await openMetricsPort(createMetrics("relay"), config, readiness)),
  ]);
}
