import fc from "fast-check";
import { saying } from "../tenants.ts";
import { readRecord, readRecords } from "../../../mdm/workspace-one/record.ts";
import { judgeRecord } from "../../../mdm/workspace-one/verdict.ts";

/** A row of `devices/search`, after an anonymised capture (demisto/content, VMwareWorkspaceONEUEM test data, MIT). */
const CAPTURED = {
  EasIds: {},
  Udid: "6bf0f04c73681fbecfc3eb4f13cbf05b",
  SerialNumber: "ABCD123",
  MacAddress: "848506B900BA",
  DeviceFriendlyName: "user123 Inspiron 5567 Windows Desktop 10",
  Platform: "WinRT",
  Model: "Inspiron 5567",
  OperatingSystem: "10.0.18363",
  LastSeen: "2021-06-28T04:35:20.150",
  EnrollmentStatus: "Enrolled",
  ComplianceStatus: "Compliant",
  CompromisedStatus: false,
  LastComplianceCheckOn: "0001-01-01T00:00:00.000",
  OEMInfo: "Dell Inc.",
  Id: { Value: 5614 },
  Uuid: "7caaee42-5f19-4b51-8187-bd43f4484a65",
};
const judged = (change: object) => judgeRecord(readRecord({ ...CAPTURED, ...change })!, "deviceId");

test("a captured record reads whole", () => {
  expect(readRecord(CAPTURED)).toEqual({
    enrolled: true,
    enrollment: "Enrolled",
    compliance: "Compliant",
    compromised: false,
    device: {
      recordId: "5614",
      deviceId: "6bf0f04c73681fbecfc3eb4f13cbf05b",
      serial: "ABCD123",
      macs: ["848506b900ba"],
      name: "user123 Inspiron 5567 Windows Desktop 10",
      manufacturer: "Dell Inc.",
      model: "Inspiron 5567",
      operatingSystem: "Windows",
      operatingSystemVersion: "10.0.18363",
      lastSeen: Date.parse("2021-06-28T04:35:20.150Z"),
    },
  });
});

test("addresses come from both places, and those that name no device are left out", () => {
  const interfaces = [
    "84:85:06:B9:00:BB",
    "00:00:00:00:00:00",
    "AC:DE:48:00:11:22",
    "82:45:58:44:DC:01",
    "84:85:06:B9:00:BA",
  ];
  const json = { ...CAPTURED, DeviceNetworkInfo: interfaces.map((MACAddress) => ({ MACAddress })) };
  expect(readRecord(json)!.device.macs).toEqual(["848506b900ba", "848506b900bb"]);
  expect(readRecord({ ...CAPTURED, MacAddress: "000000000000" })!.device.macs).toEqual([]);
  expect(readRecord({ ...CAPTURED, MacAddress: "" })!.device.macs).toEqual([]);
});

test.each([
  ["Compliant", "compliant", undefined],
  ["NonCompliant", "noncompliant", undefined],
  ["Blocked", "noncompliant", undefined],
  ["Quarantined", "noncompliant", undefined],
  ["PendingComplianceCheck", "undetermined", "pendingComplianceCheck"],
  ["PendingComplianceCheckForAPolicy", "undetermined", "pendingComplianceCheck"],
  ["Unknown", "undetermined", "pendingComplianceCheck"],
  ["NotAvailable", "undetermined", "noPolicyAssigned"],
  ["NotApplicable", "undetermined", "noPolicyAssigned"],
  ["Allowed", "undetermined", "noPolicyAssigned"],
  ["RegistrationActive", "undetermined", "noPolicyAssigned"],
  ["RegistrationExpired", "undetermined", "noPolicyAssigned"],
  ["SomethingOfNextYear", "undetermined", "pendingComplianceCheck"],
  [undefined, "undetermined", "pendingComplianceCheck"],
])("an enrolled device with compliance status %p is %s", (ComplianceStatus, kind, reason) => {
  expect(judged({ ComplianceStatus })).toMatchObject(reason === undefined ? { kind } : { kind, reason });
});

test.each([
  "Discovered",
  "Registered",
  "EnrollmentInProgress",
  "EnterpriseWipePending",
  "DeviceWipePending",
  "Retired",
  "Unenrolled",
  "Unknown",
  "WipeInitiated",
])("a device with enrollment status %s is not enrolled, however compliant its record", (EnrollmentStatus) => {
  expect(judged({ EnrollmentStatus })).toEqual({
    kind: "notEnrolled",
    detail: saying(EnrollmentStatus),
  });
});

test("a compromised device is noncompliant, whatever its status says; the key may be absent", () => {
  expect(judged({ CompromisedStatus: true })).toMatchObject({
    kind: "noncompliant",
    reasons: [saying("compromised")],
  });
  expect(judged({ CompromisedStatus: undefined })).toMatchObject({ kind: "compliant" });
});

test("a record without id or enrolment is none, and spoils its page: half an answer proves nothing", () => {
  expect(readRecord({ ...CAPTURED, EnrollmentStatus: undefined })).toBeUndefined();
  expect(readRecord({ ...CAPTURED, Id: undefined, Uuid: undefined })).toBeUndefined();
  expect(readRecords({ Devices: [CAPTURED, {}] })).toBeUndefined();
  expect(readRecords({ Devices: [] })).toEqual([]);
});

test("the reader never throws, and what it reads can be judged", () => {
  const oddities = fc.record(
    Object.fromEntries(
      [...Object.keys(CAPTURED), "DeviceNetworkInfo"].map((name) => [name, fc.oneof(fc.jsonValue(), fc.anything())]),
    ),
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.oneof(fc.anything(), oddities), (json) => {
      for (const record of readRecords(json) ?? []) expect(judgeRecord(record, "mac").kind).toBeDefined();
    }),
  );
});
