import type { DeviceKind, Ownership, SimulatedDevice } from "../mdm-device.ts";
import { colonMac } from "../notation.ts";
import type { SimulatedGroup } from "./groups.ts";
import { sectionFields } from "./sections.ts";
import { isManaged } from "./tenant.ts";

const SECTIONS = [
  "GENERAL",
  "HARDWARE",
  "USER_AND_LOCATION",
  "PURCHASING",
  "SECURITY",
  "APPLICATIONS",
  "EBOOKS",
  "NETWORK",
  "SERVICE_SUBSCRIPTIONS",
  "CERTIFICATES",
  "PROFILES",
  "USER_PROFILES",
  "PROVISIONING_PROFILES",
  "SHARED_USERS",
  "GROUPS",
  "EXTENSION_ATTRIBUTES",
] as const;
export const MOBILE_SECTIONS: readonly string[] = SECTIONS;

/** An Apple TV's record has neither of these. */
const NOT_ON_TVOS: ReadonlySet<string> = new Set(["SECURITY", "NETWORK"]);

type Platform = { readonly listType: string; readonly deviceType: string; readonly modelIdentifier: string };
const IOS = { listType: "ios", deviceType: "iOS" } as const;
const UNKNOWN: Platform = { listType: "unknown", deviceType: "unknown", modelIdentifier: "" };
const PLATFORM: Record<DeviceKind, Platform> = {
  iphone: { ...IOS, modelIdentifier: "iPhone16,1" },
  ipad: { ...IOS, modelIdentifier: "iPad13,18" },
  appletv: { listType: "tvos", deviceType: "tvOS", modelIdentifier: "AppleTV14,1" },
  mac: UNKNOWN,
  windows: UNKNOWN,
  android: UNKNOWN,
};

const OWNERSHIP: Record<Ownership, string> = {
  corporate: "Institutional",
  shared: "Institutional",
  employee: "AccountDrivenDeviceEnrollment",
  userEnrollment: "AccountDrivenUserEnrollment",
};

/** Apple's User Enrollment keeps address, serial number and UDID from the MDM. */
export function seenIdentifiers(
  device: SimulatedDevice,
): Pick<SimulatedDevice, "udid" | "serialNumber" | "macAddress"> {
  if (device.ownership === "userEnrollment") return { udid: "", serialNumber: "", macAddress: "" };
  return { udid: device.udid, serialNumber: device.serialNumber, macAddress: colonMac(device.macAddress) };
}

/** A row of `/v2/mobile-devices`: upper-case address, no flag of management. */
export function mobileRow(device: SimulatedDevice): Record<string, unknown> {
  const { udid, serialNumber, macAddress } = seenIdentifiers(device);
  const { listType, modelIdentifier } = PLATFORM[device.kind];
  return {
    id: String(device.id),
    name: device.name,
    serialNumber,
    wifiMacAddress: macAddress,
    udid,
    phoneNumber: "",
    model: device.model,
    modelIdentifier,
    username: device.user,
    type: listType,
    managementId: device.uuid,
    softwareUpdateDeviceId: "",
  };
}

function general(device: SimulatedDevice): Record<string, unknown> {
  return {
    udid: seenIdentifiers(device).udid,
    displayName: device.name,
    assetTag: "",
    siteId: "-1",
    lastInventoryUpdateDate: new Date(device.reportedAt).toISOString(),
    osVersion: device.osVersion,
    osBuild: "",
    managed: isManaged(device),
    supervised: device.ownership === "corporate",
    deviceOwnershipType: OWNERSHIP[device.ownership],
    lastEnrolledDate: new Date(device.enrolledAt).toISOString(),
    managementId: device.uuid,
    lastContactDate: new Date(device.seenAt).toISOString(),
  };
}

/** Addresses come in lower case here, in upper case in the list. */
function hardware(device: SimulatedDevice): Record<string, unknown> {
  const { serialNumber, macAddress } = seenIdentifiers(device);
  return {
    serialNumber,
    wifiMacAddress: macAddress.toLowerCase(),
    bluetoothMacAddress: "",
    model: device.model,
    modelIdentifier: PLATFORM[device.kind].modelIdentifier,
    deviceId: device.uuid,
  };
}

const OBJECTS: ReadonlySet<string> = new Set(["PURCHASING", "SECURITY", "NETWORK"]);

function section(name: string, device: SimulatedDevice, groups: readonly SimulatedGroup[]): unknown {
  switch (name) {
    case "GENERAL":
      return general(device);
    case "HARDWARE":
      return hardware(device);
    case "USER_AND_LOCATION":
      return { username: device.user, realName: device.user, emailAddress: `${device.user}@example.org` };
    case "GROUPS":
      return groups.map((group) => ({
        groupId: String(group.id),
        groupName: group.name,
        groupDescription: group.description,
        smart: group.smart,
      }));
    default:
      return OBJECTS.has(name) ? {} : [];
  }
}

/** A row of `/v2/mobile-devices/detail`. */
export function mobileDetail(
  device: SimulatedDevice,
  groups: readonly SimulatedGroup[],
  sections: readonly string[],
): Record<string, unknown> {
  const known = MOBILE_SECTIONS.filter((name) => device.kind !== "appletv" || !NOT_ON_TVOS.has(name));
  const fields = sectionFields(known, sections, (name) => section(name, device, groups));
  return { mobileDeviceId: String(device.id), deviceType: PLATFORM[device.kind].deviceType, ...fields };
}

/** A row of the group membership endpoint: flat, and its ownership is written small. */
export function mobileMember(device: SimulatedDevice): Record<string, unknown> {
  const { udid, serialNumber, macAddress } = seenIdentifiers(device);
  return {
    mobileDeviceId: String(device.id),
    udid,
    displayName: device.name,
    serialNumber,
    wifiMacAddress: macAddress,
    bluetoothMacAddress: "",
    devicePhoneNumber: "",
    model: device.model,
    modelIdentifier: PLATFORM[device.kind].modelIdentifier,
    osVersion: device.osVersion,
    username: device.user,
    managed: isManaged(device),
    supervised: device.ownership === "corporate",
    deviceOwnershipType: OWNERSHIP[device.ownership].replace(/^./, (letter) => letter.toLowerCase()),
    lastContactDate: new Date(device.seenAt).toISOString(),
    lastInventoryUpdateDate: new Date(device.reportedAt).toISOString(),
  };
}
