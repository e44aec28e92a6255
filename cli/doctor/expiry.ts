import { X509Certificate } from "node:crypto";
import { DAY_MS } from "../../domain/time.ts";
import { fault, good, warning } from "./finding.ts";
import type { Finding } from "./finding.ts";

/** What to do about a certificate, which depends on where it is kept and who reads it. */
export interface Renewal {
  readonly unreadable: string;
  readonly expired: string;
  /** It will expire soon. */
  readonly ageing: string;
}

/** Time to have a certificate renewed, and clients told of another authority. */
const NOTICE_DAYS = 30;
const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The certificates in a PEM text, in their order. */
export function certificatesIn(pem: string): readonly string[] {
  return pem.match(PEM_CERTIFICATE) ?? [];
}

/** `undefined`: it is none. */
export function readCertificate(pem: string | undefined): X509Certificate | undefined {
  try {
    return pem === undefined ? undefined : new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

/** The certificates of a PEM text, one by one; `what` is the first, and the others are behind it. */
export function examineChain(what: string, pem: string, renewal: Renewal): readonly Finding[] {
  const [first, ...others] = certificatesIn(pem);
  return [
    examineExpiry(what, first, renewal),
    ...others.map((each, n) => examineExpiry(`${what}, number ${n + 2} of its chain`, each, renewal)),
  ];
}

/** Whether a certificate can be read, and is good now and for some time. */
export function examineExpiry(what: string, pem: string | undefined, renewal: Renewal): Finding {
  const certificate = readCertificate(pem);
  if (certificate === undefined) return fault(`${what} is not readable`, renewal.unreadable);
  const { subject, validFrom, validTo } = certificate;
  const text = `${what} (${subject.replaceAll("\n", ", ")})`;
  if (Date.parse(validFrom) > Date.now())
    return fault(
      `${text} is not good before ${validFrom}`,
      "set this machine's clock if it is behind, or wait until then",
    );
  const days = Math.floor((Date.parse(validTo) - Date.now()) / DAY_MS);
  if (days < 0) return fault(`${text} expired on ${validTo}`, renewal.expired);
  const left = `${text} is good for ${days} days`;
  return days < NOTICE_DAYS ? warning(left, renewal.ageing) : good(left);
}
