import type { JamfSimulator } from "../../../simulators/jamf/simulator.ts";
import { type Ask, signIn } from "../asking.ts";
import { filter, GROUP, MAC, OTHER_MAC, type Page, startTenancy } from "./tenancy.ts";
import { like } from "../shape.ts";

let jamf: JamfSimulator;
let askJamf: Ask;
const inventory = async (query: string, version = 4) => askJamf(`/api/v${version}/computers-inventory?${query}`);
const udids = (page: Page): unknown[] => page.results.map(({ udid }) => udid);

beforeEach(async () => {
  jamf = await startTenancy();
  askJamf = await signIn(jamf);
});
afterEach(() => jamf.stop());

test.each([
  ["udid", `udid=="${MAC.udid}"`],
  ["udid in lower case", `udid=="${MAC.udid.toLowerCase()}"`],
  ["address in both spellings", 'hardware.macAddress=in=("A4:83:E7:11:22:33","a4:83:e7:11:22:33")'],
  ["bare serial number", "hardware.serialNumber==C02EXAMPLE01"],
  ["management", `general.remoteManagement.managed==true and udid==${MAC.udid}`],
])("one computer is found by %s", async (_what, rsql) => {
  const page = (await inventory(filter(rsql))).json<Page>();
  expect([page.totalCount, udids(page)]).toEqual([1, [MAC.udid]]);
});

test("who is not there is an empty page, and no other kind of device is ever on one", async () => {
  expect((await inventory(filter('udid=="nobody"'))).json()).toEqual({ totalCount: 0, results: [] });
  expect((await inventory("")).json()).toMatchObject({ totalCount: 2 });
});

test("sections come repeated or comma-separated; those not asked for are null", async () => {
  for (const sections of ["section=HARDWARE&section=GROUP_MEMBERSHIPS", "section=HARDWARE,GROUP_MEMBERSHIPS"]) {
    const [row] = (await inventory(`${sections}&${filter(`udid=="${MAC.udid}"`)}`)).json<Page>().results;
    expect(row).toMatchObject({
      id: "1",
      general: null,
      applications: null,
      hardware: { macAddress: "A4:83:E7:11:22:33", altMacAddress: "82:45:58:44:dc:01" },
      groupMemberships: [
        { groupId: "1", groupName: "All Managed Clients", smartGroup: true },
        { groupId: "7", groupName: GROUP, groupDescription: "", smartGroup: true },
      ],
    });
  }
});

test("without a section there is the general one alone", async () => {
  const [row] = (await inventory("sort=id:asc")).json<Page>().results;
  expect(row).toMatchObject({ general: { name: MAC.name, remoteManagement: { managed: true } }, hardware: null });
});

test("an unknown section is refused", async () => {
  expect((await inventory("section=COLOUR")).status).toBe(400);
});

test.each([
  [1, "lastContactTime", true],
  [2, "lastContactTime", false],
  [3, "lastContactTime", false],
  [4, "lastContact", false],
])("version %i says %s", async (version, contact, fonts) => {
  const [row] = (await inventory("", version)).json<Page<{ general: object }>>().results;
  expect(row!.general).toHaveProperty(contact);
  expect("lastReportedIp" in row!.general).toBe(version !== 4);
  expect("lastCheckIn" in row!.general).toBe(version === 4);
  expect("fonts" in row!).toBe(fonts);
});

test("a version that the server does not have yet is 404, the one before answers", async () => {
  jamf.tenant.configure({ serverVersion: "11.29.0-t1" });
  const gone = await inventory("");
  expect([gone.status, gone.json()]).toEqual([404, { httpStatus: 404, errors: [] }]);
  expect((await inventory("", 3)).status).toBe(200);
});

test("a field that cannot be filtered by is named, with those that can", async () => {
  const answer = await inventory(filter('hardware.altMacAddress=="82:45:58:44:dc:01"'));
  expect(answer.json()).toMatchObject({
    httpStatus: 400,
    errors: [
      {
        code: null,
        description: like(
          /^Cannot filter by field \[hardware\.altMacAddress\]\. Fields that can be used in filtering results of this endpoint: \[id, udid, /,
        ),
      },
    ],
  });
});

test("a bare value with a parenthesis is 500 and says nothing, a malformed filter is 400", async () => {
  const broken = await inventory(filter(`general.name==Foo (bar)`));
  expect([broken.status, broken.json()]).toEqual([500, { httpStatus: 500, errors: [] }]);
  expect((await inventory(filter("general.name=="))).status).toBe(400);
});

test("one record by its id honours sections; the detail has them all; an unknown id is 404", async () => {
  const byId = "/api/v4/computers-inventory";
  expect((await askJamf(`${byId}/1?section=HARDWARE`)).json()).toMatchObject({ udid: MAC.udid, general: null });
  const detail = (await askJamf(`${byId}-detail/2`)).json();
  expect(detail).toMatchObject({
    udid: OTHER_MAC.udid,
    general: { name: OTHER_MAC.name },
    hardware: { make: "Apple" },
  });
  expect((await askJamf(`${byId}-detail/99`)).json()).toMatchObject({
    httpStatus: 404,
    errors: [{ code: "INVALID_ID", field: "id", id: null }],
  });
});

test("an unenrolled computer stays, unmanaged, and in its group", async () => {
  jamf.tenant.devices.change(MAC.udid, { enrollment: "unenrolled" });
  const [row] = (await inventory(`section=GENERAL,GROUP_MEMBERSHIPS&${filter(`udid=="${MAC.udid}"`)}`)).json<Page>()
    .results;
  expect(row).toMatchObject({
    general: { remoteManagement: { managed: false } },
    groupMemberships: [{ groupName: GROUP }],
  });
});

test("bodies are pretty-printed", async () => {
  expect((await inventory("")).text).toMatch(/^\{\n {2}"totalCount": 2,\n/);
});
