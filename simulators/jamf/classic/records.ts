import type { SimulatedDevice } from "../../mdm-device.ts";
import { colonMac } from "../../notation.ts";
import type { SimulatedGroup } from "../groups.ts";
import { seenIdentifiers } from "../mobile-record.ts";
import { isManaged } from "../tenant.ts";

const SITE = { id: -1, name: "None" };

/** Classic writes each instant three ways: bare, as epoch milliseconds, and with an offset without colon. */
function instant(field: string, epochMs: number): Record<string, unknown> {
  const text = new Date(epochMs).toISOString();
  return {
    [field]: text.slice(0, 19).replace("T", " "),
    [`${field}_epoch`]: epochMs,
    [`${field}_utc`]: text.replace("Z", "+0000"),
  };
}

/** A computer; fields and their order from the graph-jamf recordings (MPL-2.0), January 2023. */
export function classicComputer(device: SimulatedDevice, groups: readonly SimulatedGroup[]): Record<string, unknown> {
  return {
    general: {
      id: device.id,
      name: device.name,
      network_adapter_type: "IEEE80211",
      mac_address: colonMac(device.macAddress),
      alt_network_adapter_type: device.altMacAddress === "" ? "" : "Ethernet",
      alt_mac_address: colonMac(device.altMacAddress),
      serial_number: device.serialNumber,
      udid: device.udid,
      platform: "Mac",
      remote_management: { managed: isManaged(device), management_username: "" },
      supervised: device.ownership === "corporate",
      mdm_capable: true,
      ...instant("report_date", device.reportedAt),
      ...instant("last_contact_time", device.seenAt),
      site: SITE,
    },
    hardware: { make: "Apple", model: device.model, os_name: "macOS", os_version: device.osVersion },
    security: {},
    groups_accounts: { computer_group_memberships: groups.map((group) => group.name) },
  };
}

/** A row of `computers/subset/basic`. */
export function basicComputer(device: SimulatedDevice): Record<string, unknown> {
  const { report_date_utc, report_date_epoch } = instant("report_date", device.reportedAt);
  return {
    id: device.id,
    name: device.name,
    managed: isManaged(device),
    username: device.user,
    model: device.model,
    department: "",
    building: "",
    mac_address: colonMac(device.macAddress),
    udid: device.udid,
    serial_number: device.serialNumber,
    report_date_utc,
    report_date_epoch,
  };
}

export function basicMobile(device: SimulatedDevice): Record<string, unknown> {
  const { udid, serialNumber, macAddress } = seenIdentifiers(device);
  return {
    id: device.id,
    name: device.name,
    device_name: device.name,
    udid,
    serial_number: serialNumber,
    phone_number: "",
    wifi_mac_address: macAddress,
    managed: isManaged(device),
    supervised: device.ownership === "corporate",
    model: device.model,
  };
}

export function classicMobile(device: SimulatedDevice, groups: readonly SimulatedGroup[]): Record<string, unknown> {
  return {
    general: { ...basicMobile(device), display_name: device.name, os_version: device.osVersion },
    mobile_device_groups: groups.map(({ id, name }) => ({ id, name })),
  };
}

/** A group with its members: both addresses of a computer but no UDID; the UDID and Wi-Fi address of a mobile device. */
export function classicGroup(group: SimulatedGroup): Record<string, unknown> {
  const head = { id: group.id, name: group.name, is_smart: group.smart, site: SITE, criteria: [] };
  return group.realm === "computer"
    ? { ...head, computers: group.members.map(computerMember) }
    : { ...head, mobile_devices: group.members.map(mobileMember) };
}

function computerMember(device: SimulatedDevice): Record<string, unknown> {
  return {
    id: device.id,
    name: device.name,
    mac_address: colonMac(device.macAddress),
    alt_mac_address: colonMac(device.altMacAddress),
    serial_number: device.serialNumber,
  };
}

function mobileMember(device: SimulatedDevice): Record<string, unknown> {
  const { udid, serialNumber, macAddress } = seenIdentifiers(device);
  return {
    id: device.id,
    name: device.name,
    mac_address: macAddress,
    udid,
    wifi_mac_address: macAddress,
    serial_number: serialNumber,
  };
}
