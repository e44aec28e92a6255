/** Whether certificates were taken back: our own check, since OpenSSL's wants a list for every authority or for none. */
import { createHash } from "node:crypto";
import type { X509Certificate } from "node:crypto";
import { parseCrl } from "../../domain/crl.ts";
import type { Crl } from "../../domain/crl.ts";
import { indexCrl } from "../../domain/crl-index.ts";
import type { CrlIndex } from "../../domain/crl-index.ts";
import { isSame } from "../../domain/der.ts";
import type { CertificateParts } from "../../domain/x509.ts";
import { crlAuthority, signerOf, signersOf } from "../../runtime/crl-signature.ts";
import type { CrlAuthority } from "../../runtime/crl-signature.ts";
import type { ShownChain } from "../eap/method.ts";
import { createLastUsed } from "../last-used.ts";
import type { LastUsed } from "../last-used.ts";
import type { RevocationMaterial } from "../../store/revocation.ts";

/** Lists whose signature was found good, and the authorities by which a chain is followed. */
export interface RevocationLists {
  readonly trusted: readonly CrlAuthority[];
  readonly intermediates: readonly CrlAuthority[];
  readonly lists: readonly RevocationList[];
  /** Certificates whose issuer was found, by their SHA-256. */
  readonly links: LastUsed<ChainLink>;
}

const REMEMBERED_LINKS = 4_096;

interface RevocationList {
  readonly crl: Crl;
  readonly index: CrlIndex;
  readonly signer: CrlAuthority;
}

/** Reads, verifies and indexes: a list that none of the authorities has signed counts for nothing. `cacerts` are PEM. */
export function readLists(cacerts: readonly string[], material: RevocationMaterial): RevocationLists {
  const { trusted, intermediates } = signersOf(cacerts, material.intermediates);
  const lists = material.crls.flatMap((der) => {
    const parsed = parseCrl(der);
    const signer = parsed.kind === "crl" ? signerOf(parsed.crl, [...trusted, ...intermediates]) : undefined;
    return parsed.kind === "crl" && signer ? [{ crl: parsed.crl, index: indexCrl(parsed.crl), signer }] : [];
  });
  return { trusted, intermediates, lists, links: createLastUsed(REMEMBERED_LINKS) };
}

/** What the lists say of a chain. Sentences are for an operator. */
export type ChainStatus =
  | { readonly kind: "good" }
  | { readonly kind: "revoked"; readonly sentence: string }
  /** Nothing current tells; behaviour 8.5 says what then. */
  | { readonly kind: "unknown"; readonly sentence: string };

/** Longer chains do not occur; certificates that sign each other would have no end. */
export const LONGEST = 8;

/**
 * Asks of every certificate from the client's up to the last authority that is known. Above the first that the organization
 * trusts, only a revocation counts: trust was given there, whatever lists there are.
 */
export function chainStatus(held: RevocationLists, shown: ShownChain, now: number): ChainStatus {
  const sent = (): readonly CrlAuthority[] => shown.intermediates.flatMap((der) => crlAuthority(der) ?? []);
  let der = shown.certificate;
  let isTrusted = false;
  let unknown: string | undefined;
  for (let depth = 0; depth < LONGEST; depth++) {
    const { subject, issuer } = linkOf(held, der, sent);
    if (subject === undefined) return { kind: "unknown", sentence: UNREADABLE };
    const lists = issuer === undefined ? [] : listsFor(held, subject.parts, issuer);
    const revoked = revocationIn(lists, subject, depth === 0);
    if (revoked !== undefined) return { kind: "revoked", sentence: revoked };
    if (!isTrusted) unknown ??= lackOf(lists, subject, now);
    if (issuer === undefined) break;
    isTrusted ||= held.trusted.includes(issuer);
    der = issuer.certificate.raw;
  }
  // Where no list is held, and no certificate says that there is one, nobody expects any.
  if (!isTrusted && held.lists.length > 0) unknown ??= BROKEN_CHAIN;
  return unknown === undefined ? { kind: "good" } : { kind: "unknown", sentence: unknown };
}

/** OpenSSL has read it, in full or in the handshake that is resumed; we have not. */
const UNREADABLE = "The client's certificate is not readable here, so it was not checked for revocation.";

/** A resumed session brings the client's own certificate alone. */
const BROKEN_CHAIN =
  "The authorities between the client's certificate and a trusted one are not known here, so they were not checked for revocation.";

/** A certificate, and who issued it where that is known; who issued itself ends the chain. */
interface ChainLink {
  readonly subject: CrlAuthority | undefined;
  readonly issuer: CrlAuthority | undefined;
}

