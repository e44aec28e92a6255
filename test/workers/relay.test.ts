import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Connection } from "@temporalio/client";
import { findFreePort } from "../../cli/embedded/ports.ts";
import { startTemporal } from "../../cli/embedded/temporal.ts";
import type { EmbeddedTemporal } from "../../cli/embedded/temporal.ts";
import type { OrganizationId } from "../../domain/identifiers.ts";
import { deviceWorkflowId } from "../../domain/identity.ts";
import type { IdentityKey } from "../../domain/identity.ts";
import { parseMac } from "../../domain/mac-address.ts";
import { loadConfig } from "../../runtime/config.ts";
import { createLog } from "../../runtime/log.ts";
import { connectTemporal } from "../../runtime/temporal.ts";
import type { TemporalLink } from "../../runtime/temporal.ts";
import { recordBatch } from "../../store/edge-records.ts";
import { macsOfIdentity } from "../../store/clients.ts";
import { DEVICE_WORKFLOW, SEARCH_ATTRIBUTES } from "../../workflows/contract.ts";
import { runWorker } from "../../workers/compliance.ts";
import { runRelay } from "../../workers/relay.ts";
import { certificate } from "../support/domain-values.ts";
import { authentication } from "../support/edge-records.ts";
import { newOrganization, openTestStore } from "../support/store.ts";
import type { TestStore } from "../support/store.ts";
import { temporalCli } from "../support/temporal.ts";
import { recordingPorts, result } from "../workflows/recording-ports.ts";
import { quietRuntime } from "../workflows/time-skipping.ts";

const folder = mkdtempSync(join(tmpdir(), "portcullis-relay-"));
const log = createLog("relay", "silent");
const ports = recordingPorts();
let store: TestStore;
let organizationId: OrganizationId;
let port: number;
let server: EmbeddedTemporal;
let temporal: TemporalLink;
let relay: { close(): Promise<void> };
let worker: ReturnType<typeof runWorker>;
let lackBefore: string | undefined;

const start = async (): Promise<EmbeddedTemporal> =>
  startTemporal({ stateFolder: folder, port, executable: temporalCli(), log: () => undefined });

const startRelay = (): ReturnType<typeof runRelay> =>
  runRelay({
    store,
    databaseUrl: store.databaseUrl,
    temporal,
    eventRetentionDays: 90,
    namespace: "default",
    log,
  });

