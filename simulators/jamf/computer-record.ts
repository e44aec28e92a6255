import type { SimulatedDevice } from "../mdm-device.ts";
import { colonMac } from "../notation.ts";
import type { SimulatedGroup } from "./groups.ts";
import { sectionFields } from "./sections.ts";
import { isManaged } from "./tenant.ts";

export type InventoryVersion = 1 | 2 | 3 | 4;

const SECTIONS = [
  "GENERAL",
  "DISK_ENCRYPTION",
  "PURCHASING",
  "APPLICATIONS",
  "STORAGE",
  "USER_AND_LOCATION",
  "CONFIGURATION_PROFILES",
  "PRINTERS",
  "SERVICES",
  "HARDWARE",
  "LOCAL_USER_ACCOUNTS",
  "CERTIFICATES",
  "ATTACHMENTS",
  "PACKAGE_RECEIPTS",
  "SECURITY",
  "OPERATING_SYSTEM",
  "LICENSED_SOFTWARE",
  "IBEACONS",
  "SOFTWARE_UPDATES",
  "EXTENSION_ATTRIBUTES",
  "CONTENT_CACHING",
  "GROUP_MEMBERSHIPS",
] as const;

/** Version 2 dropped two sections. */
export function computerSections(version: InventoryVersion): readonly string[] {
  return version === 1 ? [...SECTIONS, "PLUGINS", "FONTS"] : SECTIONS;
}

/** Jamf Pro writes instants of the inventory in whole seconds. */
export function seconds(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 19)}Z`;
}

/** Version 4 renamed `lastContactTime` to `lastContact`, added `lastCheckIn` and dropped `lastReportedIp`. */
function contact(device: SimulatedDevice, version: InventoryVersion): Record<string, unknown> {
  const seen = seconds(device.seenAt);
  return version === 4
    ? { lastContact: seen, lastCheckIn: seen }
    : { lastContactTime: seen, lastReportedIp: "192.0.2.10" };
}

function general(device: SimulatedDevice, version: InventoryVersion): Record<string, unknown> {
  return {
    name: device.name,
    lastIpAddress: "203.0.113.5",
    lastReportedIpV4: "192.0.2.10",
    lastReportedIpV6: null,
    jamfBinaryVersion: "11.30.1-t1784555528405",
    platform: "Mac",
    barcode1: null,
    barcode2: null,
    assetTag: null,
    remoteManagement: { managed: isManaged(device), managementUsername: null },
    supervised: device.ownership === "corporate",
    mdmCapable: { capable: true, capableUsers: [], userManagementInfo: [] },
    reportDate: seconds(device.reportedAt),
    ...contact(device, version),
    lastCloudBackupDate: null,
    lastEnrolledDate: seconds(device.enrolledAt),
    mdmProfileExpiration: null,
    initialEntryDate: seconds(device.enrolledAt).slice(0, 10),
    distributionPoint: null,
    enrollmentMethod: { id: "1", objectName: "Default", objectType: "PreStage enrollment" },
    site: { id: "-1", name: "None" },
    itunesStoreAccountActive: false,
    enrolledViaAutomatedDeviceEnrollment: true,
    userApprovedMdm: true,
    declarativeDeviceManagementEnabled: true,
    extensionAttributes: [],
    managementId: device.uuid,
  };
}

/** The second address comes in lower case, and is often locally administered (a Thunderbolt bridge's). */
function hardware(device: SimulatedDevice): Record<string, unknown> {
  const hasAlternate = device.altMacAddress !== "";
  return {
    make: "Apple",
    model: device.model,
    modelIdentifier: "Mac14,9",
    serialNumber: device.serialNumber,
    networkAdapterType: "IEEE80211",
    macAddress: colonMac(device.macAddress),
    altNetworkAdapterType: hasAlternate ? "Ethernet" : null,
    altMacAddress: hasAlternate ? colonMac(device.altMacAddress).toLowerCase() : null,
    appleSilicon: true,
  };
}

function membership({ id, name, description, smart }: SimulatedGroup): Record<string, unknown> {
  return { groupId: String(id), groupName: name, groupDescription: description, smartGroup: smart };
}

/** Sections that the simulator has nothing to say about, but which are objects. */
const OBJECTS: ReadonlySet<string> = new Set([
  "DISK_ENCRYPTION",
  "PURCHASING",
  "STORAGE",
  "SECURITY",
  "CONTENT_CACHING",
]);

function section(name: string, device: SimulatedDevice, groups: readonly SimulatedGroup[], version: InventoryVersion) {
  switch (name) {
    case "GENERAL":
      return general(device, version);
    case "HARDWARE":
      return hardware(device);
    case "GROUP_MEMBERSHIPS":
      return groups.map(membership);
    case "USER_AND_LOCATION":
      return { username: device.user, realname: device.user, email: `${device.user}@example.org` };
    case "OPERATING_SYSTEM":
      return { name: "macOS", version: device.osVersion };
    default:
      return OBJECTS.has(name) ? {} : [];
  }
}

/** A computer of the inventory. Its id is text here, a number in memberships and in Classic. */
export function computerRecord(
  device: SimulatedDevice,
  groups: readonly SimulatedGroup[],
  version: InventoryVersion,
  sections: readonly string[],
): Record<string, unknown> {
  const content = (name: string): unknown => section(name, device, groups, version);
  const fields = sectionFields(computerSections(version), sections, content);
  return { id: String(device.id), udid: device.udid, ...fields };
}
