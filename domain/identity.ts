import { parseDeviceId } from "./device-id.ts";
import type { DeviceId } from "./device-id.ts";
import { certificateDeviceId } from "./evidence.ts";
import type { Evidence } from "./evidence.ts";
import type { OrganizationId } from "./identifiers.ts";
import { isIdentifyingMac, parseMac } from "./mac-address.ts";
import type { MacAddress } from "./mac-address.ts";

/** What a request proves about which device it is. Verdicts and workflows belong to it, within one organization. */
export type Identity =
  | { readonly kind: "device"; readonly deviceId: DeviceId }
  | { readonly kind: "mac"; readonly mac: MacAddress };

declare const brand: unique symbol;
/** `device:<id>` or `mac:<12 digits>`: the text under which an identity is stored and by which its workflow is named. */
export type IdentityKey = string & { readonly [brand]: "IdentityKey" };

export function identityKey(identity: Identity): IdentityKey {
  return (identity.kind === "device" ? `device:${identity.deviceId}` : `mac:${identity.mac}`) as IdentityKey;
}

/** Reads back what `identityKey` wrote. */
export function parseIdentityKey(text: string): Identity | undefined {
  const [kind, value = ""] = text.split(":", 2);
  if (kind === "device") {
    const deviceId = parseDeviceId(value) ?? (/^[0-9a-f]{24}$/.test(value) ? (value as DeviceId) : undefined);
    return deviceId === undefined ? undefined : { kind, deviceId };
  }
  const mac = kind === "mac" ? parseMac(value) : undefined;
  return mac === undefined ? undefined : { kind: "mac", mac };
}

/**
 * The identity of a request: the certificate's device id where it has one, else a MAC address that may identify a
 * device. `undefined` for a randomized or missing MAC without certificate id: nothing is looked up for those.
 */
export function identityOf(evidence: Evidence): Identity | undefined {
  const deviceId = evidence.certificate && certificateDeviceId(evidence.certificate);
  if (deviceId !== undefined) return { kind: "device", deviceId };
  const { mac } = evidence;
  return mac !== undefined && isIdentifyingMac(mac) ? { kind: "mac", mac } : undefined;
}

/** One installation-wide name of an identity; also the Temporal workflow id, for ever. */
export function deviceWorkflowId(organizationId: OrganizationId, identity: IdentityKey): string {
  return `device/${organizationId}/${identity}`;
}
