import type { SimulatedDevice } from "../mdm-device.ts";
import { bareMac, sameSpelling } from "../notation.ts";

type Alternative = (device: SimulatedDevice) => string;

/** What `searchby` may name, in lower case: UEM compares it without case. */
const ALTERNATIVES: Readonly<Record<string, Alternative>> = {
  macaddress: (device) => bareMac(device.macAddress),
  udid: (device) => device.udid,
  serialnumber: (device) => device.serialNumber,
  deviceid: (device) => String(device.id),
  // The simulated devices have neither; a search by them finds nothing, as for any unknown value.
  imeinumber: () => "",
  easid: () => "",
};

export function alternativeId(searchBy: string | undefined): Alternative | undefined {
  return searchBy === undefined ? undefined : ALTERNATIVES[searchBy.toLowerCase()];
}

/**
 * Every record whose id is one of `values`, without case. An address must come bare: UEM stores twelve hexadecimal
 * digits, and "A4:83:…" finds nothing there. UDIDs are compared as they stand, dashes and all.
 */
export function devicesBy(
  of: Alternative,
  values: readonly string[],
  devices: readonly SimulatedDevice[],
): readonly SimulatedDevice[] {
  const wanted = new Set(values.map((value) => value.toLowerCase()).filter((value) => value !== ""));
  return devices.filter((device) => wanted.has(of(device).toLowerCase()));
}

/** Of duplicate records UEM's single read gives one: the newest. */
export function newest(devices: readonly SimulatedDevice[]): SimulatedDevice | undefined {
  return devices.toSorted((a, b) => b.id - a.id)[0];
}

export function deviceByUuidText(uuid: string, devices: readonly SimulatedDevice[]): SimulatedDevice | undefined {
  return devices.find((device) => sameSpelling(device.uuid) === sameSpelling(uuid));
}
