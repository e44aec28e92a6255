/** Who has signed a CRL: RFC 5280 §6.3.3 (f) and (g), for all who take one in or answer by it. */
import { constants, createHash, verify, X509Certificate } from "node:crypto";
import type { VerifyKeyObjectInput } from "node:crypto";
import { parseCrl, signatureAlgorithm } from "../domain/crl.ts";
import type { Crl, ParsedCrl } from "../domain/crl.ts";
import { elementsIn, isSame, readElement, readOid } from "../domain/der.ts";
import { MINUTE_MS } from "../domain/time.ts";
import { readCertificateParts } from "../domain/x509.ts";
import type { CertificateParts } from "../domain/x509.ts";

/** A certificate authority, as its lists and the certificates that it issued are compared with it. */
export interface CrlAuthority {
  readonly certificate: X509Certificate;
  readonly parts: CertificateParts;
}

/** A certificate in DER or PEM; `undefined` when it cannot be read. */
export function crlAuthority(text: Uint8Array | string): CrlAuthority | undefined {
  try {
    const certificate = new X509Certificate(text);
    const parts = readCertificateParts(certificate.raw);
    return parts && { certificate, parts };
  } catch {
    return undefined;
  }
}

/** The authorities of PEM texts, each of one certificate or several. */
export function readAuthorities(pems: readonly string[]): readonly CrlAuthority[] {
  const blocks = pems.flatMap((pem) => pem.match(PEM_CERTIFICATE) ?? []);
  return blocks.flatMap((block) => crlAuthority(block) ?? []);
}

/** Who may sign an organization's lists: the CAs that it trusts (PEM), and the authorities below them that clients showed (DER). */
export function signersOf(cacerts: readonly string[], intermediates: readonly Uint8Array[]) {
  return {
    trusted: readAuthorities(cacerts),
    intermediates: intermediates.flatMap((der) => crlAuthority(der) ?? []),
  };
}

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** By name and key: what makes two lists those of one issuer. */
export function authorityKey({ parts }: CrlAuthority): string {
  return createHash("sha256").update(parts.subject).update(parts.publicKey).digest("hex");
}

/** The authority among `authorities` that has signed the list; `undefined`: none of them. */
export function signerOf(crl: Crl, authorities: readonly CrlAuthority[]): CrlAuthority | undefined {
  return authorities.find(
    (authority) =>
      authority.parts.maySignCrls && isSame(authority.parts.subject, crl.issuer) && isSignedBy(crl, authority),
  );
}

/** Digests by object identifier: RFC 4055 §2.1, and those of the signature algorithms of RFC 4055 §5 and RFC 5758 §3.2. SHA-1 is no proof any more. */
const DIGESTS: Readonly<Record<string, string>> = {
  "2.16.840.1.101.3.4.2.1": "sha256",
  "2.16.840.1.101.3.4.2.2": "sha384",
  "2.16.840.1.101.3.4.2.3": "sha512",
  "1.2.840.113549.1.1.11": "sha256",
  "1.2.840.113549.1.1.12": "sha384",
  "1.2.840.113549.1.1.13": "sha512",
  "1.2.840.10045.4.3.2": "sha256",
  "1.2.840.10045.4.3.3": "sha384",
  "1.2.840.10045.4.3.4": "sha512",
};
const RSA_PSS = "1.2.840.113549.1.1.10";
/** RFC 8410 §3: Ed25519 and Ed448 have a digest of their own. */
const EDWARDS: ReadonlySet<string> = new Set(["1.3.101.112", "1.3.101.113"]);

function isSignedBy(crl: Crl, { certificate: { publicKey } }: CrlAuthority): boolean {
  try {
    const { oid, parameters } = signatureAlgorithm(crl);
    const key: VerifyKeyObjectInput =
      oid === RSA_PSS
        ? { key: publicKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_AUTO }
        : { key: publicKey };
    const digest = oid === RSA_PSS ? pssDigest(parameters) : DIGESTS[oid];
    return (digest !== undefined || EDWARDS.has(oid)) && verify(digest ?? null, crl.signed, key, crl.signature);
  } catch {
    // The key is of another kind than the algorithm, or the parameters are none of its.
    return false;
  }
}

/** RSASSA-PSS-params, RFC 4055 §3.1: hashAlgorithm comes first, in an explicit tag; without it, it is SHA-1. */
function pssDigest(parameters: Uint8Array): string | undefined {
  if (parameters.length === 0) return undefined;
  const first = readElement(parameters, 0, parameters.length);
  if (first.tag !== 0xa0) return undefined;
  const [id] = elementsIn(parameters, readElement(parameters, first.content, first.end));
  return id && DIGESTS[readOid(parameters, id)];
}

/** A list that may be kept, with who signed it. */
export type AcceptedCrl =
  | { readonly kind: "ok"; readonly crl: Crl; readonly signer: CrlAuthority }
  | { readonly kind: "refused"; readonly sentence: string };

/** Judges a file that is said to hold a list: it must be readable, current, and signed by one of the authorities. */
export function acceptCrl(file: Uint8Array, authorities: readonly CrlAuthority[], now: number): AcceptedCrl {
  const parsed = parseCrlFile(file);
  if (parsed.kind === "refused") return parsed;
  const { crl } = parsed;
  const refused = (sentence: string) => ({ kind: "refused", sentence }) as const;
  if (crl.nextUpdate < now) return refused(`The CRL should have been replaced by ${at(crl.nextUpdate)}.`);
  if (crl.thisUpdate > now + CLOCK_SKEW_MS) return refused(`The CRL is of the future: ${at(crl.thisUpdate)}.`);
  const signer = signerOf(crl, authorities);
  if (signer !== undefined) return { kind: "ok", crl, signer };
  return refused(
    "The CRL is signed by none of the CAs in mist_nac.cacerts, and by none that their clients have shown: one of these, with the key usage cRLSign and another algorithm than SHA-1, must have.",
  );
}

const CLOCK_SKEW_MS = 5 * MINUTE_MS;
const at = (instant: number): string => new Date(instant).toISOString();

const PEM_CRL = /-----BEGIN X509 CRL-----([A-Za-z0-9+/=\s]+)-----END X509 CRL-----/;

/** A file that holds a list, in DER or PEM. */
export function parseCrlFile(file: Uint8Array): ParsedCrl {
  const isDer = file[0] === 0x30;
  const [, base64] = isDer ? [] : (PEM_CRL.exec(Buffer.from(file).toString("latin1")) ?? []);
  if (!isDer && base64 === undefined)
    return { kind: "refused", sentence: "This is no CRL, neither in DER nor in PEM." };
  return parseCrl(base64 === undefined ? file : Buffer.from(base64, "base64"));
}
