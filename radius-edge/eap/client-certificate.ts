import type { X509Certificate } from "node:crypto";
import type { CertificateEvidence } from "../../domain/certificate.ts";
import { readCertificate } from "./certificate.ts";
import { type EapFailure, eapFailure } from "./failure.ts";
import type { PeerCertificate } from "./tls-tunnel.ts";

export type CertificateJudgement =
  | { readonly kind: "trusted"; readonly certificate: CertificateEvidence }
  | { readonly kind: "refused"; readonly failure: EapFailure };

/**
 * Decides on the client's certificate. OpenSSL judges chain, validity and purpose (RFC 5216 §5.3), but a resumed session
 * brings the verdict of its first handshake, and OpenSSL calls the absence of a certificate sound there. So presence and
 * time are looked at here, always; the trusted authorities are those of then, or the session would not have resumed.
 */
export function judgeClientCertificate(
  peer: Pick<PeerCertificate, "certificate" | "code">,
  trusted: readonly X509Certificate[],
  now: number,
): CertificateJudgement {
  if (peer.certificate === undefined)
    return { kind: "refused", failure: eapFailure("noCertificate", "The client presented no certificate.") };
  const certificate = readCertificate(peer.certificate.raw);
  if (certificate === undefined)
    return { kind: "refused", failure: eapFailure("certificateInvalid", "The client's certificate is not readable.") };
  const code = peer.code ?? outOfTime(peer.certificate, trusted, now);
  if (code === undefined) return { kind: "trusted", certificate };
  const { reason, sentence } = verificationFailure(code, certificate, now);
  return { kind: "refused", failure: { reason, sentence, certificate } };
}

/**
 * OpenSSL's word for what time has done since it judged. An intermediate authority that the client sent is not seen again:
 * certificates/authority-expiry.ts asks of those that the edge knows.
 */
function outOfTime(certificate: X509Certificate, trusted: readonly X509Certificate[], now: number): string | undefined {
  const chain = [certificate, ...trusted.filter((authority) => certificate.checkIssued(authority))];
  // An authority may have been renewed under its old key: one that is in time will do.
  const isIn = ({ validTo }: X509Certificate): boolean => now <= Date.parse(validTo);
  const [leaf, ...issuers] = chain.map(isIn);
  return leaf === true && (issuers.length === 0 || issuers.includes(true)) ? undefined : "CERT_HAS_EXPIRED";
}

function verificationFailure(code: string, certificate: CertificateEvidence, now: number): EapFailure {
  switch (code) {
    case "CERT_HAS_EXPIRED":
      return eapFailure("certificateExpired", expired(certificate, now));
    case "CERT_NOT_YET_VALID":
      return eapFailure(
        "certificateNotYetValid",
        `The client's certificate is not valid before ${at(certificate.notBefore)}.`,
      );
    case "INVALID_PURPOSE":
      return eapFailure(
        "wrongPurpose",
        "The client's certificate is not meant for client authentication (extended key usage).",
      );
    case "UNABLE_TO_GET_ISSUER_CERT":
    case "UNABLE_TO_GET_ISSUER_CERT_LOCALLY":
    case "UNABLE_TO_VERIFY_LEAF_SIGNATURE":
    case "SELF_SIGNED_CERT_IN_CHAIN":
    case "DEPTH_ZERO_SELF_SIGNED_CERT":
    case "CERT_UNTRUSTED":
      return eapFailure(
        "unknownAuthority",
        `The client's certificate was issued by "${certificate.issuer}", which the organization does not trust.`,
      );
    default:
      return eapFailure("certificateInvalid", `The client's certificate was refused: ${code}.`);
  }
}

/** OpenSSL names the fault, not the certificate: an expired authority fails its clients with the same code. */
function expired(certificate: CertificateEvidence, now: number): string {
  if (certificate.notAfter < now) return `The client's certificate expired on ${at(certificate.notAfter)}.`;
  return `An authority in the chain of the client's certificate, issued by "${certificate.issuer}", has expired.`;
}

const at = (instant: number): string => new Date(instant).toISOString();
