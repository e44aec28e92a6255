import "reflect-metadata";
import { SubjectAlternativeNameExtension, X509Certificate } from "@peculiar/x509";
import type { RadsecIdentity } from "../../domain/nas.ts";
import { readCertificate } from "../eap/certificate.ts";

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
