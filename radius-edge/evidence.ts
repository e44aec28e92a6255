import type { AuthenticationType, Evidence, NasEvidence, PortType, TlsEvidence } from "../domain/evidence.ts";
import type { CertificateEvidence } from "../domain/certificate.ts";
import { parseMac } from "../domain/mac-address.ts";
import type { Peer } from "./peer.ts";
import type { Turn } from "./eap/conversations.ts";
import type { EapEvidence, EapMethodName } from "./eap/method.ts";
import { ATTRIBUTE, NAS_PORT_TYPE } from "./wire/attribute-type.ts";
import * as read from "./wire/attribute-readers.ts";
import { has } from "./wire/exchange.ts";
import type { Packet } from "./wire/packet.ts";

/** What an authentication method proved, on top of what the packet says. */
export interface Proof {
  readonly authentication: AuthenticationType;
  readonly userName: string;
  readonly certificate: CertificateEvidence | undefined;
  readonly userLabels?: readonly string[];
  readonly tls?: TlsEvidence;
  /** Sentences for the event, which policy does not see. */
  readonly notes?: readonly string[];
}

/** A MAC address proves nothing but itself. */
export function macProof(userName: string): Proof {
  return { authentication: "mab", userName, certificate: undefined };
}

const AUTHENTICATION: Readonly<Record<EapMethodName, AuthenticationType>> = {
  "EAP-TLS": "eap-tls",
  "EAP-TTLS": "eap-ttls",
  "EAP-MD5": "mab",
};

/** What EAP proved. */
export function eapProof(evidence: EapEvidence): Proof {
  const authentication = AUTHENTICATION[evidence.method];
  switch (evidence.method) {
    case "EAP-TLS": {
      const { identity, certificate, tlsVersion: version, resumed, notes } = evidence;
      const userName = certifiedName(certificate, identity);
      return { authentication, userName, certificate, tls: { version, resumed }, notes };
    }
    case "EAP-TTLS": {
      const { userName, userLabels, tlsVersion: version } = evidence;
      return { authentication, userName, userLabels, certificate: undefined, tls: { version, resumed: false } };
    }
    case "EAP-MD5":
      return macProof(evidence.identity);
  }
}

/**
 * The name that a certificate bears out: what the client calls itself where that is one of its names, else the first of
 * them. The outer identity alone is any holder's to choose (RFC 5216 §5.2), and rules and the NAS go by the User-Name.
 */
function certifiedName(certificate: CertificateEvidence, claimed: string): string {
  const { commonName, sanEmail, sanUpn, sanDns, serial } = certificate;
  const names = [...(commonName === undefined ? [] : [commonName]), ...sanUpn, ...sanEmail, ...sanDns];
  return names.find((name) => name.toLowerCase() === claimed.toLowerCase()) ?? names[0] ?? serial;
}

/** What a client claimed that EAP refused: shown, and no proof of anything. */
export function eapClaim({ method, identity, failure }: Turn & { readonly kind: "reject" }): Proof {
  return {
    authentication: AUTHENTICATION[method ?? "EAP-TLS"],
    userName: failure.userName ?? identity,
    certificate: failure.certificate,
  };
}

/** Puts the evidence of a request together: the packet, who sent it, and what was proved. */
export function gatherEvidence(
  request: Packet,
  peer: Pick<Peer, "nas" | "sourceAddress" | "profile">,
  proof: Proof,
): Evidence {
  const callingStationId = read.readCallingStationId(request);
  const calledStationId = read.readCalledStationId(request);
  const portType = portTypeOf(read.readNasPortType(request));
  return {
    organizationId: peer.nas.organizationId,
    authentication: proof.authentication,
    mac: callingStationId === undefined ? undefined : parseMac(callingStationId),
    userName: proof.userName,
    certificate: proof.certificate,
    userLabels: proof.userLabels,
    tls: proof.tls,
    portType,
    ssid: portType === "wired" ? undefined : ssidOf(calledStationId),
    nasVendor: peer.profile?.vendor ?? undefined,
    nas: nasEvidence(request, peer, { callingStationId, calledStationId }),
  };
}

function nasEvidence(
  request: Packet,
  { nas, sourceAddress, profile }: Pick<Peer, "nas" | "sourceAddress" | "profile">,
  { callingStationId, calledStationId }: Pick<NasEvidence, "callingStationId" | "calledStationId">,
): NasEvidence {
  const evidence: NasEvidence = {
    nasId: nas.id,
    siteId: nas.siteId,
    sourceAddress,
    nasIpAddress: read.readNasIpAddress(request),
    nasIpv6Address: read.readNasIpv6Address(request),
    nasIdentifier: read.readNasIdentifier(request),
    nasPort: read.readNasPort(request),
    nasPortId: read.readNasPortId(request),
    callingStationId,
    calledStationId,
    acctSessionId: read.readAcctSessionId(request),
    auditSessionId: read.readAuditSessionId(request),
    profile: profile?.name,
  };
  const proxied = proxyEvidence(request);
  return proxied === undefined ? evidence : { ...evidence, ...proxied };
}

function portTypeOf(nasPortType: number | undefined): PortType | undefined {
  if (nasPortType === NAS_PORT_TYPE.Ethernet) return "wired";
  return nasPortType === NAS_PORT_TYPE.Wireless80211 ? "wireless" : undefined;
}

/** RFC 3580 §3.20: the AP's MAC address, a colon, the SSID. The MAC may be written in any notation. */
function ssidOf(calledStationId: string | undefined): string | undefined {
  const match =
    /^(?:[0-9a-f]{2}[-:]){5}[0-9a-f]{2}:(.+)$|^[0-9a-f]{12}:(.+)$|^(?:[0-9a-f]{4}\.){2}[0-9a-f]{4}:(.+)$/i.exec(
      calledStationId ?? "",
    );
  return match?.slice(1).find((ssid) => ssid !== undefined);
}

/** RFC 2865 §5.33: only proxies put a Proxy-State in. RFC 8559 §3.3: by Operator-NAS-Identifier one finds its NAS again. */
function proxyEvidence(
  request: Packet,
): Pick<NasEvidence, "throughProxy" | "operatorNasIdentifier" | "operatorName"> | undefined {
  const operatorName = read.readOperatorName(request);
  const operator = operatorName === undefined ? undefined : { operatorName };
  if (!has(request, ATTRIBUTE.ProxyState)) return operator;
  const operatorNasIdentifier = read.readOperatorNasIdentifier(request)?.toString("hex");
  return { throughProxy: true, ...operator, ...(operatorNasIdentifier === undefined ? {} : { operatorNasIdentifier }) };
}
