import { DEFAULT_NAS_READY_MS } from "../../domain/nas-profile.ts";
import { loadNasProfiles } from "../../radius-edge/nas-profiles.ts";
import { loadConfig } from "../../runtime/config.ts";
import { createLog } from "../../runtime/log.ts";
import { createMetrics } from "../../runtime/metrics.ts";
import { startComplianceWorker } from "../../workers/compliance.ts";
import { openMetricsPort } from "./metrics-port.ts";
import { runRole } from "./role.ts";
import { openWayToEdges, openWayToMdms } from "./way-out.ts";

export async function runWorker(env: NodeJS.ProcessEnv): Promise<number> {
  const config = loadConfig(env, "worker");
  const log = createLog("worker", config.logLevel);
  return runRole(log, async (readiness) => {
    const profiles = loadNasProfiles();
    const nasReadyMs = (profile = ""): number => profiles.named(profile)?.readyAfterAcceptMs ?? DEFAULT_NAS_READY_MS;
    const http = await openWayToMdms(config);
    const edgeHttp = await openWayToEdges(config);
    const worker = await startComplianceWorker(config, { http, edgeHttp, nasReadyMs, log }, readiness);
    return [...worker, ...(await openMetricsPort(createMetrics("worker"), config, readiness))];
  });
}
