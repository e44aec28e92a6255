import { listAccounts } from "../../store/linked-accounts.ts";
import { readVerdict } from "../../store/verdicts.ts";
import { certifiedMember, plainMember } from "./fleet.ts";
import type { Member } from "./fleet.ts";
import { outage, TEST_MS, until } from "./outage.ts";
import type { Mortal } from "./outage.ts";
import { openScene } from "./scene.ts";
import type { Scene } from "./scene.ts";
import { steadily } from "./traffic.ts";

let scene: Scene;
let known: readonly Member[];

beforeAll(async () => {
  scene = await openScene();
  const { authority } = scene.installation;
  known = [plainMember(0), plainMember(1), await certifiedMember(2, authority), await certifiedMember(3, authority)];
}, TEST_MS);

afterAll(() => scene?.close(), TEST_MS);

/** Nobody is asked whether it wants to stop. */
const mdm: Mortal = { end: () => scene.uem().stop(), restart: () => scene.restartUem() };

const coas = (): number => scene.happened.filter(({ kind }) => kind !== "access").length;

async function lookUpNow({ identity }: Member): Promise<string> {
  const { status, changed } = await scene.temporal.workflows.checkNow(scene.installation.organizationId, identity);
  return `${status}, ${changed ? "changed" : "as before"}`;
}

/** One `status by source` for each, as Postgres holds it. */
function verdicts(): Promise<readonly string[]> {
  const { store, organizationId } = scene.installation;
  return Promise.all(
    known.map(async ({ identity }) => {
      const verdict = await readVerdict(store, organizationId, identity);
      return `${verdict?.status} by ${verdict?.source?.kind}`;
    }),
  );
}

async function accountHealth() {
  const [only] = await listAccounts(scene.installation.store, scene.installation.organizationId);
  return only!.health;
}

test(
  "behaviour 3.1: the MDM is stopped: known verdicts stay, authentication goes on, the account says so, no CoA is sent, and afterwards look-ups work",
  async () => {
    for (const { device } of known) scene.uem().tenant.devices.add(device);
    await Promise.all(known.map(({ client }) => scene.nas.connect(client)));
    for (const { client } of known)
      await until(`${client.name} is in its VLAN`, () => scene.nas.vlanOf(client.mac) === "20");
    const before = { verdicts: await verdicts(), coas: coas() };
    expect(before).toEqual({ verdicts: known.map(() => "compliant by vmware"), coas: known.length });
    expect(await accountHealth()).toMatchObject({ lastStatus: "success", error: undefined });

    const newcomer = plainMember(4);
    const visits = await outage(mdm, "stopped", async () => {
      const traffic = steadily({ perSecond: 4, atMost: 400 }, async (n) => {
        const { client } = known[n % known.length]!;
        return { outcome: await scene.nas.connect(client), vlan: scene.nas.vlanOf(client.mac) };
      });
      expect(await Promise.all(known.map(lookUpNow))).toEqual(known.map(() => "compliant, as before"));
      const { lastStatus, error } = await accountHealth();
      expect(`${lastStatus}: ${error}`).toBe(`failed: ${new URL(scene.uem().url).host}: the connection was refused`);
      expect(await scene.nas.connect(newcomer.client)).toMatchObject({
        kind: "accepted",
        authorization: { vlan: "666" },
      });
      await until("known clients have come again", () => traffic.results.length > 2 * known.length);
      return traffic;
    });
    const answers = await visits.end();
    expect(answers.filter(({ outcome, vlan }) => outcome.kind !== "accepted" || vlan !== "20")).toEqual([]);
    expect({ verdicts: await verdicts(), coas: coas() }).toEqual(before);

    const [falls, ...stay] = known;
    scene.uem().tenant.devices.change(falls!.client.mac, { compliance: "noncompliant" });
    expect(await Promise.all(stay.map(lookUpNow))).toEqual(stay.map(() => "compliant, as before"));
    expect(await accountHealth()).toMatchObject({ lastStatus: "success", error: undefined });
    expect(coas()).toBe(before.coas);
    expect(await lookUpNow(falls!)).toBe("noncompliant, changed");
    await until("the one that fell is in quarantine", () => scene.nas.vlanOf(falls!.client.mac) === "666");
    expect(coas()).toBe(before.coas + 1);
  },
  TEST_MS,
);
