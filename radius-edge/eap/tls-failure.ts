import { type EapFailure, type EapFailureReason, eapFailure } from "./failure.ts";
import type { TlsError } from "./tls-tunnel.ts";

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
