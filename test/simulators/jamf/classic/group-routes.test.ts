import type { JamfSimulator } from "../../../../simulators/jamf/simulator.ts";
import { type Ask, signIn } from "../../asking.ts";
import { GROUP, MAC, PHONE, startTenancy } from "../tenancy.ts";
import { holding } from "../../shape.ts";

let jamf: JamfSimulator;
let askJamf: Ask;

beforeEach(async () => {
  jamf = await startTenancy();
  askJamf = await signIn(jamf);
});
afterEach(() => jamf.stop());

test.each(["id/7", `name/${encodeURIComponent(GROUP)}`])(
  "a computer group shows both addresses of its members and no UDID: %s",
  async (key) => {
    const { computer_group: group } = (await askJamf(`/JSSResource/computergroups/${key}`)).json<{
      computer_group: { computers: object[] };
    }>();
    expect(group).toMatchObject({ id: 7, name: GROUP, is_smart: true, site: { id: -1, name: "None" } });
    expect(group.computers).toEqual([
      {
        id: 1,
        name: MAC.name,
        mac_address: "A4:83:E7:11:22:33",
        alt_mac_address: "82:45:58:44:DC:01",
        serial_number: MAC.serialNumber,
      },
    ]);
  },
);

test("a mobile group shows UDID and Wi-Fi address", async () => {
  expect((await askJamf("/JSSResource/mobiledevicegroups/id/9")).json()).toMatchObject({
    mobile_device_group: { mobile_devices: [{ udid: PHONE.udid, wifi_mac_address: "C4:84:66:92:78:00" }, {}] },
  });
});

test("all groups are listed, an unknown one is the status page", async () => {
  expect((await askJamf("/JSSResource/computergroups")).json()).toMatchObject({
    computer_groups: [{ id: 1 }, { id: 2, is_smart: false }, { id: 7, name: GROUP }],
  });
  const answer = await askJamf("/JSSResource/computergroups/name/Nobody");
  expect([answer.status, answer.text]).toEqual([404, holding("<title>Status page</title>")]);
});
