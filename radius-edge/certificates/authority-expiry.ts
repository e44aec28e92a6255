import { isSame } from "../../domain/der.ts";
import type { CrlAuthority } from "../../runtime/crl-signature.ts";
import { linkOf, LONGEST, nameOf } from "./revocation.ts";
import type { RevocationLists } from "./revocation.ts";

/**
 * Why a session is not resumed: OpenSSL judges no authority's time then, and one between the client's certificate and a
 * trusted one, or that one itself, has run out of it. `undefined` where a chain in time is known, or none to a trusted one.
 */
export function ranOut(held: RevocationLists, certificate: Uint8Array, now: number): string | undefined {
  const authority = endedAbove(held, certificate, now, LONGEST);
  if (authority === undefined) return undefined;
  const [name, end] = [nameOf(authority.certificate), new Date(endOf(authority)).toISOString()];
  return `The authority "${name}" in the chain of the client's certificate expired on ${end}.`;
}

function endedAbove(held: RevocationLists, der: Uint8Array, now: number, most: number): CrlAuthority | undefined {
  const { issuer } = linkOf(held, der, () => []);
  if (issuer === undefined || most === 0) return undefined;
  let ended: CrlAuthority | undefined;
  // An authority may have been renewed under its old key, or certified by a second root: one chain in time will do.
  for (const one of [...held.trusted, ...held.intermediates].filter((other) => isSameAuthority(other, issuer))) {
    const isIn = now <= endOf(one);
    if (isIn && held.trusted.includes(one)) return undefined;
    const first = isIn ? endedAbove(held, one.certificate.raw, now, most - 1) : one;
    if (first === undefined) return undefined;
    ended ??= first;
  }
  return ended;
}

const isSameAuthority = (a: CrlAuthority, b: CrlAuthority): boolean =>
  isSame(a.parts.subject, b.parts.subject) && isSame(a.parts.publicKey, b.parts.publicKey);

/** Epoch milliseconds. */
const endOf = ({ certificate }: CrlAuthority): number => Date.parse(certificate.validTo);
