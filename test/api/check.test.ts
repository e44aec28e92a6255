import { TestWorkflowEnvironment } from "@temporalio/testing";
import { Worker } from "@temporalio/worker";
import { loadConfig } from "../../runtime/config.ts";
import { connectTemporal } from "../../runtime/temporal.ts";
import type { TemporalLink } from "../../runtime/temporal.ts";
import { recordBatch } from "../../store/edge-records.ts";
import { COMPLIANCE_QUEUE } from "../../workflows/contract.ts";
import { openTestApi } from "../support/api.ts";
import type { TestApi } from "../support/api.ts";
import { MAC } from "../support/domain-values.ts";
import { authentication } from "../support/edge-records.ts";
import { temporalCli } from "../support/temporal.ts";

let environment: TestWorkflowEnvironment;
let worker: Worker;
let working: Promise<void>;
let link: TemporalLink;
let api: TestApi;

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
  api = await openTestApi({ workflows: link.workflows, temporalUnavailable: link.unavailable });
}, 60_000);

afterAll(async () => {
  await api.close();
  worker.shutdown();
  await working;
  await link.close();
  await environment.teardown();
});

test("check-now waits for the workflow's look-up and answers with the verdict", async () => {
  const acme = await api.tenant();
  const seen = authentication(acme.organizationId, { at: Date.now() });
  await recordBatch(api.store, [seen]);
  expect(await acme.ask("POST", `nac_clients/${MAC}/check`)).toMatchObject({
    status: 200,
    json: {
      status: "compliant",
      reason: "reported",
      changed: true,
      mdm_provider: "Jamf Pro",
      text: `checked ${seen.decided!.decision.identity}`,
      next_check_seconds: 7_200,
    },
  });
  expect((await api.app.inject("/readyz")).json()).toEqual({ status: "ready", database: "ok", temporal: "ok" });
});
