import type { LocalUserId, OrganizationId } from "./identifiers.ts";
import type { Secret } from "./secret.ts";

/** A person or machine whom the organization itself knows by a password, for EAP-TTLS. */
export interface LocalUser {
  readonly id: LocalUserId;
  readonly organizationId: OrganizationId;
  /** As given; two names are one where their `userNameKey`s are. */
  readonly name: string;
  /** Self-describing (runtime/password-hash.ts). Worth guessing at, so handled as the password itself is. */
  readonly passwordHash: Secret;
  /** What rules know the user by: labels of kind `idp_role` match any of these. */
  readonly labels: readonly string[];
}

/** A User-Name fits into one RADIUS attribute (RFC 2865 §5.1). */
export const USER_NAME_OCTETS = 253;

/**
 * What makes two names one: case and Unicode composition do not count (RFC 8265 §3.3, UsernameCaseMapped), as in the
 * directories that these users stand beside.
 */
export function userNameKey(name: string): string {
  return name.normalize("NFC").toLowerCase();
}

/** What is wrong with the name of a new user, if anything. */
export function userNameFault(name: string): string | undefined {
  if (name.trim() !== name || name === "") return "a user name neither is empty nor begins or ends with a space";
  if (/[\p{Cc}\p{Cs}]/u.test(name)) return "a user name has no control characters";
  // Octets, not characters: percent-encoding makes one "%XX" of each octet outside ASCII.
  const octets = encodeURIComponent(name).replaceAll(/%[0-9A-F]{2}/g, "x").length;
  return octets <= USER_NAME_OCTETS ? undefined : `a user name has at most ${USER_NAME_OCTETS} octets`;
}
