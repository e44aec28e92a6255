import type { NasEvidence } from "./evidence.ts";
import type { NasId, OrganizationId } from "./identifiers.ts";
import type { Secret } from "./secret.ts";

/** The AP or switch that speaks RADIUS to us. It belongs to one organization, and with it all that it sends. */
export interface Nas {
  readonly id: NasId;
  readonly organizationId: OrganizationId;
  readonly name: string;
  /** IP address or prefix, canonical text: `192.0.2.1/32`, `2001:db8::/48`. `undefined`: it speaks RadSec only. */
  readonly address: string | undefined;
  /** Tells NASes behind one address apart; `undefined` matches any. */
  readonly nasIdentifier: string | undefined;
  /** Of RADIUS over UDP; there is one where there is an address. */
  readonly secret: Secret | undefined;
  /** The secret before this one, which holds as well until `expiresAt` (epoch milliseconds). */
  readonly previousSecret: { readonly secret: Secret; readonly expiresAt: number } | undefined;
  readonly requireMessageAuthenticator: Demand;
  readonly limitProxyState: Demand;
  /** How its certificate names it over RadSec; `undefined`: it does not speak that. */
  readonly radsec: RadsecRegistration | undefined;
  /** Name of a CoA profile (radius-edge/profiles), or `auto`: recognized from each request. */
  readonly profile: string;
  /** Where CoA goes; `undefined`: the address the client's session came from. */
  readonly coaAddress: string | undefined;
  /** `undefined`: where NASes of its profile listen. */
  readonly coaPort: number | undefined;
  /** What signs CoA over UDP; `undefined`: `secret` does. */
  readonly coaSecret: Secret | undefined;
  /** It stands behind a proxy that passes CoA on by Operator-NAS-Identifier (RFC 8559). */
  readonly coaThroughProxy: boolean;
  /** It asks for MAC authentication by EAP-MD5 (RFC 3748 §5.4); elsewhere a client could choose to be judged by an address. */
  readonly eapMd5: boolean;
  readonly siteId: string | undefined;
}

/**
 * Whether CoA does not find back to where a request came from: through a proxy it goes only where that was declared and the
 * proxy said by which name it knows the NAS (RFC 8559 §3). An address of its own is one that somebody knows to be the NAS's.
 */
export function isCutOffByProxy(nas: Pick<Nas, "coaAddress" | "coaThroughProxy">, seen: NasEvidence): boolean {
  if (seen.throughProxy !== true || nas.coaAddress !== undefined) return false;
  return !nas.coaThroughProxy || seen.operatorNasIdentifier === undefined;
}

/** Whether something is demanded of a NAS: `auto` from the first packet on that shows that this NAS can do it. */
export type Demand = "yes" | "auto" | "no";

/** RFC 6614 §2.3: the peer behind a TLS connection is known by its certificate's issuer and a subject alternative name. */
export interface RadsecIdentity {
  /** Distinguished name, RFC 4514: `CN=NAS CA,O=Example`. */
  readonly issuer: string;
  /** A dNSName, iPAddress or URI. */
  readonly san: string;
}

export interface RadsecRegistration extends RadsecIdentity {
  /**
   * SHA-256 of subjectPublicKeyInfo, lower-case hexadecimal: one of these keys must have signed the certificate. A name can
   * be anybody's; without keys it is taken where it means one authority only.
   */
  readonly issuerKeys?: readonly string[] | undefined;
}

/**
 * Reads an identity as people write it: spaces around the commas of a distinguished name say nothing (RFC 4514 §3), and
 * neither do colons between the octets of a digest.
 */
export function parseRadsecIdentity(identity: RadsecRegistration): RadsecRegistration | undefined {
  const parts = identity.issuer.split(/(?<!\\),/).map((part) => part.trim());
  const san = identity.san.trim();
  if (san === "" || !parts.every((part) => /^[A-Za-z0-9.]+=./.test(part))) return undefined;
  const issuerKeys = identity.issuerKeys?.map((key) => key.replaceAll(":", "").toLowerCase());
  return { issuer: parts.join(","), san, issuerKeys };
}
