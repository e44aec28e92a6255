import type { SimulatedDevice } from "../mdm-device.ts";
import { computersOf, isManaged, type JamfTenant, mobilesOf, type Realm } from "./tenant.ts";

/** A device group as all its endpoints know it. */
export interface SimulatedGroup {
  readonly realm: Realm;
  /** Unique within the realm. */
  readonly id: number;
  /** Unique across realms, and kept by nobody but the platform's own endpoints. */
  readonly platformId: string;
  readonly name: string;
  readonly description: string;
  readonly smart: boolean;
  readonly members: readonly SimulatedDevice[];
  holds(device: SimulatedDevice): boolean;
}

/**
 * The groups of a realm: one of all managed devices, one static and empty, and the compliance group where the tenant
 * has it there. Its members are the compliant devices, managed or not: Jamf does not ask whether a record still lives.
 */
export function groupsOf(tenant: JamfTenant, realm: Realm): readonly SimulatedGroup[] {
  const { smartGroupName, computerGroupId, mobileGroupId } = tenant.settings;
  const devices = realm === "computer" ? computersOf(tenant) : mobilesOf(tenant);
  const group = (id: number, name: string, smart: boolean, holds: SimulatedGroup["holds"]): SimulatedGroup => ({
    realm,
    id,
    platformId: platformId(realm, id),
    name,
    description: "",
    smart,
    members: devices.filter(holds),
    holds,
  });
  const complianceGroupId = realm === "computer" ? computerGroupId : mobileGroupId;
  return [
    group(1, realm === "computer" ? "All Managed Clients" : "All Managed Devices", true, isManaged),
    group(2, "Loan Devices", false, () => false),
    ...(complianceGroupId === null ? [] : [group(complianceGroupId, smartGroupName, true, isCompliant)]),
  ];
}

export function smartGroupsOf(tenant: JamfTenant, realm: Realm): readonly SimulatedGroup[] {
  return groupsOf(tenant, realm).filter((group) => group.smart);
}

/** The groups that a device of a realm is in. */
export function groupsHolding(groups: readonly SimulatedGroup[], device: SimulatedDevice): readonly SimulatedGroup[] {
  return groups.filter((group) => group.holds(device));
}

function isCompliant(device: SimulatedDevice): boolean {
  return device.compliance === "compliant";
}

function platformId(realm: Realm, id: number): string {
  return `0000${realm === "computer" ? "c0de" : "feed"}-0000-4000-8000-${String(id).padStart(12, "0")}`;
}
