import "reflect-metadata";
import { createHash } from "node:crypto";
import type { KeyObject, X509Certificate as TrustedCertificate } from "node:crypto";
import { SubjectAlternativeNameExtension, X509Certificate } from "@peculiar/x509";
import type { RadsecIdentity, RadsecRegistration } from "../../domain/nas.ts";
import { readCertificate } from "../eap/certificate.ts";

/** The authority that signed a certificate. */
export interface RadsecIssuer {
  /** SHA-256 of its subjectPublicKeyInfo, lower-case hexadecimal; `undefined`: the certificate that tells its key was not shown. */
  readonly key: string | undefined;
  /** Whether nobody else can issue under its name. */
  readonly isAloneByName: boolean;
}

/** An authority by what tells it from others. */
export interface RadsecAuthority {
  readonly subject: string;
  readonly publicKey: KeyObject;
  readonly certificate: TrustedCertificate;
  /** As `RadsecIssuer.key`. */
  readonly key: string;
}

/** `undefined`: a certificate with a key that nothing can be verified by. */
export function radsecAuthority(certificate: TrustedCertificate): RadsecAuthority | undefined {
  const subject = readCertificate(certificate.raw)?.subject;
  if (subject === undefined) return undefined;
  try {
    const { publicKey } = certificate;
    const spki = publicKey.export({ type: "spki", format: "der" });
    return { subject, publicKey, certificate, key: createHash("sha256").update(spki).digest("hex") };
  } catch {
    return undefined;
  }
}

/**
 * Finds by signature who signed a certificate whose chain TLS has verified: TLS is content with any authority, and every one of
 * them can name those below it as it likes. `authorities`: those that TLS trusts.
 */
export function radsecIssuer(certificate: TrustedCertificate, authorities: readonly RadsecAuthority[]): RadsecIssuer {
  const name = readCertificate(certificate.raw)?.issuer;
  const { issuerCertificate } = certificate; // as the peer sent it
  const shown = issuerCertificate && radsecAuthority(issuerCertificate);
  const ofName = (some: readonly RadsecAuthority[]) => some.filter(({ subject }) => subject === name);
  const key = ofName(shown === undefined ? authorities : [...authorities, shown]).find(({ publicKey }) =>
    certificate.verify(publicKey),
  )?.key;
  const namesakes = keysOf(ofName(authorities));
  // A name that none of ours bears was given by one of them, and says which only where there is one.
  const isAloneByName =
    namesakes.size === 0
      ? keysOf(rootsOf(authorities)).size === 1
      : namesakes.size === 1 && key !== undefined && namesakes.has(key);
  return { key, isAloneByName };
}

/** Whether the certificate is of the issuer that the NAS is registered under. */
export function isIssuerOf({ issuerKeys = [] }: RadsecRegistration, { key, isAloneByName }: RadsecIssuer): boolean {
  return issuerKeys.length === 0 ? isAloneByName : key !== undefined && issuerKeys.includes(key);
}

/** Those that stand below no other of them. */
function rootsOf(authorities: readonly RadsecAuthority[]): readonly RadsecAuthority[] {
  return authorities.filter(
    (one) => !authorities.some((other) => other.key !== one.key && one.certificate.verify(other.publicKey)),
  );
}

function keysOf(authorities: readonly RadsecAuthority[]): ReadonlySet<string> {
  return new Set(authorities.map(({ key }) => key));
}

/**
 * What a certificate says of its NAS: its issuer with each dNSName, URI and iPAddress (RFC 6614 §2.3). Empty when the
 * DER is none that we can read whole.
 */
export function radsecIdentities(der: Buffer): readonly RadsecIdentity[] {
  const certificate = readCertificate(der);
  if (certificate === undefined) return [];
  const { issuer, sanDns, sanUri } = certificate;
  return [...sanDns, ...sanUri, ...addressesOf(der)].map((san) => ({ issuer, san }));
}

function addressesOf(der: Buffer): readonly string[] {
  const names = new X509Certificate(der).getExtension(SubjectAlternativeNameExtension)?.names.items ?? [];
  return names.filter(({ type }) => type === "ip").map(({ value }) => value);
}
