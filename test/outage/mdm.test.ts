import { loadConfig } from "../../runtime/config.ts";
import { connectTemporal } from "../../runtime/temporal.ts";
import type { TemporalLink } from "../../runtime/temporal.ts";
import { startNas } from "../../simulators/fleet/nas.ts";
import type { Nas, NasEvent } from "../../simulators/fleet/nas.ts";
import { startWorkspaceOne } from "../../simulators/workspace-one/simulator.ts";
import type { WorkspaceOneSimulator } from "../../simulators/workspace-one/simulator.ts";
import { listAccounts } from "../../store/linked-accounts.ts";
import { readVerdict } from "../../store/verdicts.ts";
import { link, SECRET } from "../activities/bench.ts";
import { createDatabase } from "../support/postgres.ts";
import type { TestDatabase } from "../support/postgres.ts";
import { certifiedMember, plainMember } from "./fleet.ts";
import type { Member } from "./fleet.ts";
import { NAS_ADDRESS, NAS_IDENTIFIER, NAS_SECRET, openInstallation } from "./installation.ts";
import type { Installation } from "./installation.ts";
import { outage, TEST_MS, until } from "./outage.ts";
import type { Mortal } from "./outage.ts";
import { openTemporal } from "./servers.ts";
import type { MortalServer } from "./servers.ts";
import { steadily } from "./traffic.ts";

let database: TestDatabase;
let server: MortalServer;
let uem: WorkspaceOneSimulator;
let installation: Installation;
let nas: Nas;
let temporal: TemporalLink;
let known: readonly Member[];
const happened: NasEvent[] = [];

beforeAll(async () => {
  [database, server, uem] = await Promise.all([createDatabase(), openTemporal(), startUem()]);
  installation = await openInstallation(database.url);
  const { store, organizationId, edge, authority } = installation;
  const { authentication, accounting } = edge;
  const identity = { address: NAS_ADDRESS, nasIdentifier: NAS_IDENTIFIER, secret: NAS_SECRET };
  nas = await startNas({ ...identity, authentication, accounting, onEvent: (event) => void happened.push(event) });
  await installation.registerNas(nas.coaPort);
  await link(store, organizationId, "vmware", uem);
  await installation.startWorkers(server.address);
  temporal = await connectTemporal(loadConfig({ TEMPORAL_ADDRESS: server.address }).temporal);
  known = [plainMember(0), plainMember(1), await certifiedMember(2, authority), await certifiedMember(3, authority)];
}, TEST_MS);

afterAll(async () => {
  await nas?.close();
  await temporal?.close();
  await installation?.close();
  await uem?.stop();
  await server?.close();
  await database?.drop();
}, TEST_MS);

function startUem(port = 0): Promise<WorkspaceOneSimulator> {
  return startWorkspaceOne({ clientId: "portcullis", clientSecret: SECRET, port });
}

/** The MDM comes back at its address as another process, with the same devices. Nobody is asked whether it wants to stop. */
const mdm: Mortal = {
  end: () => uem.stop(),
  restart: async () => {
    const { all } = uem.tenant.devices;
    uem = await startUem(Number(new URL(uem.url).port));
    for (const { id: _, ...device } of all) uem.tenant.devices.add(device);
  },
};

const coas = (): number => happened.filter(({ kind }) => kind !== "access").length;

async function lookUpNow({ identity }: Member): Promise<string> {
  const { status, changed } = await temporal.workflows.checkNow(installation.organizationId, identity);
  return `${status}, ${changed ? "changed" : "as before"}`;
}

/** One `status by source` for each, as Postgres holds it. */
function verdicts(): Promise<readonly string[]> {
  const { store, organizationId } = installation;
  return Promise.all(
    known.map(async ({ identity }) => {
      const verdict = await readVerdict(store, organizationId, identity);
      return `${verdict?.status} by ${verdict?.source?.kind}`;
    }),
  );
}

async function accountHealth() {
  const [only] = await listAccounts(installation.store, installation.organizationId);
  return only!.health;
}

test(
  "behaviour 3.1: the MDM is stopped: known verdicts stay, authentication goes on, the account says so, no CoA is sent, and afterwards look-ups work",
  async () => {
    for (const { device } of known) uem.tenant.devices.add(device);
    await Promise.all(known.map(({ client }) => nas.connect(client)));
    for (const { client } of known) await until(`${client.name} is in its VLAN`, () => nas.vlanOf(client.mac) === "20");
    const before = { verdicts: await verdicts(), coas: coas() };
    expect(before).toEqual({ verdicts: known.map(() => "compliant by vmware"), coas: known.length });
    expect(await accountHealth()).toMatchObject({ lastStatus: "success", error: undefined });

    const newcomer = plainMember(4);
    const visits = await outage(mdm, "stopped", async () => {
      const traffic = steadily({ perSecond: 4, atMost: 400 }, async (n) => {
        const { client } = known[n % known.length]!;
        return { outcome: await nas.connect(client), vlan: nas.vlanOf(client.mac) };
      });
      expect(await Promise.all(known.map(lookUpNow))).toEqual(known.map(() => "compliant, as before"));
      const { lastStatus, error } = await accountHealth();
      expect(`${lastStatus}: ${error}`).toBe(`failed: ${new URL(uem.url).host}: the connection was refused`);
      expect(await nas.connect(newcomer.client)).toMatchObject({ kind: "accepted", authorization: { vlan: "666" } });
      await until("known clients have come again", () => traffic.results.length > 2 * known.length);
      return traffic;
    });
    const answers = await visits.end();
    expect(answers.filter(({ outcome, vlan }) => outcome.kind !== "accepted" || vlan !== "20")).toEqual([]);
    expect({ verdicts: await verdicts(), coas: coas() }).toEqual(before);

    const [falls, ...stay] = known;
    uem.tenant.devices.change(falls!.client.mac, { compliance: "noncompliant" });
    expect(await Promise.all(stay.map(lookUpNow))).toEqual(stay.map(() => "compliant, as before"));
    expect(await accountHealth()).toMatchObject({ lastStatus: "success", error: undefined });
    expect(coas()).toBe(before.coas);
    expect(await lookUpNow(falls!)).toBe("noncompliant, changed");
    await until("the one that fell is in quarantine", () => nas.vlanOf(falls!.client.mac) === "666");
    expect(coas()).toBe(before.coas + 1);
  },
  TEST_MS,
);
