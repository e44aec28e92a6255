import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DefaultLogger, NativeConnection, Runtime, Worker } from "@temporalio/worker";
import type { WorkerOptions } from "@temporalio/worker";
import { BEAT_EVERY_MS } from "../activities/alive.ts";
import { createComplianceActivities } from "../activities/index.ts";
import type { WorkerParts } from "../activities/index.ts";
import type { Secret } from "../domain/secret.ts";
import { SECOND_MS } from "../domain/time.ts";
import type { Config } from "../runtime/config.ts";
import { makeInternalToken } from "../runtime/edge-access.ts";
import type { CloseStep } from "../runtime/lifecycle.ts";
import type { Log } from "../runtime/log.ts";
import { loadMasterKeys } from "../runtime/master-keys.ts";
import type { Lack, Readiness } from "../runtime/readiness.ts";
import type { TemporalConfig } from "../runtime/temporal-config.ts";
import { explainTemporalFailure } from "../runtime/temporal-failure.ts";
import { connectionOptions } from "../runtime/temporal.ts";
import { pingDatabase } from "../store/availability.ts";
import { COMPLIANCE_QUEUE } from "../workflows/contract.ts";
import type { ComplianceActivities } from "../workflows/contract.ts";
import { openRoleStore } from "./role-store.ts";

/** 52 to 65 KB of heap each. A cached cycle costs a third of one that is replayed: the fleet stays in while it fits. */
const CACHED_WORKFLOWS = 5_000;
/** Each is mostly a wait: that for a NAS which is gone takes some fourteen seconds, and the SDK's 100 would be one switch's. */
const ACTIVITIES_AT_ONCE = 500;
/** Activities end their work; what takes longer runs again elsewhere, and finds what was done. */
const GRACE_MS = 10 * SECOND_MS;
const RECONNECT_AT_MOST_MS = 5 * SECOND_MS;
const ANSWER_MS = 2 * SECOND_MS;

/**
 * Starts the role: workflows and activities of the compliance queue. Neither Postgres nor Temporal needs to answer yet.
 * The steps returned close it, in their order: Temporal first, since activities that drain still need the database.
 */
export async function startComplianceWorker(
  config: Config & { readonly databaseUrl: Secret },
  parts: Pick<WorkerParts, "http" | "edgeHttp" | "nasReadyMs" | "log">,
  readiness?: Readiness,
): Promise<readonly CloseStep[]> {
  const { log } = parts;
  const keys = await loadMasterKeys(config);
  const store = await openRoleStore(config.databaseUrl, keys, log);
  const activities = createComplianceActivities({
    ...parts,
    store,
    internalToken: makeInternalToken(keys),
    intervalMs: config.complianceIntervalMs,
  });
  forwardLog(log);
  const worker = runWorker(config.temporal, activities, log);
  readiness?.dependsOn(() => pingDatabase(store));
  readiness?.dependsOn(worker.lack);
  return [
    { name: "worker", close: worker.close },
    { name: "MDM connections", close: () => parts.http.close() },
    { name: "edge connections", close: () => parts.edgeHttp.close() },
    { name: "database", close: () => store.close() },
  ];
}

/** Core's log lines become ours. Signals are the process' own business (runtime/lifecycle.ts). */
function forwardLog(log: Log): void {
  const levels = { TRACE: "trace", DEBUG: "debug", INFO: "info", WARN: "warn", ERROR: "error" } as const;
  Runtime.install({
    logger: new DefaultLogger("INFO", ({ level, message, meta }) => log[levels[level]]({ ...meta }, message)),
    telemetryOptions: { logging: { filter: "WARN", forward: {} } },
    shutdownSignals: [],
  });
}

/** Runs a worker until closed, connecting as often as it takes: Temporal may come up long after us. */
export function runWorker(
  temporal: TemporalConfig,
  activities: ComplianceActivities,
  log: Log,
): { readonly close: () => Promise<void>; readonly lack: Lack } {
  const stop = new AbortController();
  let polling: NativeConnection | undefined;
  const onPolling = (connection: NativeConnection | undefined): void => void (polling = connection);
  const ended = keepRunning(temporal, { activities, log, onPolling }, stop.signal);
  return {
    lack: () => lackOf(polling, temporal.address),
    close: () => {
      stop.abort();
      return ended;
    },
  };
}

interface RunParts {
  readonly activities: ComplianceActivities;
  readonly log: Log;
  /** Called with the connection on which tasks are asked for, and with `undefined` when they no longer are. */
  readonly onPolling: (connection: NativeConnection | undefined) => void;
}

async function lackOf(polling: NativeConnection | undefined, address: string): Promise<string | undefined> {
  if (polling === undefined) return `the worker is not connected to Temporal at ${address} yet`;
  try {
    await polling.withDeadline(Date.now() + ANSWER_MS, () => polling.workflowService.getSystemInfo({}));
    return undefined;
  } catch (error) {
    return explainTemporalFailure(error, address).message;
  }
}

async function keepRunning(temporal: TemporalConfig, parts: RunParts, stop: AbortSignal): Promise<void> {
  for (let pauseMs = 250; !stop.aborted; pauseMs = Math.min(2 * pauseMs, RECONNECT_AT_MOST_MS)) {
    try {
      await runOnce(temporal, parts, stop);
    } catch (error) {
      parts.log.warn({ err: error, address: temporal.address }, "the worker has no Temporal; trying again");
    }
    await sleep(pauseMs, undefined, { signal: stop, ref: true }).catch(() => undefined);
  }
}

/** Once connected, the SDK itself rides out a server that goes away: this ends on `stop`, or by a fault of the worker. */
async function runOnce(
  { address, namespace, ...rest }: TemporalConfig,
  { activities, log, onPolling }: RunParts,
  stop: AbortSignal,
): Promise<void> {
  const connection = await NativeConnection.connect(await connectionOptions({ address, namespace, ...rest }));
  try {
    const worker = await Worker.create({
      connection,
      namespace,
      taskQueue: COMPLIANCE_QUEUE,
      activities: { ...activities },
      ...workflowCode(),
      maxCachedWorkflows: CACHED_WORKFLOWS,
      maxConcurrentActivityTaskExecutions: ACTIVITIES_AT_ONCE,
      // Every one that an activity gives: the SDK would hold them back until little time is left.
      maxHeartbeatThrottleInterval: BEAT_EVERY_MS,
      shutdownGraceTime: GRACE_MS,
    });
    const shutDown = (): void => worker.shutdown();
    stop.addEventListener("abort", shutDown, { once: true });
    log.info({ address, namespace, taskQueue: COMPLIANCE_QUEUE }, "the worker is ready");
    const ended = worker.run().finally(() => stop.removeEventListener("abort", shutDown));
    onPolling(connection);
    // A worker that was made while we were told to stop must run to be shut down.
    if (stop.aborted) shutDown();
    await ended;
  } finally {
    onPolling(undefined);
    await connection.close(); // an open one keeps the process alive (temporalio/sdk-typescript issue 1413)
  }
}

/** The bundle that the build made, else the sources: bundling takes seconds and needs a bundler. */
function workflowCode(): Pick<WorkerOptions, "workflowBundle" | "workflowsPath"> {
  const root = join(import.meta.dirname, "..");
  const codePath = join(root, "workflow-bundle.js");
  if (existsSync(codePath)) return { workflowBundle: { codePath } };
  const built = join(root, "workflows/index.js");
  return { workflowsPath: existsSync(built) ? built : join(root, "workflows/index.ts") };
}
