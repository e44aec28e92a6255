import type { JamfSimulator } from "../../../../simulators/jamf/simulator.ts";
import { ask, type Ask, signIn } from "../../asking.ts";
import { shapeOf } from "../../shape.ts";
import { CLASSIC_BASIC, CLASSIC_GENERAL } from "../captured.ts";
import { GROUP, MAC, PHONE, startTenancy } from "../tenancy.ts";

let jamf: JamfSimulator;
let askJamf: Ask;

beforeEach(async () => {
  jamf = await startTenancy();
  askJamf = await signIn(jamf);
});
afterEach(() => jamf.stop());

test.each([
  "/JSSResource/computers/id/1",
  `/JSSResource/computers/udid/${MAC.udid}`,
  "/JSSResource/computers/macaddress/A4:83:E7:11:22:33",
  "/JSSResource/computers/macaddress/a4%3A83%3Ae7%3A11%3A22%3A33",
  "/JSSResource/computers/serialnumber/C02EXAMPLE01",
  "/JSSResource/computers/name/mac-in",
])("one computer is found at %s, its groups by name", async (path) => {
  const { computer } = (await askJamf(path)).json<{ computer: { general: object; groups_accounts: object } }>();
  expect(shapeOf(computer.general)).toEqual(shapeOf(CLASSIC_GENERAL));
  expect(computer).toMatchObject({
    general: { udid: MAC.udid, mac_address: "A4:83:E7:11:22:33", alt_mac_address: "82:45:58:44:DC:01" },
    groups_accounts: { computer_group_memberships: ["All Managed Clients", GROUP] },
  });
});

test("JSON is typed as plain text, and XML is what comes unasked", async () => {
  expect((await askJamf("/JSSResource/computers")).headers.get("content-type")).toBe("text/plain;charset=UTF-8");
  const xml = await askJamf("/JSSResource/computers", { headers: { accept: "*/*" } });
  expect(xml.headers.get("content-type")).toBe("text/xml;charset=UTF-8");
  expect(xml.text).toContain("<computers><size>2</size><computer><id>1</id><name>mac-in</name></computer>");
});

test("the basic subset is the whole fleet in one answer", async () => {
  const { computers } = (await askJamf("/JSSResource/computers/subset/basic")).json<{ computers: unknown[] }>();
  expect(computers).toHaveLength(2);
  expect(shapeOf(computers[0])).toEqual(shapeOf(CLASSIC_BASIC));
});

test("mobile devices are listed, and found by address and UDID", async () => {
  const { mobile_devices: all } = (await askJamf("/JSSResource/mobiledevices")).json<{ mobile_devices: unknown[] }>();
  expect(all).toHaveLength(3);
  for (const path of ["macaddress/c4:84:66:92:78:00", `udid/${PHONE.udid}`]) {
    const answer = await askJamf(`/JSSResource/mobiledevices/${path}`);
    expect(answer.json()).toMatchObject({ mobile_device: { general: { udid: PHONE.udid, managed: true } } });
  }
});

test("the second address finds a computer only where the server does so", async () => {
  const path = "/JSSResource/computers/macaddress/82:45:58:44:DC:01";
  expect((await askJamf(path)).status).toBe(404);
  jamf.tenant.configure({ classicMatchesAlternateMac: true });
  expect((await askJamf(path)).json()).toMatchObject({ computer: { general: { id: 1 } } });
});

test("failures are the status page, even for JSON", async () => {
  const missing = await askJamf("/JSSResource/computers/udid/nobody");
  const stranger = await ask(jamf.url, "/JSSResource/computers", { headers: { accept: "application/json" } });
  expect([missing.status, stranger.status]).toEqual([404, 401]);
  for (const { text, headers } of [missing, stranger]) {
    expect(headers.get("content-type")).toBe("text/html;charset=UTF-8");
    expect(text).toContain("<title>Status page</title>");
  }
  expect(missing.text).toContain("The server has not found anything matching the request URI");
  expect(stranger.text).toContain("The request requires user authentication");
});
