import { deviceWorkflowId } from "../../domain/identity.ts";
import { connectTemporal } from "../../runtime/temporal.ts";
import type { TemporalLink } from "../../runtime/temporal.ts";
import { loadConfig } from "../../runtime/config.ts";
import { startNas } from "../../simulators/fleet/nas.ts";
import type { Nas } from "../../simulators/fleet/nas.ts";
import { startWorkspaceOne } from "../../simulators/workspace-one/simulator.ts";
import type { WorkspaceOneSimulator } from "../../simulators/workspace-one/simulator.ts";
import { link, SECRET } from "../activities/bench.ts";
import { createDatabase } from "../support/postgres.ts";
import type { TestDatabase } from "../support/postgres.ts";
import { certifiedMember, plainMember } from "./fleet.ts";
import type { Member } from "./fleet.ts";
import { NAS_ADDRESS, NAS_IDENTIFIER, NAS_SECRET, openInstallation } from "./installation.ts";
import type { Installation } from "./installation.ts";
import { outage, RESTART_MS, TEST_MS, until } from "./outage.ts";
import { openTemporal } from "./servers.ts";
import type { MortalServer } from "./servers.ts";
import { steadily } from "./traffic.ts";

let database: TestDatabase;
let server: MortalServer;
let uem: WorkspaceOneSimulator;
let installation: Installation;
let nas: Nas;
let temporal: TemporalLink;
let members = 0;

beforeAll(async () => {
  [database, server, uem] = await Promise.all([
    createDatabase(),
    openTemporal(),
    startWorkspaceOne({ clientId: "portcullis", clientSecret: SECRET }),
  ]);
  installation = await openInstallation(database.url);
  const { store, organizationId, edge } = installation;
  const { authentication, accounting } = edge;
  const identity = { address: NAS_ADDRESS, nasIdentifier: NAS_IDENTIFIER, secret: NAS_SECRET };
  nas = await startNas({ ...identity, authentication, accounting });
  await installation.registerNas(nas.coaPort);
  await link(store, organizationId, "vmware", uem);
  await installation.startWorkers(server.address);
  temporal = await connectTemporal(loadConfig({ TEMPORAL_ADDRESS: server.address }).temporal);
}, TEST_MS);

afterAll(async () => {
  await nas?.close();
  await temporal?.close();
  await installation?.close();
  await uem?.stop();
  await server?.close();
  await database?.drop();
}, TEST_MS);

/** A client that nobody has seen, known to Workspace ONE as compliant, connects: every second one with a certificate. */
async function newcomer() {
  const n = members++;
  const member = n % 2 === 0 ? plainMember(n) : await certifiedMember(n, installation.authority);
  uem.tenant.devices.add(member.device);
  return { member, outcome: await nas.connect(member.client) };
}

/** How often Workspace ONE was asked for the device. */
function searchesFor({ searchedAs }: Member): number {
  return uem.calls.filter(({ path }) => path.endsWith(`id=${searchedAs}`)).length;
}

/** Its workflow has nothing in hand: what has not happened by now will not. */
async function isAtRest({ identity }: Member): Promise<boolean> {
  const workflow = temporal.client.workflow.getHandle(deviceWorkflowId(installation.organizationId, identity));
  const { pendingActivities, pendingWorkflowTask } = (await workflow.describe()).raw;
  return (pendingActivities ?? []).length === 0 && pendingWorkflowTask == null;
}

async function isOutboxEmpty(): Promise<boolean> {
  return (await installation.store.db.selectFrom("outbox").select("id").execute()).length === 0;
}

async function lookUpEvents({ identity }: Member): Promise<readonly string[]> {
  const { store, organizationId } = installation;
  const rows = await store.db
    .selectFrom("events")
    .select("type")
    .where("organization_id", "=", organizationId)
    .where("identity", "=", identity)
    .where("type", "in", ["NAC_MDM_LOOKUP_SUCCESS", "NAC_MDM_LOOKUP_FAILURE", "NAC_MDM_DEVICE_NOT_ENROLLED"])
    .execute();
  return rows.map(({ type }) => type);
}

/** Each is where it belongs, and the only question about it was the first. */
async function expectEachAskedOnce(visited: readonly Member[]): Promise<void> {
  for (const { client } of visited) await until(`${client.name} is in its VLAN`, () => nas.vlanOf(client.mac) === "20");
  await until("every wish is granted", isOutboxEmpty);
  for (const member of visited) await until(`nothing more is done for ${member.client.name}`, () => isAtRest(member));
  const once = visited.map(({ client }) => ({ name: client.name, searches: 1, events: ["NAC_MDM_LOOKUP_SUCCESS"] }));
  const found = visited.map(async (member) => ({
    name: member.client.name,
    searches: searchesFor(member),
    events: await lookUpEvents(member),
  }));
  expect(await Promise.all(found)).toEqual(once);
}

test.each(["stopped", "killed"] as const)(
  "Temporal is %s while clients authenticate: all are answered, all look-ups happen afterwards, none twice",
  async (how) => {
    const traffic = await outage(server, how, async () => {
      expect(await temporal.unavailable()).toMatch(/does not answer|refused/);
      const newcomers = steadily({ perSecond: 3, atMost: 300 }, newcomer);
      await until("clients are answered without Temporal", () => newcomers.results.length > 5);
      return newcomers;
    });
    const visits = await traffic.end();
    expect(visits.filter(({ outcome }) => outcome.kind !== "accepted")).toEqual([]);
    await expectEachAskedOnce(visits.map(({ member }) => member));
  },
  TEST_MS,
);

test(
  "Temporal is killed in the middle of look-ups: they are finished, and none is made twice",
  async () => {
    const callsBefore = uem.calls.length;
    const traffic = steadily({ perSecond: 5, atMost: 300 }, newcomer);
    await until("look-ups have begun", () => uem.calls.length > callsBefore + 10);
    // What the workers could not report within ten seconds is lost: those activities run again after their time-out.
    await outage(server, "killed", () => Promise.resolve(), RESTART_MS);
    await until("clients come that have seen no outage", () => traffic.results.length > 20);
    const visits = await traffic.end();
    expect(visits.filter(({ outcome }) => outcome.kind !== "accepted")).toEqual([]);
    await expectEachAskedOnce(visits.map(({ member }) => member));
  },
  TEST_MS,
);
