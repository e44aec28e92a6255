import type { Ownership, SimulatedDevice } from "../mdm-device.ts";
import { bareMac } from "../notation.ts";
import { ENROLLMENT, ORGANIZATION_GROUP, PLATFORM } from "./device-record.ts";

const OWNERSHIP: Record<Ownership, string> = {
  corporate: "CORPORATE",
  employee: "EMPLOYEE",
  shared: "SHARED",
  userEnrollment: "EMPLOYEE",
};

/**
 * The camelCase record that `GET /mdm/devices/{uuid}` has from version 2 on; keys as captured (demisto/content, MIT).
 * Its compliance is a boolean, in which unknown and noncompliant look alike, and its instants do carry a zone.
 */
export function deviceByUuid(device: SimulatedDevice): Record<string, unknown> {
  const platform = PLATFORM[device.kind].name;
  return {
    udid: device.udid,
    serialNumber: device.serialNumber,
    macAddress: bareMac(device.macAddress),
    imei: "",
    friendlyName: device.name,
    organizationGroupName: ORGANIZATION_GROUP.name,
    batteryLevelPercentage: "",
    supervised: device.ownership === "corporate",
    dataEncrypted: true,
    platformInfo: {
      deviceType: platform,
      platformName: platform,
      modelName: device.model,
      osVersion: device.osVersion,
    },
    carrierInfo: { phoneNumber: "", roamingEnabled: false },
    enrollmentInfo: {
      enrollmentStatus: ENROLLMENT[device.enrollment].toUpperCase(),
      compliant: device.compliance === "compliant",
      enrollmentTimestamp: new Date(device.enrolledAt).toISOString(),
      lastSeenTimestamp: new Date(device.seenAt).toISOString(),
      ownership: OWNERSHIP[device.ownership],
      organizationGroupId: ORGANIZATION_GROUP.uuid,
      organizationGroupName: ORGANIZATION_GROUP.name,
      userName: device.user,
      userEmailAddress: `${device.user}@example.org`,
      enrollmentUserUuid: "",
      managedBy: "MDM",
    },
    OSBuildVersion: "",
    // Real tenants write http here too, whatever they were asked by.
    Links: [{ Rel: "self", Href: `http://as0000.awmdm.com/API/mdm/devices/${device.uuid}` }],
    uuid: device.uuid,
  };
}
