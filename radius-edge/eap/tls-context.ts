import { constants, createPrivateKey, type KeyObject, randomBytes, X509Certificate } from "node:crypto";
import type { Duplex } from "node:stream";
import { createSecureContext, type SecureContextOptions, TLSSocket } from "node:tls";
import { reveal, type Secret } from "../../domain/secret.ts";

/** PEM texts. `serverCertificate` may carry its chain, leaf first; each of `trustedCas` one certificate or several. */
export interface EapTlsMaterial {
  readonly serverCertificate: string;
  readonly serverKey: Secret;
  readonly passphrase?: Secret;
  readonly trustedCas: readonly string[];
}

/** A checked context, ready to serve: one per organization, shared by its conversations. */
export interface EapTlsContext {
  /** Lays our end of EAP-TLS over a wire. */
  acceptTls(wire: Duplex): TLSSocket;
  /** Lays our end of EAP-TTLS over a wire: no certificate is asked for, and no session resumed. */
  acceptTtls(wire: Duplex): TLSSocket;
  /** When the server certificate expires, epoch milliseconds. */
  readonly serverNotAfter: number;
}

type EapTlsContextFault =
  | "serverCertificateUnreadable"
  | "serverCertificateExpired"
  | "serverCertificateNotYetValid"
  | "serverKeyUnreadable"
  | "serverKeyMismatch"
  | "noTrustedCa"
  | "trustedCaUnreadable"
  | "trustedCaNotAuthority"
  /** OpenSSL refuses the material for another reason, a key too short for instance. */
  | "refusedByOpenssl";

export type EapTlsContextResult =
  | { readonly kind: "ready"; readonly context: EapTlsContext }
  | { readonly kind: "refused"; readonly fault: EapTlsContextFault; readonly sentence: string };

/** Builds a context aside and checks it, so that what is in force is only ever replaced by what works. */
export function createEapTlsContext(material: EapTlsMaterial, now: number = Date.now()): EapTlsContextResult {
  const chain = readPem(material.serverCertificate);
  const leaf = chain?.[0];
  if (leaf === undefined) return refused("serverCertificateUnreadable", "The server certificate is not readable PEM.");
  if (Date.parse(leaf.validTo) <= now)
    return refused("serverCertificateExpired", `The server certificate expired on ${leaf.validTo}.`);
  if (Date.parse(leaf.validFrom) > now)
    return refused("serverCertificateNotYetValid", `The server certificate is not valid before ${leaf.validFrom}.`);
  const key = readKey(material);
  if (key === undefined)
    return refused("serverKeyUnreadable", "The server key is not a readable private key, or its passphrase is wrong.");
  if (!leaf.checkPrivateKey(key))
    return refused("serverKeyMismatch", "The server key does not belong to the server certificate.");
  const authorities = material.trustedCas.map(readPem);
  const broken = authorities.findIndex((found) => found === undefined);
  if (broken >= 0)
    return refused("trustedCaUnreadable", `Trusted certificate authority ${broken + 1} is not readable PEM.`);
  const trusted = authorities.flatMap((found) => found ?? []);
  // Without a list Node would trust the public web's authorities.
  if (trusted.length === 0) return refused("noTrustedCa", "No certificate authority is trusted to vouch for clients.");
  const impostor = trusted.find((certificate) => !certificate.ca);
  if (impostor !== undefined)
    return refused(
      "trustedCaNotAuthority",
      `Trusted certificate "${oneLine(impostor.subject)}" is not that of an authority.`,
    );
  return build(chain ?? [], key, trusted, Date.parse(leaf.validTo));
}

function build(
  chain: readonly X509Certificate[],
  key: KeyObject,
  trusted: readonly X509Certificate[],
  serverNotAfter: number,
): EapTlsContextResult {
  const presented: SecureContextOptions = {
    cert: chain.map(String).join(""),
    key: key.export({ type: "pkcs8", format: "pem" }),
    minVersion: "TLSv1.2",
    maxVersion: "TLSv1.3",
    ecdhCurve: "X25519:P-256:P-384",
    // An operator who trusts an issuing authority need not hold its root.
    allowPartialTrustChain: true,
  };
  // No session is ever resumed: without tickets OpenSSL refers to a session cache, and a bare TLSSocket has none.
  // Keys and context of its own keep a ticket of anyone else's out as well.
  const unresumed = (): SecureContextOptions => ({
    secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
    ticketKeys: randomBytes(48),
    sessionIdContext: randomBytes(16).toString("hex"),
  });
  try {
    const tls = createSecureContext({ ...presented, ...unresumed(), ca: trusted.map(String) });
    // An empty list, as without one Node would load the public web's.
    const ttls = createSecureContext({ ...presented, ...unresumed(), ca: [] });
    const ask = { isServer: true, requestCert: true, rejectUnauthorized: false };
    return {
      kind: "ready",
      context: {
        acceptTls: (wire) => new TLSSocket(wire, { ...ask, secureContext: tls }),
        acceptTtls: (wire) => new TLSSocket(wire, { isServer: true, secureContext: ttls }),
        serverNotAfter,
      },
    };
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    return refused("refusedByOpenssl", `OpenSSL refuses the certificate, key or authorities: ${said}.`);
  }
}

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The certificates of a PEM text, `undefined` when there is none or one is broken. */
function readPem(text: string): readonly X509Certificate[] | undefined {
  const blocks = text.match(PEM_CERTIFICATE);
  if (blocks === null) return undefined;
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    return undefined;
  }
}

/** Errors of OpenSSL are not passed on: they are of no help with a key, and may quote it. */
function readKey(material: EapTlsMaterial): KeyObject | undefined {
  const { serverKey, passphrase } = material;
  try {
    const key = reveal(serverKey);
    return passphrase === undefined ? createPrivateKey(key) : createPrivateKey({ key, passphrase: reveal(passphrase) });
  } catch {
    return undefined;
  }
}

const oneLine = (subject: string): string => subject.replaceAll("\n", ", ");

function refused(fault: EapTlsContextFault, sentence: string): EapTlsContextResult {
  return { kind: "refused", fault, sentence };
}
