import type { JamfSimulator } from "../../../simulators/jamf/simulator.ts";
import { type Ask, signIn } from "../asking.ts";
import { common, shapeOf } from "../shape.ts";
import {
  COMPUTER_GROUPS_V1,
  COMPUTER_MEMBERSHIP,
  GROUP_V2,
  MOBILE_GROUPS_V1,
  MOBILE_MEMBER,
  MOBILE_SMART_GROUPS,
  SMART_GROUPS_V3,
} from "./captured.ts";
import { filter, GROUP, MAC, OTHER_MAC, type Page, PHONE, startTenancy, TABLET } from "./tenancy.ts";

const COMPUTERS = "/api/v3/computer-groups";
const MOBILES = "/api/v2/mobile-device-groups";

let jamf: JamfSimulator;
let askJamf: Ask;
const named = filter(`name=="${GROUP}"`);
const members = async (id: number) => (await askJamf(`${COMPUTERS}/smart-group-membership/${id}`)).json();

beforeEach(async () => {
  jamf = await startTenancy();
  askJamf = await signIn(jamf);
});
afterEach(() => jamf.stop());

test.each(["v2", "v3"])(
  "a computer group's number is found by its name, its members are numbers: %s",
  async (version) => {
    const path = `/api/${version}/computer-groups`;
    const page = (await askJamf(`${path}/smart-groups?${named}`)).json<Page>();
    expect(shapeOf(page)).toEqual(shapeOf(SMART_GROUPS_V3));
    expect(page.results).toMatchObject([{ id: "7", name: GROUP, membershipCount: 1 }]);
    const membership = (await askJamf(`${path}/smart-group-membership/7`)).json();
    expect(shapeOf(membership)).toEqual(shapeOf(COMPUTER_MEMBERSHIP));
    expect(membership).toEqual({ members: [1] });
  },
);

test("whoever becomes compliant becomes a member, and the other way round", async () => {
  jamf.tenant.devices.change(OTHER_MAC.udid, { compliance: "compliant" });
  jamf.tenant.devices.change(MAC.udid, { compliance: "pending" });
  expect(await members(7)).toEqual({ members: [2] });
});

test("a static or unknown group has no smart membership", async () => {
  for (const id of [2, 99]) {
    expect((await askJamf(`${COMPUTERS}/smart-group-membership/${id}`)).json()).toMatchObject({ httpStatus: 404 });
  }
});

test.each(["v1", "v2"])("mobile groups have other names for it, and rows for members: %s", async (version) => {
  const path = `/api/${version}/mobile-device-groups`;
  const page = (await askJamf(`${path}/smart-groups?${filter(`groupName=="${GROUP}"`)}`)).json<Page>();
  expect(shapeOf(page)).toEqual(shapeOf(MOBILE_SMART_GROUPS));
  expect(page.results).toMatchObject([{ groupId: "9", count: 2 }]);
  const rows = (await askJamf(`${path}/smart-group-membership/9?sort=mobileDeviceId:asc`)).json<Page>();
  expect(shapeOf(common(MOBILE_MEMBER, rows.results[0]!))).toEqual(shapeOf(MOBILE_MEMBER));
  expect(rows.results).toMatchObject([
    { udid: PHONE.udid, managed: true, deviceOwnershipType: "institutional" },
    { udid: TABLET.udid, managed: false },
  ]);
});

test("mobile membership is filtered and paged", async () => {
  const one = await askJamf(`${MOBILES}/smart-group-membership/9?${filter(`udid=="${PHONE.udid}"`)}`);
  expect(one.json()).toMatchObject({ totalCount: 1, results: [{ udid: PHONE.udid }] });
  const page = await askJamf(`${MOBILES}/smart-group-membership/9?page-size=1&page=1&sort=mobileDeviceId:asc`);
  expect(page.json()).toMatchObject({ totalCount: 2, results: [{ udid: TABLET.udid }] });
});

test("both realms are in one list, where the name may stand twice", async () => {
  const page = (await askJamf(`/api/v2/groups?${filter(`groupName=="${GROUP}" and isSmart=="true"`)}`)).json<Page>();
  expect(shapeOf(page.results[0])).toEqual(shapeOf(GROUP_V2));
  expect(page.results.map(({ groupType, groupJamfProId }) => [groupType, groupJamfProId])).toEqual([
    ["COMPUTER", "7"],
    ["MOBILE", "9"],
  ]);
});

test("the old lists are bare arrays, with ids of two kinds", async () => {
  expect(shapeOf((await askJamf("/api/v1/computer-groups")).json())).toEqual(shapeOf(COMPUTER_GROUPS_V1));
  expect(shapeOf((await askJamf("/api/v1/mobile-device-groups")).json())).toEqual(shapeOf(MOBILE_GROUPS_V1));
});

test("the group may be missing in one realm or in both, and comes back with a new number", async () => {
  jamf.tenant.configure({ computerGroupId: null });
  expect((await askJamf(`${COMPUTERS}/smart-groups?${named}`)).json()).toEqual({ totalCount: 0, results: [] });
  expect((await askJamf(`${MOBILES}/smart-group-membership/9`)).status).toBe(200);
  jamf.tenant.configure({ mobileGroupId: null });
  expect((await askJamf(`/api/v2/groups?${filter(`groupName=="${GROUP}"`)}`)).json()).toMatchObject({ totalCount: 0 });
  jamf.tenant.configure({ computerGroupId: 8 });
  expect(await members(8)).toEqual({ members: [1] });
  expect(await members(7)).toMatchObject({ httpStatus: 404 });
});
