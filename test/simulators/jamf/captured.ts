/**
 * What Jamf Pro servers and their vendor's specification show, reduced to what the tests compare.
 * Classic: JupiterOne/graph-jamf recordings of a 10.42.1 server, January 2023 (MPL-2.0), names redacted there.
 * Pro API bodies: deploymenttheory/go-sdk-jamfpro-v2 test bodies (MIT), written after the vendor's specification.
 */
export const CLASSIC_BASIC = {
  id: 2,
  name: "REDACTED 1",
  managed: true,
  username: "REDACTED",
  model: "MacBookPro14,3",
  department: "",
  building: "",
  mac_address: "88:E9:FE:4C:9C:9E",
  udid: "246F2E58-14C0-5684-AB92-6BCAF5D73838",
  serial_number: "C02WJ01QHTD9",
  report_date_utc: "2020-08-03T12:24:29.968+0000",
  report_date_epoch: 1596457469968,
};

export const CLASSIC_GENERAL = {
  id: 2,
  name: "REDACTED",
  network_adapter_type: "IEEE80211",
  mac_address: "88:E9:FE:4C:9C:9E",
  alt_network_adapter_type: "Ethernet",
  alt_mac_address: "82:0E:43:81:84:01",
  serial_number: "C02WJ01QHTD9",
  udid: "246F2E58-14C0-5684-AB92-6BCAF5D73838",
  platform: "Mac",
  remote_management: { managed: true, management_username: "macOS" },
  supervised: false,
  mdm_capable: true,
  report_date: "2020-08-03 12:24:29",
  report_date_epoch: 1596457469968,
  report_date_utc: "2020-08-03T12:24:29.968+0000",
  last_contact_time: "2020-08-09 13:24:00",
  last_contact_time_epoch: 1596979440636,
  last_contact_time_utc: "2020-08-09T13:24:00.636+0000",
  site: { id: 1, name: "Test site" },
};

export const SMART_GROUPS_V3 = {
  totalCount: 1,
  results: [{ id: "1", name: "All Managed Clients", description: "", siteId: "-1", membershipCount: 0 }],
};
export const COMPUTER_MEMBERSHIP = { members: [101, 102, 103] };
export const COMPUTER_GROUPS_V1 = [
  { id: "1", name: "MacBooks", description: "All MacBook computers", smartGroup: true },
];
export const MOBILE_GROUPS_V1 = [{ id: 1, name: "iPhones", description: "All iPhones", isSmartGroup: true }];
export const MOBILE_SMART_GROUPS = {
  totalCount: 1,
  results: [{ groupId: "1", groupName: "iPhones", groupDescription: "All iPhones", siteId: "-1", count: 10 }],
};
export const MOBILE_MEMBER = {
  mobileDeviceId: "201",
  udid: "ghi-789",
  displayName: "iPad Pro",
  serialNumber: "SN201",
  wifiMacAddress: "00:11:22:33:44:77",
  devicePhoneNumber: "",
  model: "iPad Pro",
  modelIdentifier: "iPad13,4",
  osVersion: "17.0",
  managed: true,
  supervised: true,
  lastContactDate: "2022-10-17T11:48:56.307Z",
};
export const GROUP_V2 = {
  groupPlatformId: "platform-1",
  groupJamfProId: "101",
  groupName: "Test Computer Group",
  groupDescription: "A test computer group",
  groupType: "COMPUTER",
  smart: false,
  membershipCount: 5,
};
export const MOBILE_ROW = {
  id: "1",
  name: "iPad",
  serialNumber: "DMQVGC0DHLA0",
  wifiMacAddress: "C4:84:66:92:78:00",
  udid: "0dad565fb40b010a9e490440188063a378721069",
  phoneNumber: "651-555-5555 Ext111",
  model: "iPad 5th Generation (Wi-Fi)",
  modelIdentifier: "iPad6,11",
  username: "admin",
  type: "ios",
  managementId: "73226fb6-61df-4c10-9552-eb9bc353d507",
  softwareUpdateDeviceId: "J132AP",
};
export const MOBILE_GENERAL = {
  udid: "0dad565fb40b010a9e490440188063a378721069",
  displayName: "Banezicron",
  assetTag: "8675309",
  siteId: "-1",
  osVersion: "11.4",
  osBuild: "15F79",
  managed: true,
  supervised: true,
  deviceOwnershipType: "Institutional",
  managementId: "9932fad3-29e9-4b71-bc7c-77dcefce819d",
  lastContactDate: "2022-10-17T11:48:56.307Z",
};
/** The vendor's words, as users quoted them: jamf/mut#75, and RFC 6749 §5.2 in the specification. */
export const INVALID_TOKEN = {
  httpStatus: 401,
  errors: [{ code: "INVALID_TOKEN", description: "Unauthorized", id: "0", field: null }],
};
