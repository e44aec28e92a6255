/** Certificate revocation lists, RFC 5280 §5: what one says, and which are refused because they say what we do not understand. */
import {
  contentAt,
  contentOf,
  context,
  DerError,
  elementsIn,
  endAt,
  expectElement,
  hexOf,
  isSame,
  magnitudeOf,
  readElement,
  readOid,
  readTime,
  TAG,
  wholeOf,
} from "./der.ts";
import type { DerElement } from "./der.ts";
import { readExtensions, urisOf } from "./extension.ts";
import type { Extension } from "./extension.ts";

/** Octets of the largest list taken: some 400,000 revoked certificates. */
export const LARGEST_CRL = 16 * 1024 * 1024;

/** Which certificates of its issuer a list speaks of: all, or those that a critical extension names (RFC 5280 §5.2.5). */
export interface CrlScope {
  readonly only: "users" | "authorities" | undefined;
  /** Only certificates that name one of these as a distribution point; empty: whatever they name. */
  readonly distributionPoints: readonly string[];
}

export interface Crl {
  readonly der: Uint8Array;
  /** Distinguished name, DER. */
  readonly issuer: Uint8Array;
  /** CRL number as lower-case hexadecimal without leading zeros; lists made before X.509 version 2 have none. */
  readonly number: string | undefined;
  /** Epoch milliseconds. */
  readonly thisUpdate: number;
  readonly nextUpdate: number;
  readonly scope: CrlScope;
  /** Where in `der` the revoked certificates lie, one element each, and how many there are. */
  readonly entries: { readonly start: number; readonly end: number; readonly count: number };
  /** The octets that are signed, the AlgorithmIdentifier and the signature. */
  readonly signed: Uint8Array;
  readonly algorithm: Uint8Array;
  readonly signature: Uint8Array;
}

export type ParsedCrl =
  | { readonly kind: "crl"; readonly crl: Crl }
  | { readonly kind: "refused"; readonly sentence: string };

/** CRL extensions, RFC 5280 §5.2, and those of entries, §5.3. */
const OID = {
  number: "2.5.29.20",
  deltaIndicator: "2.5.29.27",
  issuingDistributionPoint: "2.5.29.28",
} as const;
const ENTRY_OIDS: ReadonlySet<string> = new Set(["2.5.29.21", "2.5.29.23", "2.5.29.24"]);

/** A list that cannot be used, though it is readable. */
class Unusable extends Error {}

/** Reads a list in DER. The signature is another's to judge. */
export function parseCrl(der: Uint8Array): ParsedCrl {
  if (der.length > LARGEST_CRL)
    return { kind: "refused", sentence: `The CRL has ${der.length} octets; ${LARGEST_CRL} is the most taken.` };
  try {
    return { kind: "crl", crl: read(der) };
  } catch (error) {
    if (error instanceof Unusable) return { kind: "refused", sentence: error.message };
    if (error instanceof DerError) return { kind: "refused", sentence: `This is no CRL in DER: ${error.message}.` };
    throw error;
  }
}

function read(der: Uint8Array): Crl {
  const list = expectElement(der, 0, der.length, TAG.sequence);
  if (list.end !== der.length) throw new DerError("something follows the list");
  const tbs = expectElement(der, list.content, list.end, TAG.sequence);
  const algorithm = expectElement(der, tbs.end, list.end, TAG.sequence);
  const signature = expectElement(der, algorithm.end, list.end, TAG.bitString);
  const fields = [...elementsIn(der, tbs)];
  const [inner, issuer, thisUpdate, nextUpdate, ...rest] = fields[0]?.tag === TAG.integer ? fields.slice(1) : fields;
  if (inner === undefined || issuer === undefined || thisUpdate === undefined) throw new DerError("fields are missing");
  // RFC 5280 §5.1.2.2: who could change the outer one could have another algorithm judge the signature.
  if (!isSame(wholeOf(der, inner), wholeOf(der, algorithm)))
    throw new Unusable("The CRL names two different signature algorithms.");
  // RFC 5280 §5.1.2.5 demands it, and a list that never goes stale would hide that its source is gone.
  if (nextUpdate?.tag !== TAG.utcTime && nextUpdate?.tag !== TAG.generalizedTime)
    throw new Unusable("The CRL does not say when the next one is due (nextUpdate).");
  const revoked = rest.find(({ tag }) => tag === TAG.sequence);
  const wrapped = rest.find(({ tag }) => tag === context(0));
  const extensions = wrapped === undefined ? [] : readExtensions(der, readElement(der, wrapped.content, wrapped.end));
  return {
    der,
    issuer: wholeOf(der, issuer),
    number: numberOf(extensions),
    thisUpdate: readTime(der, thisUpdate),
    nextUpdate: readTime(der, nextUpdate),
    scope: scopeOf(extensions),
    entries: revoked === undefined ? { start: 0, end: 0, count: 0 } : walkEntries(der, revoked),
    signed: wholeOf(der, tbs),
    algorithm: wholeOf(der, algorithm),
    // The first octet counts unused bits: signatures are whole octets.
    signature: der.subarray(signature.content + 1, signature.end),
  };
}

