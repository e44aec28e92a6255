import { setTimeout as sleep } from "node:timers/promises";
import type { TestWorkflowEnvironment } from "@temporalio/testing";
import { ApplicationFailure } from "@temporalio/common";
import type { WorkflowBundle } from "@temporalio/worker";
import type { OrganizationId } from "../../domain/identifiers.ts";
import { CRL_WORKFLOW } from "../../workflows/contract.ts";
import { recordingPorts } from "./recording-ports.ts";
import { bundleWorkflows, quietRuntime, startTimeSkipping, withWorker } from "./time-skipping.ts";

let env: TestWorkflowEnvironment;
let bundle: WorkflowBundle;
beforeAll(async () => {
  quietRuntime();
  [env, bundle] = await Promise.all([startTimeSkipping(), bundleWorkflows()]);
}, 120_000);
afterAll(() => env.teardown());

const organization = (n: number) => `5cc7b7f8-0000-7000-8000-00000000000${n}` as OrganizationId;

test("a round fetches every organization's due lists, a few at a time, and one in trouble holds up no other", async () => {
  const ports = recordingPorts();
  ports.dueCrls = [1, 2, 3, 4, 5, 6].map(organization);
  ports.refreshed = (id) => {
    if (id === organization(2)) throw ApplicationFailure.nonRetryable("no Postgres", "PostgresUnavailable");
    return { fetched: 2, failed: 1, text: "" };
  };
  await withWorker(env, { bundle, ports, taskQueue: "crls" }, async () => {
    const round = await env.client.workflow.start(CRL_WORKFLOW, { workflowId: "crls", taskQueue: "crls" });
    expect(await round.result()).toEqual({ text: "6 organizations: 10 CRLs fetched, 6 failed." });
    return round;
  });
  expect(ports.refreshes.toSorted()).toEqual([1, 2, 3, 4, 5, 6].map(organization));
  expect(ports.refreshes.slice(0, 4).toSorted()).toEqual([1, 2, 3, 4].map(organization));
}, 60_000);

test("an organization whose CRLs take long holds up no other: the rest are fetched beside it", async () => {
  const ports = recordingPorts();
  ports.dueCrls = [1, 2, 3, 4, 5, 6].map(organization);
  ports.refreshed = async (id) => {
    while (id === organization(1) && ports.refreshes.length < 6) await sleep(20);
    return { fetched: 1, failed: 0, text: "" };
  };
  await withWorker(env, { bundle, ports, taskQueue: "slow" }, async () => {
    const round = await env.client.workflow.start(CRL_WORKFLOW, { workflowId: "slow", taskQueue: "slow" });
    expect(await round.result()).toEqual({ text: "6 organizations: 6 CRLs fetched, 0 failed." });
    return round;
  });
}, 60_000);

test("an organization whose activity fails every time is given up in seconds, and the round ends", async () => {
  const ports = recordingPorts();
  ports.dueCrls = [1, 2].map(organization);
  ports.refreshed = (id) => {
    if (id === organization(1)) throw new Error("out of order");
    return { fetched: 1, failed: 0, text: "" };
  };
  await withWorker(env, { bundle, ports, taskQueue: "faulty" }, async () => {
    const round = await env.client.workflow.start(CRL_WORKFLOW, { workflowId: "faulty", taskQueue: "faulty" });
    expect(await round.result()).toEqual({ text: "2 organizations: 1 CRLs fetched, 1 failed." });
    return round;
  });
  expect(ports.refreshes.filter((id) => id === organization(1))).toHaveLength(4);
}, 60_000);

test("a round with nothing due is over at once", async () => {
  await withWorker(env, { bundle, ports: recordingPorts(), taskQueue: "none" }, async () => {
    const round = await env.client.workflow.start(CRL_WORKFLOW, { workflowId: "none", taskQueue: "none" });
    expect(await round.result()).toEqual({ text: "0 organizations: 0 CRLs fetched, 0 failed." });
    return round;
  });
}, 60_000);

test("a round that finds Postgres away for long says so, and is no failed workflow", async () => {
  const away = ApplicationFailure.nonRetryable("no Postgres", "PostgresUnavailable");
  const ports = { ...recordingPorts(), findDueCrls: () => Promise.reject(away) };
  await withWorker(env, { bundle, ports, taskQueue: "away" }, async () => {
    const round = await env.client.workflow.start(CRL_WORKFLOW, { workflowId: "away", taskQueue: "away" });
    expect(await round.result()).toEqual({ text: "It is not known whose CRLs are due: no Postgres" });
    return round;
  });
}, 60_000);
