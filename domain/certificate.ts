/** What a client certificate says of its device: read once from DER at the edge, compared as plain text afterwards. */
export interface CertificateEvidence {
  /** RFC 4514 style subject and issuer, most significant part last. */
  readonly subject: string;
  readonly issuer: string;
  readonly commonName: string | undefined;
  /** Lower-case hexadecimal, no separators. */
  readonly serial: string;
  /** Subject alternative names by kind, in certificate order (RFC 5280 §4.2.1.6). */
  readonly sanDns: readonly string[];
  readonly sanUri: readonly string[];
  readonly sanEmail: readonly string[];
  /** otherName 1.3.6.1.4.1.311.20.2.3, Microsoft's user principal name. */
  readonly sanUpn: readonly string[];
  /** Extended key usages as dotted OIDs. */
  readonly extendedKeyUsage: readonly string[];
  /** Epoch milliseconds. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** SHA-256 over the DER, lower-case hexadecimal. */
  readonly fingerprint: string;
}
