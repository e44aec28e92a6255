import { type JamfOptions, type JamfSimulator, startJamf } from "../../../simulators/jamf/simulator.ts";
import { CREDENTIALS } from "../asking.ts";

export const GROUP = "Compliant (Wi-Fi)";

/** A Mac in the group and one that is not, a phone in it, an unmanaged tablet, an Apple TV, and a PC that Jamf ignores. */
export const MAC = {
  kind: "mac",
  name: "mac-in",
  udid: "246F2E58-14C0-5684-AB92-6BCAF5D73838",
  serialNumber: "C02EXAMPLE01",
  macAddress: "A483E7112233",
  altMacAddress: "82:45:58:44:DC:01",
  compliance: "compliant",
} as const;
export const OTHER_MAC = { kind: "mac", name: "mac-out", udid: "8195CA16-7FFE-5855-A3DD-53FD768FA558" } as const;
export const PHONE = {
  kind: "iphone",
  name: "phone-in",
  udid: "00008030-001234567890001E",
  macAddress: "c4:84:66:92:78:00",
  compliance: "compliant",
} as const;
export const TABLET = {
  kind: "ipad",
  name: "tablet-gone",
  udid: "0dad565fb40b010a9e490440188063a378721069",
  compliance: "compliant",
  enrollment: "unenrolled",
} as const;
export const TV = { kind: "appletv", name: "tv" } as const;
const PC = { kind: "windows", name: "pc", compliance: "compliant" } as const;

export async function startTenancy(options: Partial<JamfOptions> = {}): Promise<JamfSimulator> {
  const devices = [MAC, OTHER_MAC, PHONE, TABLET, TV, PC];
  return startJamf({ ...CREDENTIALS, smartGroupName: GROUP, devices, ...options });
}

export function filter(rsql: string): string {
  return `filter=${encodeURIComponent(rsql)}`;
}

export interface Page<Row = Record<string, unknown>> {
  readonly totalCount: number;
  readonly results: readonly Row[];
}
