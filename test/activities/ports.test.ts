import { MockActivityEnvironment } from "@temporalio/testing";
import { DefaultLogger } from "@temporalio/worker";
import { createComplianceActivities } from "../../activities/index.ts";
import type { OrganizationId } from "../../domain/identifiers.ts";
import { MINUTE_MS } from "../../domain/time.ts";
import { openStore } from "../../store/pool.ts";
import { startWorkspaceOne } from "../../simulators/workspace-one/simulator.ts";
import type { LookUpInput, LookUpResult } from "../../workflows/contract.ts";
import { DEVICE_ID, MAC } from "../support/domain-values.ts";
import { edgeId } from "../support/edge-records.ts";
import { authenticate, EDGE_TOKEN, link, newTenant, openBench, SECRET, timeline } from "./bench.ts";
import type { ActivityBench } from "./bench.ts";
import { startEdge } from "./edge-stand-in.ts";

let bench: ActivityBench;
let organizationId: OrganizationId;

beforeAll(async () => {
  bench = await openBench();
  organizationId = await newTenant(bench.store);
});
afterAll(() => bench.close());

test("two attempts of one activity are one look-up and one event", async () => {
  const uem = await startWorkspaceOne({
    clientId: "portcullis",
    clientSecret: SECRET,
    devices: [{ kind: "mac", udid: DEVICE_ID, macAddress: MAC, compliance: "compliant" }],
  });
  try {
    await link(bench.store, organizationId, "vmware", uem);
    const { identity } = await authenticate(bench, organizationId);
    const ports = createComplianceActivities(bench.deps);
    const input: LookUpInput = { organizationId, identity, cause: { kind: "asked" } };
    const lookUp = () => ports.lookUpCompliance(input);
    const scheduledTimestampMs = Date.now();
    const attempt = (number: number) =>
      new MockActivityEnvironment({ scheduledTimestampMs, attempt: number }).run(lookUp) as Promise<LookUpResult>;
    const first = await attempt(1);
    const calls = uem.calls.length;
    await expect(attempt(2)).resolves.toMatchObject({
      status: "compliant",
      revision: first.revision,
    });
    expect(uem.calls).toHaveLength(calls);
    expect(await timeline(bench, organizationId)).toHaveLength(1);
  } finally {
    await uem.stop();
  }
});

test("a look-up that takes long says that it lives", async () => {
  const uem = await startWorkspaceOne({ clientId: "portcullis", clientSecret: SECRET });
  const tenant = await newTenant(bench.store);
  await link(bench.store, tenant, "vmware", uem);
  const { identity } = await authenticate(bench, tenant);
  const ports = createComplianceActivities(bench.deps);
  const attempt = new MockActivityEnvironment();
  const beat = new Promise((resolve) => attempt.once("heartbeat", resolve));
  uem.tenant.faults.inject({ kind: "slow", delayMs: 20_000 });
  const answered = attempt.run(() =>
    ports.lookUpCompliance({ organizationId: tenant, identity, cause: { kind: "due" } }),
  );
  await beat;
  await uem.stop(); // the connection breaks, and with it the wait
  await expect(answered).resolves.toMatchObject({ status: "unknown" });
}, 30_000);

test.each([
  ["a NAS without resources", { kind: "refused", errorCause: 506, text: "506 Resources Unavailable" }],
  ["a busy edge", { kind: "busy", text: "too many requests to this NAS are unanswered" }],
] as const)("a worker that stops does not wait for %s until the person's CoA can be sent", async (_whom, outcome) => {
  const tenant = await newTenant(bench.store);
  await authenticate(bench, tenant, { at: Date.now() - MINUTE_MS });
  const edge = await startEdge(bench.store, edgeId, EDGE_TOKEN);
  const ports = createComplianceActivities(bench.deps);
  const attempt = new MockActivityEnvironment({}, { logger: new DefaultLogger("ERROR") });
  edge.nas = () => {
    setTimeout(() => attempt.cancel("WORKER_SHUTDOWN"), 100);
    return outcome;
  };
  try {
    const input = { organizationId: tenant, mac: MAC, coaType: "disconnect", source: "token of Anna" } as const;
    await expect(attempt.run(() => ports.sendCoa(input))).rejects.toMatchObject({ name: "AbortError" });
    expect(edge.asked).toHaveLength(1);
    expect(await timeline(bench, tenant)).toEqual([]);
  } finally {
    await edge.stop();
  }
});

test("while Postgres is away each port fails by a name that says so, and may be retried", async () => {
  const store = openStore({ databaseUrl: "postgres://nobody@127.0.0.1:1/none", seals: bench.store.seals });
  const ports = createComplianceActivities({ ...bench.deps, store });
  const { identity } = await authenticate(bench, organizationId);
  const input: LookUpInput = { organizationId, identity, cause: { kind: "due" } };
  const failing = new MockActivityEnvironment({}, { logger: new DefaultLogger("ERROR") }).run(() =>
    ports.lookUpCompliance(input),
  );
  await expect(failing).rejects.toMatchObject({
    type: "PostgresUnavailable",
    message: "Postgres does not answer",
    nonRetryable: false,
  });
  await store.close();
});
