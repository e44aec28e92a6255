import { setTimeout as sleep } from "node:timers/promises";
import type { WorkflowHandle, WorkflowHandleWithSignaledRunId } from "@temporalio/client";
import { ApplicationFailure, defineSearchAttributeKey, SearchAttributeType } from "@temporalio/common";
import type { TestWorkflowEnvironment } from "@temporalio/testing";
import type { WorkflowBundle } from "@temporalio/worker";
import { deviceWorkflowId, identityKey } from "../../domain/identity.ts";
import { HOUR_MS } from "../../domain/time.ts";
import {
  CHECK_NOW_UPDATE,
  DEVICE_WORKFLOW,
  SEARCH_ATTRIBUTES,
  SEEN_SIGNAL,
  SESSION_CHANGED_SIGNAL,
} from "../../workflows/contract.ts";
import type { DeviceInput, LookUpResult, Seen } from "../../workflows/contract.ts";
import { MAC, NOW, organizationId, OTHER_MAC } from "../support/domain-values.ts";
import { recordingPorts, result } from "./recording-ports.ts";
import type { RecordingPorts } from "./recording-ports.ts";
import { bundleWorkflows, quietRuntime, settled, startTimeSkipping, withWorker } from "./time-skipping.ts";

let env: TestWorkflowEnvironment;
let bundle: WorkflowBundle;
let count = 0;

beforeAll(async () => {
  quietRuntime();
  [env, bundle] = await Promise.all([startTimeSkipping(), bundleWorkflows()]);
}, 60_000);
afterAll(() => env?.teardown());

const identity = identityKey({ kind: "mac", mac: MAC });
const wish = (change: Partial<Seen> = {}): Seen => ({
  eventId: "e1",
  text: "Wi-Fi corp",
  mac: MAC,
  at: NOW,
  ...change,
});

type Device = WorkflowHandleWithSignaledRunId;

/** Starts the device's workflow as the relay does, and tells its story beside a worker. */
async function live(ports: RecordingPorts, story: (device: Device) => Promise<void>): Promise<void> {
  const taskQueue = `story-${++count}`;
  await withWorker(env, { bundle, ports, taskQueue }, async () => {
    const device = await env.client.workflow.signalWithStart(DEVICE_WORKFLOW, {
      workflowId: `${deviceWorkflowId(organizationId, identity)}/${count}`,
      taskQueue,
      args: [{ organizationId, identity } satisfies DeviceInput],
      signal: SEEN_SIGNAL,
      signalArgs: [wish()],
    });
    try {
      await story(device);
    } catch (error) {
      await device.terminate().catch(() => undefined);
      throw error;
    }
    return device;
  });
}

const lookUps = (device: WorkflowHandle, atLeast: number) => settled(device, (state) => state.lookUps >= atLeast);
const checkNow = (device: WorkflowHandle) => device.executeUpdate<LookUpResult, []>(CHECK_NOW_UPDATE);

test("a look-up whose worker was killed is made again within seconds", async () => {
  const ports = recordingPorts();
  let letGo = (): void => undefined;
  // The first attempt never says a word again, as one whose process is gone.
  ports.answer = () =>
    ports.lookUps.length > 1 ? result() : new Promise((resolve) => (letGo = () => resolve(result())));
  try {
    await live(ports, async (device) => {
      while (ports.lookUps.length === 0) await sleep(20);
      await env.sleep("20s");
      await lookUps(device, 1);
      expect(ports.lookUps).toHaveLength(2);
      letGo();
    });
  } finally {
    letGo();
  }
}, 60_000);

test("behaviour 2.1: two hours pass: one look-up per interval, and nothing is enforced when nothing changed", async () => {
  const ports = recordingPorts();
  await live(ports, async (device) => {
    await lookUps(device, 1);
    await env.sleep("110m");
    expect(ports.lookUps).toHaveLength(1);
    await env.sleep("20m");
    await lookUps(device, 2);
    expect(ports.lookUps.map(({ cause }) => cause.kind)).toEqual(["wished", "due"]);
    await env.sleep("2h");
    await lookUps(device, 3);
    expect(ports.lookUps).toHaveLength(3);
    // Once at the start, for a new workflow cannot know what its predecessor left undone.
    expect(ports.enforcements).toHaveLength(1);
  });
});

test("a verdict that changed is enforced once, with the revision that changed it", async () => {
  const ports = recordingPorts();
  await live(ports, async (device) => {
    await lookUps(device, 1);
    ports.answer = () =>
      result({
        status: "noncompliant",
        revision: 8,
        changed: true,
        changedAt: NOW + HOUR_MS,
        nextCheckMs: 2 * HOUR_MS,
      });
    await env.sleep("121m");
    await lookUps(device, 2);
    await settled(device, () => ports.enforcements.length === 2);
    expect(ports.enforcements[1]).toEqual({ organizationId, identity, revision: 8 });
    ports.answer = () => result({ status: "noncompliant", revision: 9, changedAt: NOW + HOUR_MS });
    await env.sleep("121m");
    await lookUps(device, 3);
    expect(ports.enforcements).toHaveLength(2);
    expect(ports.lookUps.map(({ knownChangedAt }) => knownChangedAt)).toEqual([undefined, NOW, NOW + HOUR_MS]);
  });
});

