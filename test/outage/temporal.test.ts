import { deviceWorkflowId } from "../../domain/identity.ts";
import { certifiedMember, plainMember } from "./fleet.ts";
import type { Member } from "./fleet.ts";
import { outage, RESTART_MS, TEST_MS, until } from "./outage.ts";
import { openScene } from "./scene.ts";
import type { Scene } from "./scene.ts";
import { steadily } from "./traffic.ts";

let scene: Scene;
let members = 0;

beforeAll(async () => {
  scene = await openScene();
}, TEST_MS);

afterAll(() => scene?.close(), TEST_MS);

/** A client that nobody has seen, known to Workspace ONE as compliant, connects: every second one with a certificate. */
async function newcomer() {
  const n = members++;
  const member = n % 2 === 0 ? plainMember(n) : await certifiedMember(n, scene.installation.authority);
  scene.uem().tenant.devices.add(member.device);
  return { member, outcome: await scene.nas.connect(member.client) };
}

/** How often Workspace ONE was asked for the device. */
function searchesFor({ searchedAs }: Member): number {
  return scene.uem().calls.filter(({ path }) => path.endsWith(`id=${searchedAs}`)).length;
}

/** Its workflow has nothing in hand: what has not happened by now will not. */
async function isAtRest({ identity }: Member): Promise<boolean> {
  const workflow = scene.temporal.client.workflow.getHandle(
    deviceWorkflowId(scene.installation.organizationId, identity),
  );
  const { pendingActivities, pendingWorkflowTask } = (await workflow.describe()).raw;
  return (pendingActivities ?? []).length === 0 && pendingWorkflowTask == null;
}

async function isOutboxEmpty(): Promise<boolean> {
  return (await scene.installation.store.db.selectFrom("outbox").select("id").execute()).length === 0;
}

async function lookUpEvents({ identity }: Member): Promise<readonly string[]> {
  const { store, organizationId } = scene.installation;
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
  for (const { client } of visited)
    await until(`${client.name} is in its VLAN`, () => scene.nas.vlanOf(client.mac) === "20");
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
    const traffic = await outage(scene.temporalServer, how, async () => {
      expect(await scene.temporal.unavailable()).toMatch(/does not answer|refused/);
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
    const callsBefore = scene.uem().calls.length;
    const traffic = steadily({ perSecond: 5, atMost: 300 }, newcomer);
    await until("look-ups have begun", () => scene.uem().calls.length > callsBefore + 10);
    // What the workers could not report within ten seconds is lost: those activities run again after their time-out.
    await outage(scene.temporalServer, "killed", () => Promise.resolve(), RESTART_MS);
    await until("clients come that have seen no outage", () => traffic.results.length > 20);
    const visits = await traffic.end();
    expect(visits.filter(({ outcome }) => outcome.kind !== "accepted")).toEqual([]);
    await expectEachAskedOnce(visits.map(({ member }) => member));
  },
  TEST_MS,
);
