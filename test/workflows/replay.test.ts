import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Client, WorkflowHandle } from "@temporalio/client";
import { historyFromJSON, historyToJSON } from "@temporalio/common/lib/proto-utils.js";
import { Worker } from "@temporalio/worker";
import type { WorkflowBundle } from "@temporalio/worker";
import { DeterminismViolationError } from "@temporalio/workflow";
import { deviceWorkflowId, identityKey } from "../../domain/identity.ts";
import { CRL_WORKFLOW, DEVICE_WORKFLOW, SEEN_SIGNAL } from "../../workflows/contract.ts";
import type { DeviceInput, Seen } from "../../workflows/contract.ts";
import { MAC, NOW, organizationId } from "../support/domain-values.ts";
import { recordingPorts } from "./recording-ports.ts";
import { STORIES } from "./stories.ts";
import type { Story } from "./stories.ts";
import { bundleWorkflows, quietRuntime, startTimeSkipping, withWorker } from "./time-skipping.ts";

/** Append-only: a workflow somewhere sleeps in the middle of each of these, and wakes in today's code. */
const HISTORIES = join(__dirname, "histories");
const RECORDING = process.env["PORTCULLIS_RECORD_HISTORIES"] !== undefined;

const SLEEP = "await condition(() => device.mail, restMs(device, Date.now()), { summary: restSummary(device) });";

const identity = identityKey({ kind: "mac", mac: MAC });
const workflowId = deviceWorkflowId(organizationId, identity);
const fileOf = (story: Story): string => join(HISTORIES, `${story.name}.json`);
let bundle: WorkflowBundle;

beforeAll(async () => {
  quietRuntime();
  bundle = await bundleWorkflows();
  const missing = STORIES.filter((story) => !existsSync(fileOf(story)));
  if (RECORDING && missing.length > 0) await record(missing);
}, 120_000);

function replay(file: string, workflowBundle: WorkflowBundle): Promise<void> {
  const history = historyFromJSON(JSON.parse(readFileSync(file, "utf8")));
  return Worker.runReplayHistory({ workflowBundle }, history, workflowId);
}

test("each story has a recorded history: PORTCULLIS_RECORD_HISTORIES=1 npx jest test/workflows/replay records new ones", () => {
  const recorded = readdirSync(HISTORIES).map((file) => file.replace(/\.json$/, ""));
  expect(recorded.toSorted()).toEqual(STORIES.map(({ name }) => name).toSorted());
});

test.each(STORIES.map((story) => [story.name, story] as const))("history %s replays", async (_name, story) => {
  await expect(replay(fileOf(story), bundle)).resolves.toBeUndefined();
});

test.each([
  ["no longer enforces", "if (enforcementDue(device, Date.now())) await takeStep(input, device);", ""],
  ["sleeps without an alarm", SLEEP, "await condition(() => device.mail);"],
])("a workflow that %s is refused", async (_what, line, replacement) => {
  const folder = mkdtempSync(join(tmpdir(), "portcullis-broken-"));
  try {
    for (const floor of ["domain", "workflows"]) {
      cpSync(join(__dirname, "../..", floor), join(folder, floor), { recursive: true });
    }
    const file = join(folder, "workflows/device-compliance.ts");
    const source = readFileSync(file, "utf8");
    expect(source).toContain(line);
    writeFileSync(file, source.replace(line, replacement));
    const broken = await bundleWorkflows(join(folder, "workflows/index.ts"));
    await expect(replay(fileOf(STORIES[1]!), broken)).rejects.toThrow(DeterminismViolationError);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** Tells each story to a real server and keeps what it wrote down. */
async function record(stories: readonly Story[]): Promise<void> {
  mkdirSync(HISTORIES, { recursive: true });
  const env = await startTimeSkipping();
  for (const story of stories) {
    const ports = recordingPorts();
    await withWorker(env, { bundle, ports, taskQueue: story.name }, async () => {
      const { handle, runId } = await begin(story, env.client);
      await story.tell(handle, ports, env);
      const run = env.client.workflow.getHandle(handle.workflowId, runId);
      // "wx": never over one that exists.
      writeFileSync(fileOf(story), historyToJSON(await run.fetchHistory()), { flag: "wx" });
      return handle;
    });
  }
  await env.teardown();
}

async function begin({ workflow, name }: Story, client: Client) {
  if (workflow === "crls") {
    const round = await client.workflow.start(CRL_WORKFLOW, { workflowId: "crl-refresh", taskQueue: name });
    return { handle: round as WorkflowHandle, runId: round.firstExecutionRunId };
  }
  const device = await client.workflow.signalWithStart(DEVICE_WORKFLOW, {
    workflowId,
    taskQueue: name,
    args: [{ organizationId, identity } satisfies DeviceInput],
    signal: SEEN_SIGNAL,
    signalArgs: [{ eventId: "e1", text: "Wi-Fi corp", mac: MAC, at: NOW } satisfies Seen],
  });
  return { handle: device as WorkflowHandle, runId: device.signaledRunId };
}
