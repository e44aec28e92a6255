import type { DirectoryId, OrganizationId } from "./identifiers.ts";
import type { Secret, UnopenedSecret } from "./secret.ts";

/** Whom a directory is of: Mist's `ldap_type`. It chooses the filter that users are found by, unless one is given. */
export const DIRECTORY_TYPES = ["azure", "custom", "okta", "ping_identity"] as const;
export type DirectoryType = (typeof DIRECTORY_TYPES)[number];

/** What a client gets while no server of the directory answers; never an accept (behaviour 8.4). */
export const DOWN_ANSWERS = ["reject", "silence"] as const;
export type DownAnswer = (typeof DOWN_ANSWERS)[number];

/** An LDAP directory that judges passwords: Mist's sso with `idp_type` `ldap`. */
export interface Directory {
  readonly id: DirectoryId;
  readonly organizationId: OrganizationId;
  readonly name: string;
  readonly type: DirectoryType;
  /** Asked in this order; each as `parseDirectoryHost` takes it. */
  readonly hosts: readonly string[];
  /** Where users are looked for, with everything below. */
  readonly baseDn: string;
  /** Who looks for them. */
  readonly bindDn: string;
  /** Unopened, the directory cannot be asked. */
  readonly bindPassword: Secret | UnopenedSecret;
  /** RFC 4515, with `%s` where the user's name goes. */
  readonly userFilter: string;
  /** The attribute of a user's entry that names the groups. */
  readonly groupAttribute: string;
  /** PEM; none: the authorities that Node trusts. */
  readonly cacerts: readonly string[];
  readonly whenDown: DownAnswer;
}

/** A server of a directory. There is no way without TLS: passwords travel on it. */
export interface DirectoryHost {
  /** Without brackets, where it is an IPv6 address. */
  readonly host: string;
  readonly port: number;
  /** From the first octet (`ldaps`), or by StartTLS (RFC 4511 §4.14) before anything is said. */
  readonly tls: "ldaps" | "starttls";
}

const LDAP_PORT = 389;
const LDAPS_PORT = 636; // IANA

/**
 * `dc.example`, `dc.example:3269` and `ldaps://…` speak TLS at once; `ldap://…`, and port 389 without a scheme, by
 * StartTLS. `undefined`: not the address of a server.
 */
export function parseDirectoryHost(text: string): DirectoryHost | undefined {
  const given = /^[0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:.]*$/i.test(text) ? `[${text}]` : text;
  const match = /^(?:(ldaps?):\/\/)?(?:\[([0-9a-f:.]+)\]|([a-z0-9_](?:[a-z0-9._-]*)))(?::(\d{1,5}))?\/?$/i.exec(given);
  if (match === null) return undefined;
  const [, scheme, ipv6, name, digits] = match;
  const tls =
    (scheme?.toLowerCase() ?? (digits === String(LDAP_PORT) ? "ldap" : "ldaps")) === "ldap" ? "starttls" : "ldaps";
  const port = digits === undefined ? (tls === "starttls" ? LDAP_PORT : LDAPS_PORT) : Number(digits);
  const host = ipv6 ?? name;
  return host === undefined || port < 1 || port > 65_535 ? undefined : { host, port, tls };
}

/** The attributes that these directories know a user's login name by. */
export const USER_FILTERS: Readonly<Record<Exclude<DirectoryType, "custom">, string>> = {
  azure: "(|(userPrincipalName=%s)(sAMAccountName=%s))",
  okta: "(|(uid=%s)(mail=%s))",
  ping_identity: "(|(uid=%s)(mail=%s))",
};

/** Active Directory, its copies, and OpenLDAP's overlay name groups here. */
export const DEFAULT_GROUP_ATTRIBUTE = "memberOf";

/** What is wrong with a filter that users are found by, if anything. */
export function userFilterFault(filter: string): string | undefined {
  if (!filter.includes("%s")) return `the filter ${filter} has no %s where the user's name goes: it would find anybody`;
  let depth = 0;
  const closings = Array.from(filter, (char) => (depth += Number(char === "(") - Number(char === ")")));
  // One filter in one pair of parentheses: what opens first closes last.
  return closings.indexOf(0) === closings.length - 1 && filter.startsWith("(")
    ? undefined
    : `the filter ${filter} is not in one pair of balanced parentheses (RFC 4515)`;
}
