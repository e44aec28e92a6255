import { VLANS } from "../../cli/sandbox/cast.ts";
import { openStage, until } from "./stage.ts";
import type { Stage } from "./stage.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
}, 120_000);
afterAll(() => stage?.close(), 60_000);

const { corporate, quarantine } = VLANS;
const TYPE_OF = { coa: "NAC_CLIENT_COA_REAUTH", disconnect: "NAC_CLIENT_COA_DISCONNECT" } as const;

/** `told` is what the NAS takes: its profile says so. */
const STORIES = [
  { title: "Workspace ONE, by the device id", mdm: "vmware", names: "device id", profile: "cisco", told: "coa" },
  { title: "Jamf Pro, by the device id", mdm: "jamf", names: "device id", profile: "hostapd", told: "disconnect" },
  { title: "Workspace ONE, by the MAC alone", mdm: "vmware", names: "nothing", profile: "cisco", told: "coa" },
] as const;

describe.each(["TLSv1.2", "TLSv1.3"] as const)("over %s", (tls) => {
  test.each(STORIES)(
    "behaviour 11.1: $title: quarantine, then the right network, then quarantine again, all on the timeline",
    async ({ mdm, names, profile, told }) => {
      const nas = await stage.nas(profile, tls);
      const { udid, client } = await stage.laptop(mdm, names);
      const { mac } = client;

      expect(await nas.connect(client)).toMatchObject({ kind: "accepted", authorization: { vlan: quarantine } });
      await until(() => nas.vlanOf(mac) === corporate);
      await until(async () => (await stage.timelineOf(mac)).length === 5);

      stage[mdm].tenant.devices.change(udid, { compliance: "noncompliant" });
      const checked = await stage.api.post(`/nac_clients/${mac}/check`, {});
      expect(checked).toMatchObject({ verdict: { status: "noncompliant", mdm_provider: mdm } });
      await until(() => nas.vlanOf(mac) === quarantine);
      await until(async () => (await stage.timelineOf(mac)).length === 9);

      const moves = [told, `${told}: VLAN ${corporate}`, told, `${told}: VLAN ${quarantine}`];
      expect(nas.storyOf(mac)).toEqual([`connect: VLAN ${quarantine}`, ...moves]);
      const [first, ...rest] = await stage.timelineOf(mac);
      expect(first).toMatchObject({ type: "NAC_CLIENT_PERMIT", vlan: quarantine, mdm_compliance: "unknown" });
      const common = { type: TYPE_OF[told], mdm, account: await accountOf(mdm) };
      expect(rest).toMatchObject([
        ...moved({ ...common, before: "unknown", after: "compliant", vlan: corporate }),
        ...moved({ ...common, before: "compliant", after: "noncompliant", vlan: quarantine }),
      ]);
    },
    60_000,
  );
});

/** One turn of the timeline: what the MDM said, the CoA, the client's return, the end. */
function moved(turn: {
  readonly type: string;
  readonly mdm: "vmware" | "jamf";
  readonly account: string;
  readonly before: string;
  readonly after: string;
  readonly vlan: string;
}): readonly object[] {
  const source = { mdm_provider: turn.mdm, mdm_account_id: turn.account };
  const compliance = { mdm_compliance: turn.after, pre_mdm_compliance: turn.before };
  const told = { ...source, ...compliance, coa_source: "mdm" };
  const from = turn.vlan === corporate ? quarantine : corporate;
  return [
    {
      type: "NAC_MDM_LOOKUP_SUCCESS",
      ...source,
      ...compliance,
      lookup_time_taken: expect.any(Number) as number,
      text: expect.stringContaining(` ${turn.after}`) as string,
    },
    { type: turn.type, ...told, text: expect.stringContaining("acknowledged by the NAS") as string },
    { type: "NAC_CLIENT_PERMIT", vlan: turn.vlan, mdm_compliance: turn.after, auth_type: "eap-tls" },
    { type: "NAC_CLIENT_ENFORCED", ...told, text: `Moved from VLAN ${from} to VLAN ${turn.vlan}.` },
  ];
}

async function accountOf(kind: "vmware" | "jamf"): Promise<string> {
  const { accounts } = await stage.api.get<{ readonly accounts: readonly { readonly account_id: string }[] }>(
    `/setting/${kind}/link_accounts`,
  );
  return accounts[0]!.account_id;
}
