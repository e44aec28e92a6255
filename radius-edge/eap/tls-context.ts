import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { reveal, type Secret } from "../../domain/secret.ts";
import { type CertificateJudgement, judgeClientCertificate } from "./client-certificate.ts";
import type { ResumptionScope } from "./tls-resumption.ts";
import { createForgetfulServer, createResumingServer, type TlsServer } from "./tls-server.ts";
import type { PeerCertificate } from "./tls-tunnel.ts";

/** PEM texts. `serverCertificate` may carry its chain, leaf first; each of `trustedCas` one certificate or several. */
export interface EapTlsMaterial {
  readonly serverCertificate: string;
  readonly serverKey: Secret;
  readonly passphrase?: Secret;
  readonly trustedCas: readonly string[];
  readonly resumption: ResumptionScope;
}

/** A checked context, ready to serve: one per organization, shared by its conversations. */
export interface EapTlsContext {
  /** For EAP-TLS. */
  readonly acceptTls: TlsServer;
  /** For EAP-TTLS: no certificate is asked for, and no session resumed. */
  readonly acceptTtls: TlsServer;
  /** At the end of a handshake of `acceptTls`. */
  judge(peer: PeerCertificate): CertificateJudgement;
  /** When the server certificate expires, epoch milliseconds. */
  readonly serverNotAfter: number;
  /** What it was made of: TLS cannot pass from one thread to another, so each makes its own. */
  readonly material: EapTlsMaterial;
}

export type EapTlsContextFault =
  | "serverCertificateUnreadable"
  | "serverCertificateExpired"
  | "serverCertificateNotYetValid"
  | "serverKeyUnopened"
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
export function createEapTlsContext(material: EapTlsMaterial, clock: () => number = Date.now): EapTlsContextResult {
  const now = clock();
  const chain = readPem(material.serverCertificate);
  if (chain === undefined) return refused("serverCertificateUnreadable", "The server certificate is not readable PEM.");
  const [leaf] = chain;
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
  return build({ chain, key, trusted }, material, clock);
}

interface Checked {
  /** Leaf first. */
  readonly chain: readonly [X509Certificate, ...X509Certificate[]];
  readonly key: KeyObject;
  readonly trusted: readonly X509Certificate[];
}

function build({ chain, key, trusted }: Checked, material: EapTlsMaterial, clock: () => number): EapTlsContextResult {
  const presented = { cert: pemOf(chain), key: key.export({ type: "pkcs8", format: "pem" }).toString() };
  try {
    const context = {
      acceptTls: createResumingServer(
        { ...presented, cert: pemOf(withIssuer(chain, trusted)) },
        trusted,
        material.resumption,
        clock,
      ),
      acceptTtls: createForgetfulServer(presented),
      judge: (peer: PeerCertificate) => judgeClientCertificate(peer, trusted, clock()),
      serverNotAfter: Date.parse(chain[0].validTo),
      material,
    };
    return { kind: "ready", context };
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    return refused("refusedByOpenssl", `OpenSSL refuses the certificate, key or authorities: ${said}.`);
  }
}

/**
 * Of a certificate that comes alone OpenSSL would look for the issuer among the trusted authorities, verify it and send it
 * along: anew for each client.
 */
function withIssuer(chain: Checked["chain"], trusted: Checked["trusted"]): readonly X509Certificate[] {
  const [leaf, ...others] = chain;
  if (others.length > 0) return chain;
  const issuer = trusted.find((authority) => leaf.checkIssued(authority) && leaf.verify(authority.publicKey));
  return issuer === undefined || issuer.fingerprint256 === leaf.fingerprint256 ? chain : [leaf, issuer];
}

const pemOf = (chain: readonly X509Certificate[]): string => chain.map(String).join("");

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The certificates of a PEM text, `undefined` when there is none or one is broken. */
function readPem(text: string): Checked["chain"] | undefined {
  const [first, ...others] = text.match(PEM_CERTIFICATE) ?? [];
  if (first === undefined) return undefined;
  try {
    return [new X509Certificate(first), ...others.map((block) => new X509Certificate(block))];
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
