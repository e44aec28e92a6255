import type { CertificateEvidence } from "./certificate.ts";
import { parseDeviceId } from "./device-id.ts";
import type { DeviceId } from "./device-id.ts";
import type { NasId, OrganizationId } from "./identifiers.ts";
import type { MacAddress } from "./mac-address.ts";

/** How the client authenticated; Mist's names in rules and events. */
export type AuthenticationType = "eap-tls" | "eap-ttls" | "mab";

/** The TLS session that a proof came through. */
export interface TlsEvidence {
  /** `TLSv1.2` or `TLSv1.3`. */
  readonly version: string;
  /** Whether an earlier session was resumed: the client proved itself then, and showed now that it is the same. */
  readonly resumed: boolean;
}

export type PortType = "wired" | "wireless";

/** Where the request came from, in the NAS's own words: kept verbatim, since a CoA must repeat them. */
export interface NasEvidence {
  readonly nasId: NasId;
  readonly siteId: string | undefined;
  /** Peer that sent the packet; behind a proxy this is the proxy. */
  readonly sourceAddress: string;
  readonly nasIpAddress: string | undefined;
  readonly nasIpv6Address: string | undefined;
  readonly nasIdentifier: string | undefined;
  readonly nasPort: number | undefined;
  readonly nasPortId: string | undefined;
  readonly callingStationId: string | undefined;
  readonly calledStationId: string | undefined;
  readonly acctSessionId: string | undefined;
  /** Cisco-AVPair audit-session-id, where the NAS sent one. */
  readonly auditSessionId: string | undefined;
  /** How the NAS's kind takes CoA: the profile chosen for it, or the one that this request shows. */
  readonly profile?: string | undefined;
  /** The request came through a RADIUS proxy. */
  readonly throughProxy?: true;
  /** Who runs the network that the client is at, by realm or by another name, as a proxy says (RFC 5580 §4.1). */
  readonly operatorName?: string;
  /** Hexadecimal octets by which that proxy finds the NAS again (RFC 8559). */
  readonly operatorNasIdentifier?: string;
}

/** What a request proves and claims. Policy is a function of this, the policy and the verdict, and of nothing else. */
export interface Evidence {
  readonly organizationId: OrganizationId;
  readonly authentication: AuthenticationType;
  /** From Calling-Station-Id; `undefined` when it is missing or no MAC address. */
  readonly mac: MacAddress | undefined;
  readonly userName: string;
  readonly certificate: CertificateEvidence | undefined;
  /** What the store of users says of this one, such as groups; `undefined` where none was asked. */
  readonly userLabels: readonly string[] | undefined;
  readonly tls: TlsEvidence | undefined;
  readonly portType: PortType | undefined;
  readonly ssid: string | undefined;
  /** Vendor of the NAS where its profile says so, lower case. */
  readonly nasVendor: string | undefined;
  readonly nas: NasEvidence;
  /** The NAS asks what it may know the user by (Chargeable-User-Identity, RFC 4372). */
  readonly wantsPseudonym?: true;
}

/** The device id in the certificate's SAN:DNS: the first value shaped like one. */
export function certificateDeviceId(certificate: CertificateEvidence): DeviceId | undefined {
  for (const name of certificate.sanDns) {
    const id = parseDeviceId(name);
    if (id !== undefined) return id;
  }
  return undefined;
}
