import { BlockedAddressError } from "./guarded-lookup.ts";

/** A request that brought no answer. */
export interface HttpFailure {
  readonly kind: "failed";
  readonly cause: "network" | "deadline" | "blockedAddress" | "tooLarge" | "tls";
  /** A sentence for people, without secrets. */
  readonly detail: string;
  /** Node's or undici's error code, such as `ENOTFOUND`, where there is one. */
  readonly code: string | undefined;
}

const SENTENCES: Readonly<Record<string, string>> = {
  ENOTFOUND: "the host name does not exist",
  EAI_AGAIN: "the host name could not be resolved: the DNS server does not answer",
  ECONNREFUSED: "the connection was refused",
  ECONNRESET: "the connection was reset",
  UND_ERR_SOCKET: "the connection was closed before the answer was complete",
  UND_ERR_CONNECT_TIMEOUT: "no connection could be made in time",
  ETIMEDOUT: "no connection could be made in time",
  EHOSTUNREACH: "there is no route to the host",
  ENETUNREACH: "there is no route to the network",
  CERT_HAS_EXPIRED: "its certificate has expired",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another host",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is self-signed: add it to PORTCULLIS_MDM_CA_FILE",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate authority is not trusted: add it to PORTCULLIS_MDM_CA_FILE",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its certificate authority is not trusted: add it to PORTCULLIS_MDM_CA_FILE",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    "its authority is not trusted (add it to PORTCULLIS_MDM_CA_FILE), or it does not send its intermediate certificate",
};

/** There was no connection: nothing was sent. A reset (ECONNRESET) does not tell when it came. */
const UNCONNECTED: ReadonlySet<string> = new Set([
  "ENOTFOUND",
  "EAI_AGAIN",
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** Whether the other end may have got the request, and acted on it, though its answer is not known. */
export function mayHaveArrived({ cause, code }: HttpFailure): boolean {
  if (cause === "deadline" || cause === "tooLarge") return true;
  return cause === "network" && (code === undefined || !UNCONNECTED.has(code));
}

/** OpenSSL's verification results and its own errors, as Node names them (nodejs.org, "TLS", X509 certificate error codes). */
const TLS_CODE = /CERT|^ERR_SSL_|^ERR_TLS_|^EPROTO$|^UNABLE_TO_|^HOSTNAME_MISMATCH$|^INVALID_(CA|PURPOSE)$|CRL/;

/** Names what `error` means for a request to `host`. */
export function failureOf(host: string, error: unknown): HttpFailure {
  const { code, message } = describe(error);
  if (error instanceof BlockedAddressError) return { kind: "failed", cause: "blockedAddress", detail: message, code };
  const cause = code !== undefined && TLS_CODE.test(code) ? "tls" : "network";
  const sentence = (code !== undefined ? SENTENCES[code] : undefined) ?? message;
  return { kind: "failed", cause, detail: `${host}: ${sentence}`, code };
}

/** By shape: errors of Node's own modules are no `instanceof` the `Error` of a sandboxed realm, as under jest. */
function describe(error: unknown): { readonly code: string | undefined; readonly message: string } {
  const { code, message, name } = (
    typeof error === "object" && error !== null ? error : {}
  ) as Partial<NodeJS.ErrnoException>;
  const text = typeof code === "string" ? code : undefined;
  return { code: text, message: message || text || name || "the request failed" };
}
