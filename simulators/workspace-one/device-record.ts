import type { ComplianceState, DeviceKind, EnrollmentState, Ownership, SimulatedDevice } from "../mdm-device.ts";
import { bareMac, colonMac } from "../notation.ts";

const COMPLIANCE: Record<ComplianceState, string> = {
  compliant: "Compliant",
  noncompliant: "NonCompliant",
  unknown: "Unknown",
  allowed: "Allowed",
  blocked: "Blocked",
  quarantined: "Quarantined",
  notAvailable: "NotAvailable",
  notApplicable: "NotApplicable",
  pending: "PendingComplianceCheck",
  pendingForAPolicy: "PendingComplianceCheckForAPolicy",
  registrationActive: "RegistrationActive",
  registrationExpired: "RegistrationExpired",
};

export const ENROLLMENT: Record<EnrollmentState, string> = {
  enrolled: "Enrolled",
  unenrolled: "Unenrolled",
  discovered: "Discovered",
  registered: "Registered",
  enrollmentInProgress: "EnrollmentInProgress",
  enterpriseWipePending: "EnterpriseWipePending",
  deviceWipePending: "DeviceWipePending",
  retired: "Retired",
};

/** C corporate dedicated, S corporate shared, E employee owned. */
export const OWNERSHIP: Record<Ownership, string> = { corporate: "C", employee: "E", shared: "S", userEnrollment: "E" };

/** Platform names and numbers; WinRT is 12 in a capture (demisto/content), the others are our reading of the console. */
export const PLATFORM: Record<DeviceKind, { readonly id: number; readonly name: string }> = {
  mac: { id: 10, name: "AppleOsX" },
  iphone: { id: 2, name: "Apple" },
  ipad: { id: 2, name: "Apple" },
  appletv: { id: 14, name: "AppleTv" },
  windows: { id: 12, name: "WinRT" },
  android: { id: 5, name: "Android" },
};

/** One organization group holds every device of the simulated tenant. */
export const ORGANIZATION_GROUP = { id: 1111, name: "Campus", uuid: "71b1202a-fc21-4239-bacb-5e74e35a820e" };

/** .NET's zero date: "never". */
const NEVER = "0001-01-01T00:00:00.000";

/** UEM writes UTC without saying so. */
export function zoneless(epochMs: number): string {
  return new Date(epochMs).toISOString().replace("Z", "");
}

/** PascalCase record of versions 1 and 2: searches and single reads. Keys and their order as captured (demisto/content, MIT). */
export function deviceRecord(device: SimulatedDevice): Record<string, unknown> {
  const platform = PLATFORM[device.kind];
  return {
    EasIds: {},
    TimeZone: "",
    Udid: device.udid,
    SerialNumber: device.serialNumber,
    MacAddress: bareMac(device.macAddress),
    Imei: "",
    EasId: "",
    AssetNumber: "",
    DeviceFriendlyName: device.name,
    DeviceReportedName: device.name,
    LocationGroupId: {
      Id: { Value: ORGANIZATION_GROUP.id },
      Name: ORGANIZATION_GROUP.name,
      Uuid: ORGANIZATION_GROUP.uuid,
    },
    LocationGroupName: ORGANIZATION_GROUP.name,
    UserId: { Id: { Value: 222 }, Name: device.user, Uuid: "77c0a8f1-9b0e-4f43-8f6e-6f3b5e0f6a11" },
    UserName: device.user,
    DataProtectionStatus: 0,
    UserEmailAddress: `${device.user}@example.org`,
    Ownership: OWNERSHIP[device.ownership],
    PlatformId: { Id: { Value: platform.id }, Name: platform.name },
    Platform: platform.name,
    ModelId: { Id: { Value: 83 }, Name: device.model },
    Model: device.model,
    OperatingSystem: device.osVersion,
    PhoneNumber: "",
    LastSeen: zoneless(device.seenAt),
    EnrollmentStatus: ENROLLMENT[device.enrollment],
    ComplianceStatus: COMPLIANCE[device.compliance],
    // A key without a value is often missing altogether.
    ...(device.compromised === undefined ? {} : { CompromisedStatus: device.compromised }),
    LastEnrolledOn: zoneless(device.enrolledAt),
    LastComplianceCheckOn: device.compliance === "unknown" ? NEVER : zoneless(device.statusChangedAt),
    LastCompromisedCheckOn: NEVER,
    IsSupervised: device.ownership === "corporate",
    OEMInfo: "",
    BatteryLevel: "",
    ProcessorArchitecture: 9,
    OSBuildVersion: "",
    EnrollmentUserUuid: "",
    ManagedBy: 1,
    WifiSsid: "",
    DepTokenSource: 0,
    Id: { Value: device.id },
    Uuid: device.uuid,
  };
}

/** Rows of single reads, extensive and lite searches: the only place of a second address, and with colons. */
export function withNetworks(device: SimulatedDevice): Record<string, unknown> {
  const interfaces = [
    { type: "WiFi", name: "en0", mac: device.macAddress },
    { type: "Ethernet", name: "en5", mac: device.altMacAddress },
  ].filter(({ mac }) => mac !== "");
  return {
    ...deviceRecord(device),
    DeviceNetworkInfo: interfaces.map(({ type, name, mac }) => ({
      ConnectionType: type,
      IPAddress: "",
      MACAddress: colonMac(mac),
      Name: name,
      Vendor: "",
    })),
  };
}
