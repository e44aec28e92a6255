import { availableParallelism } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { setFlagsFromString } from "node:v8";
import type { EapThreads } from "../../radius-edge/edge-conversations.ts";
import { inheritedSockets } from "../../radius-edge/inherited-sockets.ts";
import { startEdge } from "../../radius-edge/main.ts";
import type { EdgeParts } from "../../radius-edge/main.ts";
import type { EdgePlace } from "../../radius-edge/process-id.ts";
import { canSharePorts } from "../../radius-edge/shared-port.ts";
import type { SiblingLink } from "../../radius-edge/siblings.ts";
import { loadConfig } from "../../runtime/config.ts";
import type { Config } from "../../runtime/config.ts";
import { ofProcess } from "../../runtime/edge-config.ts";
import { createLog } from "../../runtime/log.ts";
import { createMetrics } from "../../runtime/metrics.ts";
import { runEdgeProcesses } from "./edge-processes.ts";
import { openMetricsPort } from "./metrics-port.ts";
import { runRole } from "./role.ts";

/** The edge: one process, or several on the same ports where that is asked for and can be had. */
export async function runEdge(env: NodeJS.ProcessEnv): Promise<number> {
  const config = loadConfig(env, "edge");
  const { processes } = config.edge;
  const sockets = inheritedSockets(env, process.pid);
  if (processes === 1) return runOne(config, { sockets });
  const log = createLog("edge", config.logLevel);
  if (sockets !== undefined) {
    log.warn({ processes }, "of sockets from systemd each process has its own: one edge starts");
    return runOne(config, { sockets });
  }
  if (await canSharePorts()) return runEdgeProcesses(env, config, log);
  const node = process.versions.node;
  log.warn({ processes, node }, "processes cannot share a port here (that takes Linux and Node 23.1): one edge starts");
  return runOne(config, {});
}

/** One of several, started by `runEdgeProcesses`. */
export async function runEdgeProcess(env: NodeJS.ProcessEnv, place: EdgePlace): Promise<number> {
  const config = ofProcess(loadConfig(env, "edge"), place.index);
  return runOne(config, { siblings: { place, link: linkThroughParent() } });
}

type EdgeRoleConfig = ReturnType<typeof loadConfig> & { readonly databaseUrl: NonNullable<Config["databaseUrl"]> };

async function runOne(config: EdgeRoleConfig, parts: Pick<EdgeParts, "siblings" | "sockets">): Promise<number> {
  // V8 lets objects that lived long during a rush, such as all clients coming at once, be made among the old ones from then on.
  // There each keeps its datagram alive until the next full collection, which then was a seventh of an edge's work (measured).
  setFlagsFromString("--no-allocation-site-pretenuring");
  const log = createLog("edge", config.logLevel);
  const onTaken = ({ message }: Error): void => {
    log.fatal(`${message}; stopping, two would tear sessions apart`);
    process.kill(process.pid, "SIGTERM");
  };
  const threads = threadsOf(config);
  return runRole(log, async (readiness) => {
    const metrics = createMetrics("edge");
    const edge = await startEdge(config, { log, metrics, onTaken, threads, ...parts });
    const { lack } = readiness;
    const metricsPort = await openMetricsPort(metrics, config, { lack, describe: () => edge.describe() });
    return [{ name: "edge", close: () => edge.close() }, ...metricsPort];
  });
}

const MOST_BY_DEFAULT = 4;

/** One core stays for the sockets of each process; where there is but one, a thread would only take turns with them. */
function threadsOf({ edge: { eapThreads, sharesPorts, processes } }: Config): EapThreads | undefined {
  const cores = Math.floor(availableParallelism() / (sharesPorts ? processes : 1));
  const count = eapThreads ?? Math.min(MOST_BY_DEFAULT, Math.max(0, cores - 1));
  const entry = pathToFileURL(join(import.meta.dirname, "../../radius-edge/eap/thread.js"));
  return count === 0 ? undefined : { count, entry };
}

/** Siblings have one parent, which passes on what it hears from one to the other. */
function linkThroughParent(): SiblingLink {
  return {
    send: (message) => {
      if (process.connected) process.send?.(message);
    },
    listen: (hear) => void process.on("message", hear),
  };
}
