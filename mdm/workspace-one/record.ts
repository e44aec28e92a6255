import { type DeviceId, parseDeviceId } from "../../domain/device-id.ts";
import { isIdentifyingMac, type MacAddress, parseMac } from "../../domain/mac-address.ts";
import { booleanAt, instantAt, listAt, textAt } from "../json.ts";
import type { Candidate } from "../match.ts";

/** A device as version 1 of the API shows it, as much of it as a verdict needs. */
export interface UemRecord extends Candidate {
  /** `EnrollmentStatus`, as it stands. */
  readonly enrollment: string;
  /** `ComplianceStatus`; `undefined` where the key is missing, as UEM's keys without value are. */
  readonly compliance: string | undefined;
  readonly compromised: boolean;
}

/** Platforms by UEM's names, as people call them; others are shown as they stand. */
const SYSTEMS: Readonly<Record<string, string>> = {
  AppleOsX: "macOS",
  Apple: "iOS",
  AppleTv: "tvOS",
  WinRT: "Windows",
  ChromeOS: "ChromeOS",
};

/** Reads one PascalCase record; `undefined` when it lacks its id or its enrolment, and so is no device record. */
export function readRecord(json: unknown): UemRecord | undefined {
  const recordId = textAt(json, "Id", "Value") ?? textAt(json, "Uuid");
  const enrollment = textAt(json, "EnrollmentStatus");
  if (recordId === undefined || enrollment === undefined) return undefined;
  const platform = textAt(json, "Platform") ?? textAt(json, "PlatformId", "Name");
  return {
    device: {
      recordId,
      deviceId: deviceIdOf(json),
      serial: textAt(json, "SerialNumber"),
      macs: macsOf(json),
      name: textAt(json, "DeviceFriendlyName") ?? textAt(json, "DeviceReportedName"),
      manufacturer: textAt(json, "OEMInfo") ?? (platform?.startsWith("Apple") === true ? "Apple" : undefined),
      model: textAt(json, "Model") ?? textAt(json, "ModelId", "Name"),
      operatingSystem: platform === undefined ? undefined : (SYSTEMS[platform] ?? platform),
      operatingSystemVersion: textAt(json, "OperatingSystem"),
      lastSeen: instantAt(json, "LastSeen"),
    },
    enrolled: enrollment.toLowerCase() === "enrolled",
    enrollment,
    compliance: textAt(json, "ComplianceStatus"),
    compromised: booleanAt(json, "CompromisedStatus") ?? false,
  };
}

function deviceIdOf(json: unknown): DeviceId | undefined {
  const udid = textAt(json, "Udid");
  return udid === undefined ? undefined : parseDeviceId(udid);
}

/** `MacAddress` is one address; those of other interfaces stand in `DeviceNetworkInfo`, with colons. */
function macsOf(json: unknown): readonly MacAddress[] {
  const interfaces = listAt(json, "DeviceNetworkInfo") ?? [];
  const texts = [textAt(json, "MacAddress"), ...interfaces.map((one) => textAt(one, "MACAddress"))];
  const macs = texts.map((text) => (text === undefined ? undefined : parseMac(text)));
  return [...new Set(macs.filter((mac) => mac !== undefined && isIdentifyingMac(mac)))] as MacAddress[];
}

/**
 * The records of an answer: one alone, or the list of a search. `undefined` when any of them cannot be read, for an
 * answer half understood proves nothing.
 */
export function readRecords(json: unknown): readonly UemRecord[] | undefined {
  const records = (listAt(json, "Devices") ?? [json]).map(readRecord);
  return records.every((record) => record !== undefined) ? records : undefined;
}