/** Each entry is serial, time and, seldom, extensions. One that means another than it says spoils the list (§5.3). */
function walkEntries(der: Uint8Array, revoked: DerElement): Crl["entries"] {
  let count = 0;
  for (let at = revoked.content; at < revoked.end; count++) {
    const end = endAt(der, at, revoked.end);
    const serial = contentAt(der, at, end);
    const time = endAt(der, serial, end);
    const extensions = endAt(der, time, end);
    const isTime = der[time] === TAG.utcTime || der[time] === TAG.generalizedTime;
    if (der[at] !== TAG.sequence || der[serial] !== TAG.integer || !isTime)
      throw new DerError(`no revoked certificate at ${at}`);
    if (extensions < end && isAnyCritical(der, extensions, end)) refuseStrange(der, extensions, end);
    at = end;
  }
  return { start: revoked.content, end: revoked.end, count };
}

/** Whether one of the `Extensions` at `at` has its critical flag. */
function isAnyCritical(der: Uint8Array, at: number, limit: number): boolean {
  const end = endAt(der, at, limit);
  for (let extension = contentAt(der, at, limit); extension < end;) {
    const next = endAt(der, extension, end);
    const flag = endAt(der, contentAt(der, extension, next), next);
    if (der[flag] === TAG.boolean) return true;
    extension = next;
  }
  return false;
}

function refuseStrange(der: Uint8Array, at: number, limit: number): void {
  const extensions = readExtensions(der, readElement(der, at, limit));
  const strange = extensions.find(({ oid, isCritical }) => isCritical && !ENTRY_OIDS.has(oid));
  if (strange) throw new Unusable(`An entry of the CRL has the critical extension ${strange.oid}, unknown here.`);
}

function numberOf(extensions: readonly Extension[]): string | undefined {
  const value = extensions.find(({ oid }) => oid === OID.number)?.value;
  return value && hexOf(magnitudeOf(value, expectElement(value, 0, value.length, TAG.integer)));
}

function scopeOf(extensions: readonly Extension[]): CrlScope {
  if (extensions.some(({ oid }) => oid === OID.deltaIndicator))
    throw new Unusable("This is a delta CRL, which tells changes only: give the complete CRL.");
  const strange = extensions.find(({ oid, isCritical }) => isCritical && oid !== OID.issuingDistributionPoint);
  // RFC 5280 §5.2: a list with a critical extension that is not understood must not be used to find a certificate good.
  if (strange !== undefined) throw new Unusable(`The CRL has the critical extension ${strange.oid}, unknown here.`);
  const point = extensions.find(({ oid }) => oid === OID.issuingDistributionPoint)?.value;
  return point === undefined ? { only: undefined, distributionPoints: [] } : readScope(point);
}

/** IMPLICIT tags of IssuingDistributionPoint, RFC 5280 §5.2.5. */
const SCOPE = { point: 0xa0, users: 0x81, authorities: 0x82, reasons: 0x83, indirect: 0x84, attributes: 0x85 } as const;

function readScope(value: Uint8Array): CrlScope {
  const parts = [...elementsIn(value, expectElement(value, 0, value.length, TAG.sequence))];
  const isSet = (wanted: number): boolean => parts.some(({ tag, content }) => tag === wanted && value[content] !== 0);
  if (isSet(SCOPE.indirect)) throw new Unusable("This is an indirect CRL, which revokes what others have issued.");
  if (parts.some(({ tag }) => tag === SCOPE.reasons))
    throw new Unusable("The CRL tells of some reasons for revocation only.");
  if (isSet(SCOPE.attributes)) throw new Unusable("The CRL is about attribute certificates.");
  const point = parts.find(({ tag }) => tag === SCOPE.point);
  const distributionPoints = point === undefined ? [] : urisOf(value, point);
  // One part of several: taken for the whole, it would find the certificates of the other parts good.
  if (point !== undefined && distributionPoints.length === 0)
    throw new Unusable("The CRL is a part that is named not by URI but otherwise: give the complete CRL.");
  return {
    only: isSet(SCOPE.users) ? "users" : isSet(SCOPE.authorities) ? "authorities" : undefined,
    distributionPoints,
  };
}

/** One text for one scope: of one issuer's lists, those of the same scope replace each other. */
export function scopeKey({ only, distributionPoints }: CrlScope): string {
  return [only ?? "", ...distributionPoints.toSorted()].join(" ").trim();
}

/** The algorithm's object identifier and, DER, its parameters. */
export function signatureAlgorithm({ algorithm }: Crl): { readonly oid: string; readonly parameters: Uint8Array } {
  const [id, parameters] = elementsIn(algorithm, expectElement(algorithm, 0, algorithm.length, TAG.sequence));
  if (id === undefined) throw new DerError("a signature algorithm without a name");
  const none = new Uint8Array(0);
  return { oid: readOid(algorithm, id), parameters: parameters ? contentOf(algorithm, parameters) : none };
}

/** Whether `next` may take the place of `held`: a list never gives way to an older one (RFC 5280 §5.2.3). */
export function isNewer(next: Pick<Crl, "number" | "thisUpdate">, held: Pick<Crl, "number" | "thisUpdate">): boolean {
  if (next.number === undefined || held.number === undefined) return next.thisUpdate > held.thisUpdate;
  const order = Number(BigInt(`0x${next.number}`) - BigInt(`0x${held.number}`));
  return order === 0 ? next.thisUpdate > held.thisUpdate : order > 0;
}
