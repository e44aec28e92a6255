import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startTemporal } from "../../cli/embedded/temporal.ts";
import type { EmbeddedTemporal } from "../../cli/embedded/temporal.ts";
import type { OrganizationId } from "../../domain/identifiers.ts";
import { reveal } from "../../domain/secret.ts";
import { createHttp } from "../../outbound/http.ts";
import { loadConfig } from "../../runtime/config.ts";
import { makeInternalToken } from "../../runtime/edge-access.ts";
import type { CloseStep } from "../../runtime/lifecycle.ts";
import { createLog } from "../../runtime/log.ts";
import { MasterKeyError, parseMasterKeys } from "../../runtime/master-keys.ts";
import { createSeals } from "../../runtime/secrets.ts";
import { connectTemporal } from "../../runtime/temporal.ts";
import type { TemporalLink } from "../../runtime/temporal.ts";
import { startWorkspaceOne } from "../../simulators/workspace-one/simulator.ts";
import type { WorkspaceOneSimulator } from "../../simulators/workspace-one/simulator.ts";
import { checkCanary } from "../../store/canary.ts";
import { recordBatch } from "../../store/edge-records.ts";
import { addCoaWish } from "../../store/outbox.ts";
import { openStore } from "../../store/pool.ts";
import { openSessions } from "../../store/sessions.ts";
import { startComplianceWorker } from "../../workers/compliance.ts";
import { startRelay } from "../../workers/relay.ts";
import { authenticate, link, newTenant, SECRET, timeline } from "../activities/bench.ts";
import { startEdge } from "../activities/edge-stand-in.ts";
import type { EdgeStandIn } from "../activities/edge-stand-in.ts";
import { DEVICE_ID, MAC } from "../support/domain-values.ts";
import { accounting, edgeId, newId } from "../support/edge-records.ts";
import { createDatabase } from "../support/postgres.ts";
import type { TestDatabase } from "../support/postgres.ts";
import type { TestStore } from "../support/store.ts";
import { temporalCli } from "../support/temporal.ts";

/** The roles as production starts them, Postgres, Temporal and the MDM real or faithful; only the NAS does as told. */
const folder = mkdtempSync(join(tmpdir(), "portcullis-story-"));
const masterKeys = `test:${randomBytes(32).toString("base64")}`;
const keys = parseMasterKeys(masterKeys, "a test");
const logged: string[] = [];
const log = createLog("test", "trace", { write: (line) => void logged.push(line) });
let database: TestDatabase;
let store: TestStore;
let server: EmbeddedTemporal;
let uem: WorkspaceOneSimulator;
let edge: EdgeStandIn;
let temporal: TemporalLink;
let worker: readonly CloseStep[] = [];
let relay: readonly CloseStep[] = [];
let organizationId: OrganizationId;

const environment = (change: Record<string, string> = {}) => ({
  DATABASE_URL: database.url,
  TEMPORAL_ADDRESS: server.address,
  PORTCULLIS_MASTER_KEYS: masterKeys,
  PORTCULLIS_COMPLIANCE_INTERVAL: "1h",
  ...change,
});
const http = () => createHttp({ allowedNetworks: ["127.0.0.0/8"], guard: true });

beforeAll(async () => {
  [database, server, uem] = await Promise.all([
    createDatabase(),
    startTemporal({ stateFolder: folder, executable: temporalCli(), log: () => undefined }),
    startWorkspaceOne({ clientId: "portcullis", clientSecret: SECRET }),
  ]);
  store = { ...openStore({ databaseUrl: database.url, seals: createSeals(keys) }), databaseUrl: database.url };
  await checkCanary(store, keys.current.kid);
  organizationId = await newTenant(store);
  await link(store, organizationId, "vmware", uem);
  uem.tenant.devices.add({ kind: "mac", udid: DEVICE_ID, macAddress: MAC, name: "mac-01", compliance: "compliant" });
  edge = await startEdge(store, edgeId, reveal(makeInternalToken(keys)));
  const edgeHttp = createHttp({ allowedNetworks: [], guard: false });
  worker = await startComplianceWorker(loadConfig(environment(), "worker"), { http: http(), edgeHttp, log });
  relay = await startRelay(loadConfig(environment(), "relay"), log);
  temporal = await connectTemporal(loadConfig(environment()).temporal);
}, 60_000);