test("after twelve look-ups the workflow continues as new and keeps what it knows", async () => {
  const ports = recordingPorts();
  await live(ports, async (device) => {
    await lookUps(device, 1);
    await env.sleep("26h");
    const state = await lookUps(device, 13);
    expect(state.last).toMatchObject({ status: "compliant", changedAt: NOW });
    // Not by result(): on this server it lets the clock run, and the next sleep hangs.
    const firstRun = await env.client.workflow.getHandle(device.workflowId, device.signaledRunId).describe();
    expect(firstRun.status.name).toBe("CONTINUED_AS_NEW");
    expect(ports.lookUps.slice(1).every(({ knownChangedAt }) => knownChangedAt === NOW)).toBe(true);
    expect(ports.enforcements).toHaveLength(1);
  });
});

test("a signal and an update that arrive while the workflow continues as new are not lost", async () => {
  const ports = recordingPorts();
  let held: (() => void) | undefined;
  await live(ports, async (device) => {
    await lookUps(device, 1);
    for (let check = 2; check < 12; check++) await checkNow(device);
    // The twelfth look-up ends this run. What arrives while it is under way reaches the workflow on its last steps.
    ports.answer = () => new Promise((resolve) => (held = () => resolve(result())));
    const twelfth = checkNow(device);
    while (held === undefined) await sleep(10);
    ports.answer = () => result({ knownMacs: [MAC, OTHER_MAC] });
    await device.signal(SEEN_SIGNAL, wish({ eventId: "late", mac: OTHER_MAC }));
    const accepted = { waitForStage: "ACCEPTED" } as const;
    const thirteenth = await device.startUpdate<LookUpResult, []>(CHECK_NOW_UPDATE, accepted);
    held();
    await Promise.all([twelfth, thirteenth.result()]);
    await settled(device, () => ports.lookUps.length >= 13);
    const after = await settled(device, (state) => state.lookUps === ports.lookUps.length);
    expect(after.last?.knownMacs).toContain(OTHER_MAC);
    await checkNow(device);
    await lookUps(device, after.lookUps + 1);
    const { runId } = await device.describe();
    expect(runId).not.toBe(device.signaledRunId);
  });
});

test("behaviour 2.1: fifty authentications in an hour make no second look-up", async () => {
  const ports = recordingPorts();
  await live(ports, async (device) => {
    await lookUps(device, 1);
    for (let n = 0; n < 50; n++) await device.signal(SEEN_SIGNAL, wish({ eventId: `again ${n}` }));
    await env.sleep("1h");
    await settled(device, (state) => state.lookUps === 1);
    expect(ports.lookUps).toHaveLength(1);
  });
});

test("behaviour 1.1: the same identity on a MAC address that the last look-up did not know is looked up at once", async () => {
  const ports = recordingPorts();
  await live(ports, async (device) => {
    await lookUps(device, 1);
    ports.answer = () => result({ knownMacs: [MAC, OTHER_MAC] });
    await device.signal(SEEN_SIGNAL, wish({ mac: OTHER_MAC, at: NOW + 1 }));
    await lookUps(device, 2);
    expect(ports.lookUps[1]!.cause).toEqual({ kind: "wished", mac: OTHER_MAC, at: NOW + 1 });
    await device.signal(SEEN_SIGNAL, wish({ mac: OTHER_MAC, at: NOW + 2 }));
    await env.sleep("10m");
    expect(ports.lookUps).toHaveLength(2);
  });
});

test("check now answers with a fresh look-up, and those who ask together share one", async () => {
  const ports = recordingPorts();
  await live(ports, async (device) => {
    await lookUps(device, 1);
    ports.answer = () => result({ status: "noncompliant", changed: true, revision: 9 });
    await expect(checkNow(device)).resolves.toMatchObject({ status: "noncompliant", revision: 9 });
    expect(ports.lookUps[1]!.cause).toEqual({ kind: "asked" });
    expect(ports.enforcements).toHaveLength(2);
    const answers = await Promise.all([checkNow(device), checkNow(device), checkNow(device)]);
    expect(answers).toHaveLength(3);
    expect(ports.lookUps.length).toBeLessThanOrEqual(2 + 3);
  });
});

test("behaviour 3.1: an activity that fails for good neither fails the workflow nor forgets the verdict", async () => {
  const ports = recordingPorts();
  await live(ports, async (device) => {
    await lookUps(device, 1);
    ports.answer = () => {
      throw ApplicationFailure.nonRetryable("Postgres does not answer", "StoreUnavailable");
    };
    await expect(checkNow(device)).rejects.toMatchObject({
      cause: { message: "The look-up failed: Postgres does not answer" },
    });
    const state = await lookUps(device, 2);
    expect(state.last).toMatchObject({ status: "compliant" });
    ports.answer = () => result({ text: "back again" });
    await env.sleep("2m");
    await settled(device, ({ last }) => last?.text === "back again");
    expect((await device.describe()).status.name).toBe("RUNNING");
  });
});

