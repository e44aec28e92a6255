import { randomUUID } from "node:crypto";

/** Every kind of device that a simulated tenant can hold. Jamf manages Apple's only; Workspace ONE manages all. */
export const DEVICE_KINDS = ["mac", "iphone", "ipad", "appletv", "windows", "android"] as const;
export type DeviceKind = (typeof DEVICE_KINDS)[number];

/** Workspace ONE's twelve compliance states. In Jamf only `compliant` matters: it is membership of the smart group. */
export const COMPLIANCE_STATES = [
  "compliant",
  "noncompliant",
  "unknown",
  "allowed",
  "blocked",
  "quarantined",
  "notAvailable",
  "notApplicable",
  "pending",
  "pendingForAPolicy",
  "registrationActive",
  "registrationExpired",
] as const;
export type ComplianceState = (typeof COMPLIANCE_STATES)[number];

export const ENROLLMENT_STATES = [
  "enrolled",
  "unenrolled",
  "discovered",
  "registered",
  "enrollmentInProgress",
  "enterpriseWipePending",
  "deviceWipePending",
  "retired",
] as const;
export type EnrollmentState = (typeof ENROLLMENT_STATES)[number];

export const OWNERSHIPS = ["corporate", "employee", "shared", "userEnrollment"] as const;
export type Ownership = (typeof OWNERSHIPS)[number];

/** One record of a simulated MDM, in no vendor's notation. Instants are epoch milliseconds. */
export interface SimulatedDevice {
  /** The vendor's own number of the record; unique among records of one sequence, given by the tenant. */
  readonly id: number;
  /** UEM's `Uuid`, Jamf's `managementId`; unique in the tenant. */
  readonly uuid: string;
  readonly kind: DeviceKind;
  readonly name: string;
  /** As the vendor stores it, dashes and case included; "" where enrolment hides it. */
  readonly udid: string;
  readonly serialNumber: string;
  /** Wi-Fi address in any notation, each endpoint writes its vendor's; "" when the MDM does not know it. */
  readonly macAddress: string;
  /** Second network interface; "" when there is none. */
  readonly altMacAddress: string;
  readonly user: string;
  readonly model: string;
  readonly osVersion: string;
  readonly ownership: Ownership;
  readonly enrollment: EnrollmentState;
  readonly compliance: ComplianceState;
  /** `undefined` leaves the key out of UEM's answers, as real tenants do. */
  readonly compromised: boolean | undefined;
  readonly enrolledAt: number;
  /** Last contact with the MDM. */
  readonly seenAt: number;
  /** Last inventory report. */
  readonly reportedAt: number;
  /** Last change of compliance or enrolment. */
  readonly statusChangedAt: number;
}

/** What a test or a person says of a device; the tenant fills in the rest. */
export type NewDevice = Partial<Omit<SimulatedDevice, "id">> & Pick<SimulatedDevice, "kind">;
export type DeviceChange = Partial<Omit<SimulatedDevice, "id" | "uuid" | "kind">>;

const MODELS: Record<DeviceKind, { readonly model: string; readonly osVersion: string }> = {
  mac: { model: "MacBook Pro (14-inch, 2023)", osVersion: "15.6.1" },
  iphone: { model: "iPhone 15 Pro", osVersion: "18.6" },
  ipad: { model: "iPad (10th generation)", osVersion: "18.6" },
  appletv: { model: "Apple TV 4K (3rd generation)", osVersion: "18.6" },
  windows: { model: "Latitude 7450", osVersion: "10.0.26100" },
  android: { model: "Pixel 9", osVersion: "16" },
};

/** The whole record of a device newly added at `now`: enrolled, its compliance not yet known, without addresses. */
export function completeDevice(device: NewDevice, id: number, now: number): SimulatedDevice {
  return {
    uuid: randomUUID(),
    name: `${device.kind}-${id}`,
    udid: "",
    serialNumber: `PCS${String(id).padStart(9, "0")}`,
    macAddress: "",
    altMacAddress: "",
    user: `user${id}`,
    ...MODELS[device.kind],
    ownership: "corporate",
    enrollment: "enrolled",
    compliance: "unknown",
    compromised: false,
    enrolledAt: now,
    seenAt: now,
    reportedAt: now,
    statusChangedAt: now,
    ...device,
    id,
  };
}