/** The worker and the relay are up before any Temporal is: they wait for it. */
beforeAll(async () => {
  quietRuntime();
  [store, port] = await Promise.all([openTestStore(), findFreePort()]);
  organizationId = await newOrganization(store);
  const config = loadConfig({ TEMPORAL_ADDRESS: `127.0.0.1:${port}` }).temporal;
  temporal = await connectTemporal(config);
  ports.answer = async ({ identity }) =>
    result({ knownMacs: await macsOfIdentity(store, organizationId, identity as IdentityKey) });
  worker = runWorker(config, ports, log);
  relay = await startRelay();
  lackBefore = await worker.lack();
  server = await start();
}, 60_000);
afterAll(async () => {
  await relay?.close();
  await worker?.close();
  await temporal?.close();
  await server?.stop();
  await store?.close();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

const deviceId = (n: number) => `d20e0f3d-66af-4b92-b31e-1da394df1e${(16 + n).toString(16)}`;
const identity = (n: number) => `device:${deviceId(n).replaceAll("-", "")}` as IdentityKey;
const lookUpsOf = (n: number) => ports.lookUps.filter((input) => input.identity === identity(n));
const authenticate = (n: number) =>
  recordBatch(store, [
    authentication(organizationId, {
      at: Date.now(),
      evidence: {
        mac: parseMac(`a483e71122${(16 + n).toString(16)}`)!,
        certificate: certificate({ sanDns: [deviceId(n)] }),
      },
    }),
  ]);
const waiting = async () => (await store.db.selectFrom("outbox").selectAll().execute()).length;

async function until(done: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 1_500 && !(await done()); tries++) await sleep(20);
  expect(await done()).toBe(true);
}

test("the worker is ready once Temporal hands it work, and not before", async () => {
  expect(lackBefore).toContain("not connected to Temporal");
  await until(async () => (await worker.lack()) === undefined);
}, 60_000);

test("an authentication is looked up, with the search attributes that the relay registered", async () => {
  await authenticate(1);
  await until(() => lookUpsOf(1).length === 1);
  expect(lookUpsOf(1)[0]).toMatchObject({ organizationId, cause: { kind: "wished" } });
  const { operatorService } = temporal.client.connection as Connection;
  const { customAttributes } = await operatorService.listSearchAttributes({ namespace: "default" });
  expect(Object.keys(customAttributes ?? {})).toEqual(expect.arrayContaining(Object.values(SEARCH_ATTRIBUTES)));
  const query = `${SEARCH_ATTRIBUTES.status} = 'compliant' AND WorkflowType = '${DEVICE_WORKFLOW}'`;
  await until(async () => (await temporal.client.workflow.count(query)).count === 1);
}, 60_000);

test("the relay makes the Schedule by which CRLs are fetched, and its first round runs at once", async () => {
  await until(() => ports.crlRounds > 0);
  const { spec, policies } = await temporal.client.schedule.getHandle("crl-refresh").describe();
  expect(spec.intervals).toEqual([expect.objectContaining({ every: 5 * 60_000 })]);
  expect(policies.overlap).toBe("SKIP");
}, 60_000);

test("Temporal stopped while clients authenticate: every look-up happens afterwards, and none twice", async () => {
  await server.stop();
  for (const n of [2, 3, 2, 4, 3]) await authenticate(n);
  await sleep(1_500);
  expect(await waiting()).toBe(3);
  expect(ports.lookUps).toHaveLength(1);
  expect(await worker.lack()).toContain("Temporal");
  server = await start();
  await until(async () => (await waiting()) === 0);
  await until(() => [2, 3, 4].every((n) => lookUpsOf(n).length > 0));
  await sleep(1_500);
  expect([1, 2, 3, 4].map((n) => lookUpsOf(n).length)).toEqual([1, 1, 1, 1]);
}, 90_000);

test("behaviour 2.5: a workflow that Temporal lost is started again, from what Postgres holds", async () => {
  const workflowId = deviceWorkflowId(organizationId, identity(1));
  await temporal.client.workflow.getHandle(workflowId).terminate("lost");
  await until(async () => !(await temporal.workflows.isRunning(organizationId, identity(1))));
  await relay.close();
  relay = await startRelay();
  await until(() => temporal.workflows.isRunning(organizationId, identity(1)));
  await until(() => lookUpsOf(1).length === 2);
  // Asked only for what is due: the activity then answers from Postgres.
  expect(lookUpsOf(1)[1]!.cause).toEqual({ kind: "due" });
  expect([2, 3, 4].map((n) => lookUpsOf(n).length)).toEqual([1, 1, 1]);
}, 60_000);

test("events that somebody reads for long are dropped later, and keep nothing else from being mended", async () => {
  await relay.close();
  const { schedule } = temporal.client;
  await schedule.getHandle("crl-refresh").delete();
  const reader = await store.pool.connect();
  await reader.query(
    "create table events_20200101 partition of events for values from ('2020-01-01 00:00:00+00') to ('2020-01-02 00:00:00+00')",
  );
  await reader.query("begin");
  await reader.query("select from events_20200101");
  try {
    relay = await startRelay();
    const made = () =>
      schedule
        .getHandle("crl-refresh")
        .describe()
        .catch(() => undefined);
    await until(async () => (await made()) !== undefined);
    expect((await made())?.policies.overlap).toBe("SKIP");
  } finally {
    await reader.query("rollback");
    reader.release();
  }
}, 60_000);
