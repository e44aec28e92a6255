import { VLANS } from "../../cli/sandbox/cast.ts";
import type { PasswordClient } from "../../simulators/fleet/client.ts";
import { newMac, openStage, until } from "./stage.ts";
import type { Stage } from "./stage.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
}, 120_000);
afterAll(() => stage?.close(), 60_000);

const { corporate, quarantine } = VLANS;

test("behaviour 1.1: a laptop whose user has a password is found by its MAC, and moved when its verdict changes", async () => {
  const nas = await stage.nas("cisco", "TLSv1.3");
  const user = { name: "amy@acme.example", password: "correct horse battery" };
  await stage.api.post("/local_users", { ...user, labels: ["staff"] });
  const mac = newMac();
  stage.vmware.tenant.devices.add({ kind: "mac", name: "Amy's", macAddress: mac, compliance: "compliant" });
  const client: PasswordClient = {
    kind: "eap-ttls",
    name: "Amy's MacBook",
    mac,
    port: "wireless",
    identity: "anonymous@acme.example",
    user,
    trustedCas: [stage.authority.certificatePem],
  };

  // The edge may hear of its first user a moment later, and until then offers no EAP-TTLS.
  await until(async () => (await nas.connect(client)).kind === "accepted");
  await until(() => nas.vlanOf(mac) === corporate);
  stage.vmware.tenant.devices.change(mac, { compliance: "noncompliant" });
  const checked = await stage.api.post(`/nac_clients/${mac}/check`, {});
  expect(checked).toMatchObject({ verdict: { status: "noncompliant" } });
  await until(() => nas.vlanOf(mac) === quarantine);

  const timeline = await stage.timelineOf(mac);
  const permits = timeline.filter(({ type }) => type === "NAC_CLIENT_PERMIT");
  expect(permits.map(({ vlan }) => vlan)).toEqual([quarantine, corporate, quarantine]);
  for (const permit of permits)
    expect(permit).toMatchObject({
      auth_type: "eap-ttls",
      username: user.name,
      idp_role: ["staff"],
      tls_version: "TLSv1.3",
      tls_resumed: false,
      identity: `mac:${mac}`,
    });
});