/** Devices come back all day, and to read and verify a certificate takes a fifth of a millisecond. */
export function linkOf(held: RevocationLists, der: Uint8Array, sent: () => readonly CrlAuthority[]): ChainLink {
  const key = createHash("sha256").update(der).digest("base64");
  const found = held.links.get(key);
  if (found !== undefined) return found;
  const subject = crlAuthority(der);
  if (subject === undefined || isSame(subject.parts.subject, subject.parts.issuer))
    return { subject, issuer: undefined };
  const issuer = issuerOf(subject, [...held.trusted, ...held.intermediates]);
  // What clients sent is theirs alone until it is held.
  if (issuer === undefined) return { subject, issuer: issuerOf(subject, sent()) };
  held.links.set(key, { subject, issuer });
  return { subject, issuer };
}

/** By name and by signature: an authority may have namesakes, and its own former keys. */
function issuerOf(subject: CrlAuthority, known: readonly CrlAuthority[]): CrlAuthority | undefined {
  return known.find(
    ({ parts, certificate: { publicKey } }) =>
      isSame(parts.subject, subject.parts.issuer) && subject.certificate.verify(publicKey),
  );
}

/**
 * What was shown, less what does not stand between the client's certificate and a trusted one: a client may send anything
 * beside its chain, and what it sends would be noted as an authority of the organization.
 */
export function vouchedChain(held: RevocationLists, shown: ShownChain): ShownChain {
  // Many clients send their root along, and to read a certificate takes as long as to verify one.
  const untrusted = shown.intermediates.filter((der) => !held.trusted.some((one) => isSame(one.certificate.raw, der)));
  if (untrusted.length === 0) return { ...shown, intermediates: [] };
  const sent = (): readonly CrlAuthority[] =>
    untrusted.flatMap((der) => crlAuthority(der) ?? []).filter(({ parts }) => parts.isAuthority);
  const intermediates: Uint8Array[] = [];
  let der = shown.certificate;
  while (intermediates.length < LONGEST) {
    const { issuer } = linkOf(held, der, sent);
    if (issuer === undefined) break;
    if (held.trusted.includes(issuer)) return { ...shown, intermediates };
    der = issuer.certificate.raw;
    intermediates.push(der);
  }
  return { ...shown, intermediates: [] };
}

function listsFor({ lists }: RevocationLists, subject: CertificateParts, issuer: CrlAuthority): RevocationList[] {
  return lists.filter(
    ({ crl, signer }) =>
      isSame(crl.issuer, issuer.parts.subject) &&
      isSame(signer.parts.publicKey, issuer.parts.publicKey) &&
      covers(crl, subject),
  );
}

/** RFC 5280 §6.3.3 (b): whether the list speaks of certificates like this one. */
function covers({ scope: { only, distributionPoints } }: Crl, subject: CertificateParts): boolean {
  if (only !== undefined && (only === "authorities") !== subject.isAuthority) return false;
  return distributionPoints.length === 0 || distributionPoints.some((point) => subject.crlUrls.includes(point));
}

/** A list that has gone stale still says whom it revoked. */
function revocationIn(
  lists: readonly RevocationList[],
  { certificate, parts }: CrlAuthority,
  isClient: boolean,
): string | undefined {
  const found = lists.map(({ index }) => index.find(parts.serial)).find((revocation) => revocation !== undefined);
  if (found === undefined) return undefined;
  const what = isClient ? "The client's certificate" : `The authority "${nameOf(certificate)}" in the client's chain`;
  const when = found.at === undefined ? "" : ` on ${new Date(found.at).toISOString()}`;
  const why = found.reason === undefined ? "" : `: ${found.reason}`;
  const serial = certificate.serialNumber.toLowerCase();
  return `${what} (serial ${serial}) was revoked by "${issuerNameOf(certificate)}"${when}${why}.`;
}

/** Why no list tells that the certificate is still good; `undefined` where one does, or where its issuer publishes none. */
function lackOf(
  lists: readonly RevocationList[],
  { certificate, parts }: CrlAuthority,
  now: number,
): string | undefined {
  const latest = Math.max(...lists.map(({ crl }) => crl.nextUpdate));
  if (latest >= now) return undefined;
  const name = issuerNameOf(certificate);
  if (lists.length > 0) return `The CRL of "${name}" should have been replaced by ${new Date(latest).toISOString()}.`;
  if (!parts.namesCrl) return undefined;
  if (parts.crlUrls.some(isFetchable)) return `No CRL of "${name}" is held yet.`;
  return `No CRL of "${name}" is held, and the certificate names none to be fetched by http or https: upload it, or set mist_nac.crl.urls.`;
}

/** Distribution points that are fetched: not LDAP's. */
export const isFetchable = (url: string): boolean => /^https?:\/\//i.test(url);

export const nameOf = ({ subject }: X509Certificate): string => subject.replaceAll("\n", ", ");
const issuerNameOf = ({ issuer }: X509Certificate): string => issuer.replaceAll("\n", ", ");
