import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { WorkflowHandle } from "@temporalio/client";
import { TestWorkflowEnvironment } from "@temporalio/testing";
import { DefaultLogger, Runtime, Worker, bundleWorkflowCode } from "@temporalio/worker";
import type { WorkflowBundle } from "@temporalio/worker";
import { SEARCH_ATTRIBUTES, STATE_QUERY } from "../../workflows/contract.ts";
import type { ComplianceActivities, DeviceState } from "../../workflows/contract.ts";
import { temporalTestServer } from "../support/temporal.ts";

/** temporal.api.enums.v1.IndexedValueType */
const KEYWORD = 2;
const DATETIME = 6;

/** Lets only errors through: what Core says about retries is what the tests provoke. */
export function quietRuntime(): void {
  const logger = new DefaultLogger("ERROR");
  Runtime.install({ logger, telemetryOptions: { logging: { filter: "OFF", forward: {} } } });
}

/** One server for one test file: a shared one hangs. */
export async function startTimeSkipping(): Promise<TestWorkflowEnvironment> {
  const path = temporalTestServer();
  const env = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: "existing-path", path } },
  });
  const { changedAt, ...keywords } = SEARCH_ATTRIBUTES;
  const searchAttributes = {
    ...Object.fromEntries(Object.values(keywords).map((name) => [name, KEYWORD])),
    [changedAt]: DATETIME,
  };
  await env.connection.operatorService.addSearchAttributes({ namespace: "default", searchAttributes });
  return env;
}

const ROOT = join(__dirname, "../..");

/** The workflows as production bundles them, or a copy of them that lies elsewhere. */
export function bundleWorkflows(workflowsPath = join(ROOT, "workflows/index.ts")): Promise<WorkflowBundle> {
  return bundleWorkflowCode({
    workflowsPath,
    logger: new DefaultLogger("ERROR"),
    webpackConfigHook: (config) => ({
      ...config,
      resolve: { ...config.resolve, modules: ["node_modules", join(ROOT, "node_modules")] },
    }),
  });
}

/**
 * Runs `story` beside a worker that serves `ports` on a task queue of its own. The workflow is ended before its worker:
 * one left over would hold the server's clock for ever.
 */
export async function withWorker(
  env: TestWorkflowEnvironment,
  parts: { readonly bundle: WorkflowBundle; readonly ports: ComplianceActivities; readonly taskQueue: string },
  story: () => Promise<WorkflowHandle>,
): Promise<void> {
  const worker = await Worker.create({
    connection: env.nativeConnection,
    taskQueue: parts.taskQueue,
    workflowBundle: parts.bundle,
    activities: { ...parts.ports },
  });
  await worker.runUntil(async () => {
    const handle = await story();
    await handle.terminate("the test is over").catch(() => undefined);
  });
}

/** The clock jumps before the woken workflows have settled: asks until the state is as wanted. */
export async function settled(handle: WorkflowHandle, wanted: (state: DeviceState) => boolean): Promise<DeviceState> {
  for (const deadline = performance.now() + 15_000; ;) {
    const now = await handle.query<DeviceState, []>(STATE_QUERY);
    if (wanted(now)) return now;
    if (performance.now() > deadline) throw new Error(`the workflow did not settle: ${JSON.stringify(now)}`);
    await sleep(20);
  }
}
