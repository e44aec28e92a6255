/** What checking a CRL needs to know of a certificate, octet by octet: names are compared as they are encoded. */
import { context, DerError, elementsIn, expectElement, magnitudeOf, readElement, TAG, wholeOf } from "./der.ts";
import { readDistributionPoints, readExtensions } from "./extension.ts";
import type { Extension } from "./extension.ts";

/** RFC 5280 §4.1. */
export interface CertificateParts {
  /** Magnitude, without leading zeros. */
  readonly serial: Uint8Array;
  /** Distinguished names and subjectPublicKeyInfo, DER. */
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly isAuthority: boolean;
  /** RFC 5280 §6.3.3 (f): key usage, where it is said, includes cRLSign. */
  readonly maySignCrls: boolean;
  /** Its issuer says that it publishes a list: cRLDistributionPoints is there, wherever it may point. */
  readonly namesCrl: boolean;
  /** URIs of cRLDistributionPoints, of every scheme. */
  readonly crlUrls: readonly string[];
}

/** RFC 5280 §4.2.1.3, §4.2.1.9, §4.2.1.13. */
const OID = { keyUsage: "2.5.29.15", basicConstraints: "2.5.29.19", crlDistributionPoints: "2.5.29.31" } as const;
/** Bit 6 of KeyUsage, in its first octet. */
const CRL_SIGN = 0x02;

/** `undefined` when the bytes are no certificate. */
export function readCertificateParts(der: Uint8Array): CertificateParts | undefined {
  try {
    return read(der);
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}

function read(der: Uint8Array): CertificateParts {
  const certificate = expectElement(der, 0, der.length, TAG.sequence);
  const tbs = [...elementsIn(der, expectElement(der, certificate.content, certificate.end, TAG.sequence))];
  const [serial, , issuer, , subject, publicKey] = tbs[0]?.tag === context(0) ? tbs.slice(1) : tbs;
  if (serial === undefined || issuer === undefined || subject === undefined || publicKey === undefined)
    throw new DerError("a certificate without its fields");
  const wrapped = tbs.find(({ tag }) => tag === context(3));
  const extensions = wrapped === undefined ? [] : readExtensions(der, readElement(der, wrapped.content, wrapped.end));
  const valueOf = (oid: string): Uint8Array | undefined =>
    extensions.find((found: Extension) => found.oid === oid)?.value;
  const points = valueOf(OID.crlDistributionPoints);
  return {
    serial: magnitudeOf(der, serial),
    issuer: wholeOf(der, issuer),
    subject: wholeOf(der, subject),
    publicKey: wholeOf(der, publicKey),
    isAuthority: isAuthority(valueOf(OID.basicConstraints)),
    maySignCrls: maySignCrls(valueOf(OID.keyUsage)),
    namesCrl: points !== undefined,
    crlUrls: points === undefined ? [] : readDistributionPoints(points),
  };
}

function isAuthority(value: Uint8Array | undefined): boolean {
  if (value === undefined) return false;
  const [first] = elementsIn(value, expectElement(value, 0, value.length, TAG.sequence));
  return first?.tag === TAG.boolean && value[first.content] !== 0;
}

function maySignCrls(value: Uint8Array | undefined): boolean {
  if (value === undefined) return true;
  const bits = expectElement(value, 0, value.length, TAG.bitString);
  return bits.content + 1 < bits.end && (value[bits.content + 1]! & CRL_SIGN) !== 0;
}
