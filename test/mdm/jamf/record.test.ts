import fc from "fast-check";
import { readComputer, readMobile, readPage } from "../../../mdm/jamf/record.ts";

/** Shaped as Jamf's OpenAPI document has it (11.30.1), values of its examples. */
const COMPUTER = {
  id: "1",
  udid: "246F2E58-14C0-5684-AB92-6BCAF5D73838",
  general: {
    name: "alex-mbp",
    platform: "Mac",
    remoteManagement: { managed: true, managementUsername: null },
    lastContact: "2026-11-22T09:00:02Z",
  },
  hardware: {
    make: "Apple",
    model: "MacBook Pro (14-inch, 2023)",
    serialNumber: "C02EXAMPLE01",
    macAddress: "A4:83:E7:11:22:33",
    altMacAddress: "82:45:58:44:dc:01",
  },
  operatingSystem: { name: "macOS", version: "26.1" },
  groupMemberships: [{ groupId: "7", groupName: "Compliant", groupDescription: "", smartGroup: true }],
  diskEncryption: null,
};
const MOBILE = {
  mobileDeviceId: "5",
  deviceType: "iOS",
  general: {
    udid: "0dad565fb40b010a9e490440188063a378721069",
    displayName: "Banezicron",
    osVersion: "26.1",
    managed: false,
    lastInventoryUpdateDate: "2026-10-17T11:48:56.307Z",
  },
  hardware: { serialNumber: "5c28fdae", wifiMacAddress: "ec:00:7c:f0:e5:ff", model: "iPad 7th Generation (Wi-Fi)" },
  groups: null,
};

test("a computer reads whole; the made-up address of its Thunderbolt bridge is left out", () => {
  expect(readComputer(COMPUTER)).toEqual({
    realm: "computer",
    enrolled: true,
    memberships: [{ groupId: "7", groupName: "Compliant", smart: true }],
    device: {
      recordId: "1",
      deviceId: "246f2e5814c05684ab926bcaf5d73838",
      serial: "C02EXAMPLE01",
      macs: ["a483e7112233"],
      name: "alex-mbp",
      manufacturer: "Apple",
      model: "MacBook Pro (14-inch, 2023)",
      operatingSystem: "macOS",
      operatingSystemVersion: "26.1",
      lastSeen: Date.parse("2026-11-22T09:00:02Z"),
    },
  });
});

test("versions before 4 call the last contact by another name", () => {
  const { lastContact, ...general } = COMPUTER.general;
  const old = { ...COMPUTER, general: { ...general, lastContactTime: lastContact } };
  expect(readComputer(old)).toEqual(readComputer(COMPUTER));
});

test("a mobile device reads whole; groups that were left out are unknown, not none", () => {
  expect(readMobile(MOBILE)).toEqual({
    realm: "mobile",
    enrolled: false,
    memberships: undefined,
    device: {
      recordId: "5",
      deviceId: "0dad565fb40b010a9e490440188063a378721069",
      serial: "5c28fdae",
      macs: ["ec007cf0e5ff"],
      name: "Banezicron",
      manufacturer: "Apple",
      model: "iPad 7th Generation (Wi-Fi)",
      operatingSystem: "iOS",
      operatingSystemVersion: "26.1",
      lastSeen: Date.parse("2026-10-17T11:48:56.307Z"),
    },
  });
});

test("a record whose general section a lenient server nulled is unreadable: managed or not, nobody knows", () => {
  expect(readMobile({ ...MOBILE, general: null })).toBeUndefined();
  expect(readPage("computer", { totalCount: 2, results: [COMPUTER, { ...COMPUTER, general: null }] })).toBeUndefined();
  expect(readPage("mobile", { totalCount: 0, results: [] })).toEqual([]);
  expect(readPage("mobile", {})).toBeUndefined();
});

test("the readers never throw", () => {
  const odd = (sample: object) =>
    fc.record(Object.fromEntries(Object.keys(sample).map((name) => [name, fc.oneof(fc.jsonValue(), fc.anything())])), {
      requiredKeys: [],
    });
  const anything = fc.oneof(fc.anything(), odd(COMPUTER), odd(MOBILE));
  fc.assert(
    fc.property(anything, fc.array(anything), (json, results) => {
      for (const read of [readComputer, readMobile]) expect(() => read(json)).not.toThrow();
      for (const realm of ["computer", "mobile"] as const) expect(() => readPage(realm, { results })).not.toThrow();
    }),
  );
});
