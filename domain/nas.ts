import type { NasId, OrganizationId } from "./identifiers.ts";
import type { Secret } from "./secret.ts";

/** The AP or switch that speaks RADIUS to us. It belongs to one organization, and with it all that it sends. */
export interface Nas {
  readonly id: NasId;
  readonly organizationId: OrganizationId;
  readonly name: string;
  /** IP address or prefix, canonical text: `192.0.2.1/32`, `2001:db8::/48`. */
  readonly address: string;
  /** Tells NASes behind one address apart; `undefined` matches any. */
  readonly nasIdentifier: string | undefined;
  readonly secret: Secret;
  /** Name of a CoA profile (radius-edge/profiles). */
  readonly profile: string;
  /** Where CoA goes; `undefined`: the address the client's session came from. */
  readonly coaAddress: string | undefined;
  readonly coaPort: number;
  readonly siteId: string | undefined;
}

/** RFC 5176 §3: where a NAS listens unless told otherwise. */
export const DEFAULT_COA_PORT = 3799;
