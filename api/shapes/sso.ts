import type { Static } from "typebox";
import { DEFAULT_GROUP_ATTRIBUTE, parseDirectoryHost, USER_FILTERS, userFilterFault } from "../../domain/directory.ts";
import type { DirectoryId } from "../../domain/identifiers.ts";
import type { DirectoryDraft, DirectoryView } from "../../store/directories.ts";
import { SsoChange } from "../schemas/sso.ts";
import type { Sso, SsoFields } from "../schemas/sso.ts";
import { caFault } from "./certificates.ts";
import { parsed } from "./parsed.ts";
import type { Parsed } from "./parsed.ts";
import { present, seconds } from "./present.ts";

const REQUIRED = ["name", "ldap_server_hosts", "ldap_base_dn", "ldap_bind_dn"] as const;

/** ldapts takes a bind name that is one of these for a SASL mechanism (RFC 4513 §5.2). */
const MECHANISMS: ReadonlySet<string> = new Set(["EXTERNAL", "PLAIN", "DIGEST-MD5", "SCRAM-SHA-1"]);

/** Reads a whole sso, less its bind password. */
export function directoryDraft(fields: SsoFields): Parsed<Omit<DirectoryDraft, "bindPassword">> {
  const { idp_type: kind = "", ldap_type: type = "azure" } = fields;
  if (kind !== "ldap") {
    const sentence = `idp_type "${kind}" is not served: users are looked up in directories by LDAP, idp_type "ldap"`;
    return parsed<never>(undefined as never, [sentence]);
  }
  const { name = "", ldap_server_hosts: hosts = [], ldap_base_dn: baseDn = "", ldap_bind_dn: bindDn = "" } = fields;
  const { ldap_cacerts: cacerts = [], ldap_group_attr: groupAttribute = DEFAULT_GROUP_ATTRIBUTE } = fields;
  const userFilter = fields.ldap_user_filter ?? (type === "custom" ? undefined : USER_FILTERS[type]);
  const { unavailable_answer: whenDown = "reject" } = fields;
  const draft = { name, type, hosts, baseDn, bindDn, userFilter: userFilter ?? "", groupAttribute, cacerts, whenDown };
  return parsed(draft, [
    ...REQUIRED.map((field) => (fields[field] === undefined ? `field "${field}" is required` : undefined)),
    ...Object.keys(fields).map(unknownFieldFault),
    ...hosts.map((host) =>
      parseDirectoryHost(host) === undefined ? `"${host}" is no server: host, host:port, or ldap://host` : undefined,
    ),
    MECHANISMS.has(bindDn) ? `ldap_bind_dn "${bindDn}" is no distinguished name` : undefined,
    userFilter === undefined ? "ldap_type custom needs ldap_user_filter" : userFilterFault(userFilter),
    ...cacerts.map((pem, position) => caFault(pem, `ldap_cacerts[${position}]`)),
  ]);
}

/** Fields of Mist's that would change who gets in or which groups are seen: none may be thought to be in force. */
const UNSERVED: ReadonlySet<string> = new Set([
  "ldap_client_cert",
  "ldap_client_key",
  "ldap_group_dn",
  "ldap_resolve_groups",
  "group_filter",
  "member_filter",
]);

function unknownFieldFault(field: string): string | undefined {
  if (Object.hasOwn(SsoChange.properties, field)) return undefined;
  return UNSERVED.has(field)
    ? `${field} has no effect here: leave it out; groups come from ldap_group_attr of the user's entry`
    : `unknown field "${field}"`;
}

/** `unopened`: why the bind password does not open, of the directories where it does not. */
export function ssoAnswer(
  directory: DirectoryView,
  unopened: ReadonlyMap<DirectoryId, string> = new Map(),
): Static<typeof Sso> {
  return present({
    id: directory.id,
    org_id: directory.organizationId,
    name: directory.name,
    idp_type: "ldap",
    ldap_type: directory.type,
    ldap_server_hosts: [...directory.hosts],
    ldap_base_dn: directory.baseDn,
    ldap_bind_dn: directory.bindDn,
    ldap_user_filter: directory.userFilter,
    ldap_group_attr: directory.groupAttribute,
    ldap_cacerts: [...directory.cacerts],
    unavailable_answer: directory.whenDown,
    secret_fault: unopened.get(directory.id),
    created_time: seconds(directory.createdAt),
    modified_time: seconds(directory.modifiedAt),
  });
}
