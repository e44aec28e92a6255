import { TestWorkflowEnvironment } from "@temporalio/testing";
import { Worker } from "@temporalio/worker";
import type { OrganizationId } from "../../domain/identifiers.ts";
import type { IdentityKey } from "../../domain/identity.ts";
import type { MacAddress } from "../../domain/mac-address.ts";
import { findFreePort } from "../../cli/embedded/ports.ts";
import { loadConfig } from "../../runtime/config.ts";
import { connectTemporal } from "../../runtime/temporal.ts";
import type { TemporalLink } from "../../runtime/temporal.ts";
import { COMPLIANCE_QUEUE } from "../../workflows/contract.ts";
import { temporalCli } from "../support/temporal.ts";

const ORGANIZATION = "01980000-0000-7000-8000-000000000001" as OrganizationId;
const IDENTITY = "mac:a4b1c1000001" as IdentityKey;

let environment: TestWorkflowEnvironment;
let worker: Worker;
let working: Promise<void>;
let link: TemporalLink;

beforeAll(async () => {
  environment = await TestWorkflowEnvironment.createLocal({
    server: { executable: { type: "existing-path", path: temporalCli() } },
  });
  link = await connectTemporal(loadConfig({ TEMPORAL_ADDRESS: environment.address }).temporal);
  worker = await Worker.create({
    connection: environment.nativeConnection,
    taskQueue: COMPLIANCE_QUEUE,
    workflowsPath: require.resolve("../support/recording-workflows.ts"),
  });
  working = worker.run();
}, 60_000);

afterAll(async () => {
  worker.shutdown();
  await working;
  await link.close();
  await environment.teardown();
});

test("a wish starts the device's workflow where it is missing, and signals it where it runs", async () => {
  expect(await link.workflows.isRunning(ORGANIZATION, IDENTITY)).toBe(false);
  expect(await link.workflows.state(ORGANIZATION, IDENTITY)).toBeUndefined();
  await link.workflows.seen(ORGANIZATION, IDENTITY, { eventId: "e1", text: "EAP-TLS on ap-1" });
  await link.workflows.sessionChanged(ORGANIZATION, IDENTITY);
  expect(await link.workflows.isRunning(ORGANIZATION, IDENTITY)).toBe(true);
  const handle = link.client.workflow.getHandle(`device/${ORGANIZATION}/${IDENTITY}`);
  expect(await handle.query("received")).toEqual(["seen EAP-TLS on ap-1", "sessionChanged"]);
});

test("check-now starts the workflow of an identity never seen, and answers with its look-up", async () => {
  const answer = await link.workflows.checkNow(ORGANIZATION, "mac:a4b1c1000002" as IdentityKey);
  expect(answer).toMatchObject({ status: "compliant", text: "checked mac:a4b1c1000002" });
});

test("a CoA asked for twice under one id is one workflow", async () => {
  const input = {
    organizationId: ORGANIZATION,
    mac: "a4b1c1000001" as MacAddress,
    coaType: "reauth",
    source: "Ada",
  } as const;
  await link.workflows.coa(input, "request-1");
  await link.workflows.coa(input, "request-1");
  const handle = link.client.workflow.getHandle(`coa/${ORGANIZATION}/request-1`);
  expect(await handle.result()).toBe("reauth for a4b1c1000001, asked for by Ada");
  await link.workflows.coa(input, "request-1"); // after its end, too
});

test("a server that is down is told in a sentence, and the process starts all the same", async () => {
  const address = `127.0.0.1:${await findFreePort()}`;
  const down = await connectTemporal(loadConfig({ TEMPORAL_ADDRESS: address }).temporal);
  const sentence = `Temporal at ${address} does not answer`;
  expect(await down.unavailable()).toBe(sentence);
  await expect(down.workflows.checkNow(ORGANIZATION, IDENTITY)).rejects.toMatchObject({
    fault: "unreachable",
    message: sentence,
  });
  await expect(down.workflows.seen(ORGANIZATION, IDENTITY, { eventId: "e", text: "t" })).rejects.toMatchObject({
    name: "TemporalError",
    fault: "unreachable",
  });
  await down.close();
});

test("a namespace that does not exist is a refusal, not an outage", async () => {
  const config = { TEMPORAL_ADDRESS: environment.address, TEMPORAL_NAMESPACE: "nowhere" };
  const lost = await connectTemporal(loadConfig(config).temporal);
  await expect(lost.workflows.sessionChanged(ORGANIZATION, IDENTITY)).rejects.toMatchObject({ fault: "refused" });
  await lost.close();
});
