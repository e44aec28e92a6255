import type { MacAddress } from "../../domain/mac-address.ts";

interface CommonClient {
  /** As people call it. */
  readonly name: string;
  readonly mac: MacAddress;
  readonly port: "wired" | "wireless";
}

/** A device that authenticates with a certificate. PEM texts. */
export interface CertifiedClient extends CommonClient {
  readonly kind: "eap-tls";
  /** The outer EAP Identity. */
  readonly identity: string;
  readonly certificatePem: string;
  readonly keyPem: string;
  /** Of the authorities trusted to vouch for the server. */
  readonly trustedCas: readonly string[];
}

/** A device whose user has a name and a password. */
export interface PasswordClient extends CommonClient {
  readonly kind: "eap-ttls";
  /** The outer EAP Identity, which need not tell who it is. */
  readonly identity: string;
  readonly user: { readonly name: string; readonly password: string };
  /** Of the authorities trusted to vouch for the server. */
  readonly trustedCas: readonly string[];
}

/** A device without a supplicant, for which the NAS vouches by MAC address. */
interface PlainClient extends CommonClient {
  readonly kind: "mab";
}

export type FleetClient = CertifiedClient | PasswordClient | PlainClient;
