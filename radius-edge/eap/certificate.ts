import "reflect-metadata";
import { createHash } from "node:crypto";
import {
  ExtendedKeyUsageExtension,
  type Name,
  SubjectAlternativeNameExtension,
  X509Certificate,
  type GeneralNameType,
} from "@peculiar/x509";
import type { CertificateEvidence } from "../../domain/certificate.ts";

/** Reading takes about a millisecond and devices come back all day: as many are remembered as a busy edge sees at once. */
const REMEMBERED = 4_096;
/** Certificates of devices have one or two KB. Clients that nobody trusts may send what they like, up to some 64 KB. */
const LARGEST_OCTETS = 16_384;
/** Least recently used first: a Map keeps insertion order, and each hit is put in anew. */
const remembered = new Map<string, CertificateEvidence>();

/**
 * Reads a certificate's DER. Names come from the DER itself: Node's `subjectAltName` is a display string, and a name
 * that contains a comma would forge another when that is split.
 * `undefined` when the DER is not a certificate that we can read whole, or larger than any.
 */
export function readCertificate(der: Buffer): CertificateEvidence | undefined {
  if (der.length > LARGEST_OCTETS) return undefined;
  const fingerprint = createHash("sha256").update(der).digest("hex");
  const known = remembered.get(fingerprint) ?? parse(der, fingerprint);
  if (known === undefined) return undefined;
  remembered.delete(fingerprint);
  remembered.set(fingerprint, known);
  if (remembered.size > REMEMBERED) remembered.delete(remembered.keys().next().value!);
  return known;
}

function parse(der: Buffer, fingerprint: string): CertificateEvidence | undefined {
  try {
    const certificate = new X509Certificate(der);
    const names = certificate.getExtension(SubjectAlternativeNameExtension)?.names.items ?? [];
    const named = (type: GeneralNameType): string[] => names.filter((n) => n.type === type).map((n) => n.value);
    return {
      subject: distinguishedName(certificate.subjectName),
      issuer: distinguishedName(certificate.issuerName),
      // RFC 4514 §2: the last is the most specific.
      commonName: certificate.subjectName.getField("CN").at(-1),
      serial: certificate.serialNumber.toLowerCase().replace(/^(?:00)+(?=.)/, ""),
      sanDns: named("dns"),
      sanUri: named("url"),
      sanEmail: named("email"),
      sanUpn: named("upn"),
      extendedKeyUsage: certificate.getExtension(ExtendedKeyUsageExtension)?.usages.map(String) ?? [],
      notBefore: certificate.notBefore.getTime(),
      notAfter: certificate.notAfter.getTime(),
      fingerprint,
    };
  } catch {
    return undefined;
  }
}

/** RFC 4514 §2.1: the sequence is written from its end. */
function distinguishedName(name: Name): string {
  return name
    .toJSON()
    .toReversed()
    .map((rdn) =>
      Object.entries(rdn)
        .flatMap(([type, values]) => values.map((value) => `${type}=${escape(value)}`))
        .join("+"),
    )
    .join(",");
}

/** RFC 4514 §2.4. */
function escape(value: string): string {
  return value
    .replace(/[\\"+,;<>]/g, "\\$&")
    .replace(/^[ #]/, "\\$&")
    .replace(/ $/, "\\ ")
    .replaceAll("\0", "\\00");
}