test("enforcement waits for the client's return, steps on when it stays away, and ends when it is back", async () => {
  const ports = recordingPorts();
  const waiting = (text: string) => ({ kind: "awaitingReturn", waitMs: 30_000, text }) as const;
  ports.outcome = () => waiting("CoA acknowledged");
  await live(ports, async (device) => {
    await settled(device, ({ enforcement }) => enforcement?.kind === "awaitingReturn");
    expect(ports.enforcements).toHaveLength(1);
    ports.outcome = () => waiting("Disconnect acknowledged");
    await env.sleep("31s");
    await settled(device, ({ enforcement }) => enforcement?.text === "Disconnect acknowledged");
    ports.outcome = () => ({ kind: "settled", text: "back on VLAN 20" });
    await device.signal(SESSION_CHANGED_SIGNAL);
    await settled(device, ({ enforcement }) => enforcement?.kind === "settled");
    await env.sleep("10m");
    expect(ports.enforcements).toHaveLength(3);
    expect(ports.lookUps).toHaveLength(1);
  });
});

test("behaviour 5.6: a failed enforcement is tried again when its time has come, or at once when the session changes", async () => {
  const ports = recordingPorts();
  ports.outcome = () => ({ kind: "failed", pauseMs: 300_000, text: "no answer" });
  await live(ports, async (device) => {
    await settled(device, ({ enforcement }) => enforcement?.kind === "failed");
    await env.sleep("4m");
    expect(ports.enforcements).toHaveLength(1);
    ports.outcome = () => ({ kind: "failed", pauseMs: 600_000, text: "no answer again" });
    await env.sleep("2m");
    await settled(device, ({ enforcement }) => enforcement?.text === "no answer again");
    expect(ports.enforcements).toHaveLength(2);
    ports.outcome = () => ({ kind: "settled", text: "back on VLAN 20" });
    await device.signal(SESSION_CHANGED_SIGNAL);
    await settled(device, ({ enforcement }) => enforcement?.kind === "settled");
    await env.sleep("20m");
    expect(ports.enforcements).toHaveLength(3);
    expect(new Set(ports.enforcements.map(({ revision }) => revision)).size).toBe(1);
    expect(ports.lookUps).toHaveLength(1);
  });
});

test("behaviour 5.6: an enforcement that nothing can help is not begun again by what the client does", async () => {
  const ports = recordingPorts();
  ports.outcome = () => ({ kind: "failed", text: "back on the wrong network" });
  await live(ports, async (device) => {
    await settled(device, ({ enforcement }) => enforcement?.kind === "failed");
    await device.signal(SESSION_CHANGED_SIGNAL);
    await env.sleep("1h");
    expect(ports.enforcements).toHaveLength(1);
  });
});

test("a device that is out of use ends its workflow", async () => {
  const ports = recordingPorts();
  ports.answer = () => result({ inUse: false });
  await live(ports, async (device) => {
    const status = async () => (await device.describe()).status.name;
    for (let tries = 0; tries < 500 && (await status()) === "RUNNING"; tries++) await sleep(20);
    expect(await status()).toBe("COMPLETED");
  });
});

test("the Temporal UI reads as the device's history", async () => {
  const ports = recordingPorts();
  await live(ports, async (device) => {
    await lookUps(device, 1);
    await settled(device, ({ enforcement }) => enforcement !== undefined);
    const metadata = await device.query<{ currentDetails: string }, []>("__temporal_workflow_metadata");
    expect(metadata.currentDetails).toContain("### a4:83:e7:11:22:33: compliant");
    expect(metadata.currentDetails).toContain("- **Provider:** Jamf Pro");
    expect(metadata.currentDetails).toContain("- **Network:** already on VLAN 20");
    const shown = (await device.describe()).typedSearchAttributes;
    const keyword = (name: string) => shown.get(defineSearchAttributeKey(name, SearchAttributeType.KEYWORD));
    expect(keyword(SEARCH_ATTRIBUTES.status)).toBe("compliant");
    expect(keyword(SEARCH_ATTRIBUTES.provider)).toBe("Jamf Pro");
    expect(keyword(SEARCH_ATTRIBUTES.organization)).toBe(organizationId);
    const { events } = await device.fetchHistory();
    const summaries = (events ?? []).flatMap(({ userMetadata }) => userMetadata?.summary?.data ?? []);
    expect(summaries.map((data) => JSON.parse(Buffer.from(data).toString()) as string)).toEqual([
      "ask the MDM about a4:83:e7:11:22:33",
      "move a4:83:e7:11:22:33 to where it belongs (compliant)",
      "next check (compliant)",
    ]);
  });
});
