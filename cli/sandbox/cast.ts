import { parseMac, type MacAddress } from "../../domain/mac-address.ts";
import type { NewDevice } from "../../simulators/mdm-device.ts";

export const VLANS = { corporate: "20", printers: "30", quarantine: "99" } as const;

/** One of the fleet: how it authenticates, what an MDM holds of it, and where it belongs in the end. */
export interface Character {
  readonly name: string;
  readonly mac: MacAddress;
  readonly port: "wired" | "wireless";
  readonly proof: "device id" | "certificate" | "mac";
  readonly mdm?: "vmware" | "jamf";
  readonly device?: NewDevice;
  /** Once its MDM has been asked. */
  readonly vlan: string;
}

function character(
  facts: Omit<Character, "mac" | "device"> & { readonly mac: string; readonly device?: NewDevice },
): Character {
  const { name, device } = facts;
  const mac = parseMac(facts.mac);
  if (mac === undefined) throw new RangeError(`${facts.mac} is no MAC address`);
  const { device: _, ...rest } = facts;
  return { ...rest, mac, ...(device === undefined ? {} : { device: { name, macAddress: facts.mac, ...device } }) };
}

const { corporate, printers, quarantine } = VLANS;

const ada = character({
  name: "Ada's MacBook",
  mac: "A4:83:E7:10:00:01",
  port: "wireless",
  proof: "device id",
  mdm: "jamf",
  vlan: corporate,
  device: { kind: "mac", udid: "5B2C7A10-0D4E-5F83-9A61-7C0E4D2B1A01", compliance: "compliant" },
});
const grace = character({
  name: "Grace's iPhone",
  mac: "F0:18:98:10:00:02",
  port: "wireless",
  proof: "device id",
  mdm: "jamf",
  vlan: corporate,
  device: { kind: "iphone", udid: "00008110-001A2C3E0E28801E", compliance: "compliant" },
});
/** Out of compliance at first: it recovers. */
export const edsger = character({
  name: "Edsger's MacBook",
  mac: "A4:83:E7:10:00:03",
  port: "wired",
  proof: "device id",
  mdm: "jamf",
  vlan: quarantine,
  device: { kind: "mac", udid: "5B2C7A10-0D4E-5F83-9A61-7C0E4D2B1A03", compliance: "noncompliant" },
});
/** Compliant at first: it falls. */
export const barbara = character({
  name: "Barbara's Latitude",
  mac: "AC:91:A1:10:00:04",
  port: "wired",
  proof: "device id",
  mdm: "vmware",
  vlan: corporate,
  device: { kind: "windows", udid: "9D41C6E20B7F4A358E6D1F0C2B3A4D04", compliance: "compliant" },
});
const ken = character({
  name: "Ken's Latitude",
  mac: "AC:91:A1:10:00:05",
  port: "wired",
  proof: "certificate",
  mdm: "vmware",
  vlan: corporate,
  device: { kind: "windows", udid: "9D41C6E20B7F4A358E6D1F0C2B3A4D05", compliance: "compliant" },
});
const lin = character({
  name: "Lin's iPhone",
  mac: "F0:18:98:10:00:06",
  port: "wireless",
  proof: "device id",
  mdm: "vmware",
  vlan: corporate,
  device: { kind: "iphone", udid: "00008120-000C45E60A99C01E", compliance: "compliant" },
});
const printer = character({
  name: "the printer",
  mac: "00:17:C8:10:00:07",
  port: "wired",
  proof: "mac",
  vlan: printers,
});
/** Its address is made up, and its certificate names no device. */
export const visitor = character({
  name: "a phone with a private address",
  mac: "DA:A1:19:10:00:08",
  port: "wireless",
  proof: "certificate",
  vlan: quarantine,
});

export const FLEET: readonly Character[] = [ada, grace, edsger, barbara, ken, lin, printer, visitor];
export const PRINTER_MAC = printer.mac;

/** The device that the newcomer plays, with `eapol_test`: known to Workspace ONE. */
export const NEWCOMER = {
  mac: "3C:22:FB:10:00:FF",
  device: {
    kind: "windows",
    name: "Your own client",
    macAddress: "3C:22:FB:10:00:FF",
    udid: "9D41C6E20B7F4A358E6D1F0C2B3A4DFF",
    compliance: "compliant",
  },
} as const satisfies { readonly mac: string; readonly device: NewDevice };
