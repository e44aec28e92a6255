import type { JamfSimulator } from "../../../simulators/jamf/simulator.ts";
import { type Ask, signIn } from "../asking.ts";
import { common, shapeOf } from "../shape.ts";
import { MOBILE_GENERAL, MOBILE_ROW } from "./captured.ts";
import { filter, GROUP, type Page, PHONE, startTenancy, TABLET, TV } from "./tenancy.ts";

let jamf: JamfSimulator;
let askJamf: Ask;
const detail = async (query: string): Promise<Page> =>
  (await askJamf(`/api/v2/mobile-devices/detail?exception-handling=LENIENT&${query}`)).json<Page>();

beforeEach(async () => {
  jamf = await startTenancy();
  askJamf = await signIn(jamf);
});
afterEach(() => jamf.stop());

test("the list has thin rows, addresses in upper case and no flag of management", async () => {
  const page = (await askJamf("/api/v2/mobile-devices")).json<Page>();
  expect(page.results.map(({ name }) => name)).toEqual([PHONE.name, TABLET.name, TV.name]);
  expect(shapeOf(page.results[0])).toEqual(shapeOf(MOBILE_ROW));
  expect(page.results[0]).toMatchObject({ type: "ios", wifiMacAddress: "C4:84:66:92:78:00" });
});

test("whether a UDID is in the group is one call", async () => {
  const inGroup = (udid: string) => detail(filter(`groupName=="${GROUP}" and udid=="${udid}"`));
  expect((await inGroup(PHONE.udid)).totalCount).toBe(1);
  jamf.tenant.devices.change(PHONE.udid, { compliance: "noncompliant" });
  expect((await inGroup(PHONE.udid)).totalCount).toBe(0);
});

test("detail has the general section alone unless asked, and its address in lower case", async () => {
  const [bare] = (await detail(filter(`udid=="${PHONE.udid}"`))).results;
  expect(shapeOf(common(MOBILE_GENERAL, bare!["general"] as object))).toEqual(shapeOf(MOBILE_GENERAL));
  expect(bare).toMatchObject({ deviceType: "iOS", hardware: null, groups: null });
  const query = `section=HARDWARE&section=GROUPS&${filter('wifiMacAddress=="C4:84:66:92:78:00"')}`;
  const [full] = (await detail(query)).results;
  expect(full).toMatchObject({
    general: null,
    hardware: { wifiMacAddress: "c4:84:66:92:78:00" },
    groups: [{ groupName: "All Managed Devices" }, { groupId: "9", groupName: GROUP, smart: true }],
  });
});

test("an unmanaged record says so", async () => {
  expect((await detail(filter("managed==false"))).results).toMatchObject([{ general: { udid: TABLET.udid } }]);
});

test("an Apple TV has neither security nor network", async () => {
  const [tv] = (await detail(`section=SECURITY,NETWORK&${filter(`displayName==${TV.name}`)}`)).results;
  expect(tv).toMatchObject({ deviceType: "tvOS" });
  expect(Object.keys(tv!)).not.toEqual(expect.arrayContaining(["security"]));
  expect(Object.keys(tv!)).not.toEqual(expect.arrayContaining(["network"]));
});

test("user enrolment hides address, serial number and UDID", async () => {
  jamf.tenant.devices.change(PHONE.udid, { ownership: "userEnrollment" });
  const [row] = (await detail(`section=GENERAL,HARDWARE&${filter(`displayName==${PHONE.name}`)}`)).results;
  expect(row).toMatchObject({
    general: { udid: "", deviceOwnershipType: "AccountDrivenUserEnrollment" },
    hardware: { serialNumber: "", wifiMacAddress: "" },
  });
});

test("exception handling is STRICT or LENIENT", async () => {
  expect((await askJamf("/api/v2/mobile-devices/detail?exception-handling=LAX")).status).toBe(400);
});
