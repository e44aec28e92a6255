import type { CertificateEvidence } from "../../domain/certificate.ts";

/** Why EAP refused a client. The edge maps these to Mist's events; the sentence is for the operator. */
export type EapFailureReason =
  /** Its certificate is past notAfter. */
  | "certificateExpired"
  /** Its certificate is before notBefore. */
  | "certificateNotYetValid"
  /** Its issuer has taken it back. */
  | "certificateRevoked"
  /** Nothing current tells whether its issuer has, and the organization then lets nobody in. */
  | "crlUnavailable"
  /** No chain from its certificate to a certificate authority that the organization trusts. */
  | "unknownAuthority"
  /** Its certificate is not for client authentication, a server's certificate for instance. */
  | "wrongPurpose"
  /** It presented no certificate. */
  | "noCertificate"
  /** Its certificate or chain is broken in another way. */
  | "certificateInvalid"
  /** It told us that it does not trust the certificate of this server. */
  | "serverNotTrusted"
  /** It ended the handshake with another TLS alert. */
  | "clientAlert"
  /** It shares no TLS version, cipher or group with this server. */
  | "noCommonTls"
  /** It refused every EAP method offered. */
  | "methodRefused"
  /** Inside EAP-TTLS it offers another method than PAP. */
  | "innerMethodRefused"
  /** A switch that authenticates a MAC address by EAP-MD5 gave another password than that address. */
  | "macNotRepeated"
  /** The user is not known, or the password is not the user's. */
  | "passwordWrong"
  /** Nobody could tell whether the password is right. */
  | "passwordUnjudged"
  /** It sent bytes that break EAP or TLS. */
  | "protocolError"
  /** A fault of ours. */
  | "internalError";

export interface EapFailure {
  readonly reason: EapFailureReason;
  /** What happened, in words for an operator. Holds no secret. */
  readonly sentence: string;
  /** The certificate that the client presented, trusted or not: shown in events, never believed. */
  readonly certificate?: CertificateEvidence;
  /** The name that the client gave inside the tunnel: shown in events, never believed. */
  readonly userName?: string;
}

export function eapFailure(reason: EapFailureReason, sentence: string): EapFailure {
  return { reason, sentence };
}
