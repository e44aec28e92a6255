import { Type } from "typebox";
import type { Static } from "typebox";
import { EpochSeconds, OrganizationPath, Paging, Uuid } from "./common.ts";

const name = Type.String({ minLength: 1, maxLength: 128 });
const address = Type.Optional(
  Type.String({ minLength: 1, description: "IP address or prefix, unique in the installation; none for RadSec only" }),
);
const port = Type.Integer({
  minimum: 1,
  maximum: 65_535,
  description: "where CoA goes; by default where NASes of its profile listen",
});
const profile = Type.String({
  minLength: 1,
  description: "how this kind of NAS takes CoA (/const/nas_profiles); `auto`, the default, tells it from each request",
});

const demand = (what: string) =>
  Type.Enum(["yes", "auto", "no"], {
    description: `${what}: always, from the first packet on that shows that this NAS can, or never; \`auto\` by default`,
  });
const radsec = Type.Object(
  {
    issuer: Type.String({ minLength: 1, description: "of its certificate, RFC 4514: CN=NAS CA,O=Example" }),
    san: Type.String({ minLength: 1, description: "a dNSName, iPAddress or URI of its certificate" }),
    issuer_keys: Type.Optional(
      Type.Array(Type.String({ pattern: "^([0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2}$" }), {
        maxItems: 8,
        description:
          "SHA-256 (hexadecimal) of the issuer's public key, or of several while it changes: one of them must have signed the certificate; without any, the issuer's name must stand for one authority only",
      }),
    ),
  },
  { additionalProperties: false, description: "how its certificate names it over RadSec, unique in the installation" },
);
const expiry = Type.Number({
  maximum: 253_402_300_799, // the end of the year 9999
  description: "epoch seconds until which the secret before the present one holds as well; without it, not at all",
});
const throughProxy = Type.Boolean({
  description: "behind a proxy that passes CoA on by Operator-NAS-Identifier (RFC 8559)",
});

const eapMd5 = Type.Boolean({
  description: "asks for MAC authentication by EAP-MD5, which is offered to no client of others",
});

const optional = {
  nas_identifier: Type.Optional(
    Type.String({ minLength: 1, maxLength: 253, description: "tells NASes behind one address apart" }),
  ),
  coa_address: Type.Optional(Type.String({ description: "where CoA goes; by default where the session came from" })),
  coa_port: Type.Optional(port),
  coa_through_proxy: Type.Optional(throughProxy),
  eap_md5: Type.Optional(eapMd5),
  require_message_authenticator: Type.Optional(demand("Message-Authenticator is wanted")),
  limit_proxy_state: Type.Optional(demand("Proxy-State is refused without Message-Authenticator")),
  radsec: Type.Optional(radsec),
  previous_secret_expires_at: Type.Optional(expiry),
  profile: Type.Optional(profile),
  site_id: Type.Optional(Uuid),
};
const secret = (description: string) =>
  Type.Optional(Type.String({ minLength: 6, maxLength: 256, writeOnly: true, description }));
const secrets = {
  secret: secret("shared secret of RADIUS over UDP, wanted with an address; never shown again"),
  coa_secret: secret("what signs CoA; by default the secret; never shown again"),
};
const echoed = {
  secret_fault: Type.Optional(Type.String()),
  id: Type.Optional(Type.String()),
  org_id: Type.Optional(Type.String()),
  created_time: Type.Optional(Type.Number()),
  modified_time: Type.Optional(Type.Number()),
};

export const NewNas = Type.Object(
  { name, address, ...secrets, ...optional, ...echoed },
  { additionalProperties: false },
);
/** What is absent stays as it is. */
export const NasChange = Type.Partial(NewNas, { additionalProperties: false });
export type NasFields = Static<typeof NewNas>;
export type NasChangeFields = Static<typeof NasChange>;

export const Nas = Type.Object(
  {
    id: Uuid,
    org_id: Uuid,
    name,
    address,
    ...optional,
    profile,
    coa_through_proxy: throughProxy,
    eap_md5: eapMd5,
    require_message_authenticator: demand("Message-Authenticator is wanted"),
    limit_proxy_state: demand("Proxy-State is refused without Message-Authenticator"),
    secret_fault: Type.Optional(
      Type.String({ description: "why edges do not answer it: no master key opens its secrets; read only" }),
    ),
    created_time: EpochSeconds,
    modified_time: EpochSeconds,
  },
  { $id: "Nas" },
);

export const NasPath = Type.Object({ ...OrganizationPath.properties, nas_id: Uuid });
export const NasFilter = Type.Object(Paging);
