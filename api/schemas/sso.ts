import { Type } from "typebox";
import type { Static } from "typebox";
import { DIRECTORY_TYPES, DOWN_ANSWERS } from "../../domain/directory.ts";
import { EpochSeconds, OrganizationPath, Paging, Texts, Uuid } from "./common.ts";

const name = Type.String({ minLength: 1, maxLength: 128, description: "unique in the organization" });
const idpType = Type.String({ description: "ldap: no other kind is served here" });
const dn = (description: string) => Type.String({ minLength: 1, maxLength: 1024, description });

/** Mist's fields of an sso whose `idp_type` is `ldap`. */
const directory = {
  ldap_type: Type.Enum([...DIRECTORY_TYPES], { description: "azure by default; custom needs ldap_user_filter" }),
  ldap_server_hosts: Type.Array(Type.String(), {
    minItems: 1,
    maxItems: 16,
    description: "asked in this order: host or host:port for LDAPS, ldap://host or port 389 for StartTLS",
  }),
  ldap_base_dn: dn("where users are looked for, with everything below"),
  ldap_bind_dn: dn("who looks for them: a distinguished name, or user@domain at Active Directory"),
  ldap_user_filter: Type.String({ minLength: 1, maxLength: 2048, description: "RFC 4515; %s is the user's name" }),
  ldap_group_attr: Type.String({
    pattern: "^[A-Za-z][A-Za-z0-9;-]*$",
    description: "names the groups in a user's entry; memberOf by default",
  }),
  ldap_cacerts: Type.Array(Type.String(), {
    maxItems: 64,
    description: "PEM; without any, the public authorities are trusted",
  }),
  unavailable_answer: Type.Enum([...DOWN_ANSWERS], {
    description: "ours: what a client gets while no server of the directory answers; reject by default",
  }),
};

/** A body is checked by the shape, not here: of an sso of another kind the answer must be about its kind. */
export const SsoChange = Type.Object(
  {
    name: Type.Optional(name),
    idp_type: Type.Optional(idpType),
    ...Type.Partial(Type.Object(directory)).properties,
    ldap_bind_password: Type.Optional(
      Type.String({ minLength: 1, maxLength: 1024, writeOnly: true, description: "never shown again" }),
    ),
    secret_fault: Type.Optional(Type.String()),
    id: Type.Optional(Type.String()),
    org_id: Type.Optional(Type.String()),
    created_time: Type.Optional(Type.Number()),
    modified_time: Type.Optional(Type.Number()),
  },
  { additionalProperties: true },
);
export type SsoFields = Static<typeof SsoChange>;

export const Sso = Type.Object(
  {
    id: Uuid,
    org_id: Uuid,
    name,
    idp_type: idpType,
    ...directory,
    ldap_server_hosts: Texts,
    secret_fault: Type.Optional(
      Type.String({ description: "ours: why edges do not ask it: no master key opens its bind password; read only" }),
    ),
    created_time: EpochSeconds,
    modified_time: EpochSeconds,
  },
  { $id: "Sso" },
);

export const SsoPath = Type.Object({ ...OrganizationPath.properties, sso_id: Uuid });
export const SsoFilter = Type.Object(Paging);