/** In the order of production. */
async function stop(steps: readonly CloseStep[]): Promise<void> {
  for (const step of steps) await step.close();
}

afterAll(async () => {
  await stop(relay);
  await stop(worker);
  await temporal?.close();
  await edge?.stop();
  await uem?.stop();
  await server?.stop();
  await store?.close();
  await database?.drop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

async function until(done: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 1_000 && !(await done()); tries++) await sleep(20);
  expect(await done()).toBe(true);
}

/** The client does what its NAS makes it do: it authenticates, and the NAS accounts for it. */
async function connect() {
  const { identity, session } = await authenticate({ store, deps: { now: Date.now } }, organizationId);
  const at = Date.now();
  await recordBatch(store, [accounting(organizationId, "start", { at, mac: MAC, sessionId: session!.id })]);
  return { identity, vlan: session!.applied.kind === "accept" ? session!.applied.authorization.vlan : undefined };
}
const types = async () => (await timeline({ store, deps: { now: Date.now } }, organizationId)).map(({ type }) => type);

test("quarantine, look-up, CoA, the right VLAN; then the MDM changes its mind, and back it goes", async () => {
  const first = await connect();
  expect(first.vlan).toBe("666");
  await until(() => edge.asked.length === 1);
  const second = await connect();
  expect(second.vlan).toBe("20");
  await until(async () => (await types()).includes("NAC_CLIENT_ENFORCED"));

  uem.tenant.devices.change(DEVICE_ID, { compliance: "noncompliant" });
  const result = await temporal.workflows.checkNow(organizationId, first.identity);
  expect(result).toMatchObject({ status: "noncompliant", changed: true, provider: "Workspace ONE UEM" });
  await until(() => edge.asked.length === 2);
  expect(edge.asked.map(({ step }) => step)).toEqual(["reauthenticate", "reauthenticate"]);
  expect(edge.asked[1]!.minimumRevision).toBeGreaterThanOrEqual(result.revision);
  expect((await connect()).vlan).toBe("666");
  await until(async () => (await types()).filter((type) => type === "NAC_CLIENT_ENFORCED").length === 2);

  const state = await temporal.workflows.state(organizationId, first.identity);
  expect(state).toMatchObject({ lookUps: 2, enforcement: { kind: "settled" } });
  expect(await openSessions(store, organizationId, first.identity)).toHaveLength(1);
}, 60_000);

test("a CoA that a person asked for reaches the edge", async () => {
  const before = edge.asked.length;
  const id = newId<never>();
  await addCoaWish(store, { organizationId, mac: MAC, coaType: "disconnect", source: "token of Anna", id });
  await until(() => edge.asked.length === before + 1);
  expect(edge.asked.at(-1)!.step).toBe("disconnect");
  await until(async () => (await types()).includes("NAC_CLIENT_COA_DISCONNECT"));
}, 60_000);

test("a wrong master key is told at the start", async () => {
  const wrong = loadConfig(
    environment({ PORTCULLIS_MASTER_KEYS: `test:${randomBytes(32).toString("base64")}` }),
    "relay",
  );
  await expect(startRelay(wrong, log)).rejects.toThrow(MasterKeyError);
});

test("neither Temporal's histories nor the log hold a secret", async () => {
  const secrets = [SECRET, masterKeys, reveal(makeInternalToken(keys))];
  const texts: string[] = [];
  for await (const { workflowId } of temporal.client.workflow.list()) {
    const { events } = await temporal.client.workflow.getHandle(workflowId).fetchHistory();
    texts.push(...textsIn(events));
  }
  const told = [...texts, ...logged].join("\n");
  expect(told).toContain("Workspace ONE UEM reports mac-01 noncompliant");
  for (const secret of secrets) expect(told).not.toContain(secret);
});

/** Payloads travel as octets: every text in an event, as it was before it was encoded. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (value instanceof Uint8Array) return [Buffer.from(value).toString()];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
