import "reflect-metadata";
import type { X509Certificate as TrustedCertificate } from "node:crypto";
import { SubjectAlternativeNameExtension, X509Certificate } from "@peculiar/x509";
import type { RadsecIdentity } from "../../domain/nas.ts";
import { readCertificate } from "../eap/certificate.ts";

/**
 * Whether the certificate's issuer only bears the name of one of our authorities: TLS is content with any of them, so one
 * could name an authority below itself like another, and issue in that one's name. `authorities`: those that TLS trusts.
 */
export function isOfNamesake(certificate: TrustedCertificate, authorities: readonly TrustedCertificate[]): boolean {
  const issuer = readCertificate(certificate.raw)?.issuer;
  const namesakes = authorities.filter(({ raw }) => readCertificate(raw)?.subject === issuer);
  return namesakes.length > 0 && !namesakes.some(({ publicKey }) => certificate.verify(publicKey));
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
