import type { CertificateEvidence } from "../../domain/certificate.ts";
import { type EapFailure, type EapFailureReason, eapFailure } from "./failure.ts";
import type { PeerCertificate, TlsError } from "./tls-tunnel.ts";
import { readCertificate } from "./certificate.ts";

export type CertificateJudgement =
  | { readonly kind: "trusted"; readonly certificate: CertificateEvidence }
  | { readonly kind: "refused"; readonly failure: EapFailure };

/** Decides on the client's certificate from OpenSSL's verdict: chain, validity and purpose (RFC 5216 §5.3). */
export function judgeClientCertificate(peer: PeerCertificate): CertificateJudgement {
  if (peer.der === undefined)
    return { kind: "refused", failure: eapFailure("noCertificate", "The client presented no certificate.") };
  const certificate = readCertificate(peer.der);
  if (certificate === undefined)
    return { kind: "refused", failure: eapFailure("certificateInvalid", "The client's certificate is not readable.") };
  if (peer.code === undefined) return { kind: "trusted", certificate };
  const { reason, sentence } = verificationFailure(peer.code, certificate);
  return { kind: "refused", failure: { reason, sentence, certificate } };
}

function verificationFailure(code: string, certificate: CertificateEvidence): EapFailure {
  switch (code) {
    case "CERT_HAS_EXPIRED":
      return eapFailure("certificateExpired", expired(certificate));
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
function expired(certificate: CertificateEvidence): string {
  if (certificate.notAfter < Date.now()) return `The client's certificate expired on ${at(certificate.notAfter)}.`;
  return `An authority in the chain of the client's certificate, issued by "${certificate.issuer}", has expired.`;
}

const at = (instant: number): string => new Date(instant).toISOString();

/** Alerts by which a client says that it distrusts our certificate: RFC 8446 §6.2, names as OpenSSL gives them. */
const DISTRUST =
  /ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_(REVOKED|EXPIRED|UNKNOWN)|ACCESS_DENIED)$/;
/** The same want of common ground, as the client's alert and as our own finding. */
const NO_COMMON_GROUND =
  /ALERT_(PROTOCOL_VERSION|HANDSHAKE_FAILURE|INSUFFICIENT_SECURITY)$|_(UNSUPPORTED_PROTOCOL|WRONG_SSL_VERSION|VERSION_TOO_LOW|NO_SHARED_CIPHER|NO_SUITABLE_\w+|NO_SHARED_\w+|NO_COMMON_\w+)$/;

/**
 * Faults of libcrypto rather than of TLS. OpenSSL leaves a signature that does not verify in its error queue, where Node
 * mistakes it for the end of the handshake; so it is with a certificate of an authority that only shares a trusted one's name.
 */
const isBadSignature = ({ library }: TlsError): boolean => library !== undefined && library !== "SSL routines";

/** Names the fault that ended a handshake. */
export function handshakeFailure(error: TlsError): EapFailure {
  return eapFailure(...named(error));
}

function named(error: TlsError): [EapFailureReason, string] {
  const code = error.code ?? error.message;
  const short = code
    .replace(/^ERR_SSL_/, "")
    .replaceAll("_", " ")
    .toLowerCase();
  if (NO_COMMON_GROUND.test(code))
    return [
      "noCommonTls",
      `The client and this server share no TLS version or cipher (${short}). TLS 1.2 is the oldest accepted.`,
    ];
  if (DISTRUST.test(code))
    return [
      "serverNotTrusted",
      `The client does not trust this server's certificate (${short}): check the trusted authority and server name in its Wi-Fi profile.`,
    ];
  if (code.includes("_ALERT_")) return ["clientAlert", `The client ended the TLS handshake (${short}).`];
  if (isBadSignature(error))
    return [
      "certificateInvalid",
      `The client's certificate bears a signature that its authority did not make (${short}): was the authority renewed under its old name?`,
    ];
  return ["protocolError", `The TLS handshake failed (${short}).`];
}
