import { startEdge } from "../../radius-edge/main.ts";
import { loadConfig } from "../../runtime/config.ts";
import { createLog } from "../../runtime/log.ts";
import { createMetrics } from "../../runtime/metrics.ts";
import { openMetricsPort } from "./metrics-port.ts";
import { runRole } from "./role.ts";

export async function runEdge(env: NodeJS.ProcessEnv): Promise<number> {
  const config = loadConfig(env, "edge");
  const log = createLog("edge", config.logLevel);
  const onTaken = (): void => {
    log.fatal("another process has taken this edge's id: stopping, two would tear sessions apart");
    process.kill(process.pid, "SIGTERM");
  };
  return runRole(log, async (readiness) => {
    const metrics = createMetrics("edge");
    const edge = await startEdge(config, { log, metrics, onTaken });
    return [{ name: "edge", close: () => edge.close() }, ...(await openMetricsPort(metrics, config, readiness))];
  });
}
