import { Type } from "typebox";
import type { Static } from "typebox";
import { Texts, Uuid } from "./common.ts";

const Pem = (description: string) => Type.String({ minLength: 1, description });
const Mdm = Type.Object(
  {
    coa_type: Type.Optional(
      Type.Enum(["reauth", "disconnect"], { description: "how a changed verdict moves a client" }),
    ),
    trust_mac_authentication: Type.Optional(
      Type.Boolean({
        description: "ours: a MAC-authenticated client is given the verdict of its MAC; anyone can borrow one",
      }),
    ),
  },
  { additionalProperties: false },
);

const Crl = Type.Object(
  {
    mode: Type.Optional(
      Type.Enum(["soft", "hard"], {
        description: "ours: whether a client is refused (hard) while no current CRL tells that its certificate is good",
      }),
    ),
    urls: Type.Optional(
      Type.Array(Type.String({ pattern: "^[hH][tT][tT][pP][sS]?://" }), {
        maxItems: 32,
        description: "ours: where CRLs are fetched from, besides the distribution points that certificates name",
      }),
    ),
  },
  { additionalProperties: false },
);

const NewServerCertificate = Type.Object(
  {
    cert: Type.Optional(Pem("PEM, the server's certificate first, then its chain")),
    key: Type.Optional(Type.String({ minLength: 1, writeOnly: true, description: "PEM" })),
    password: Type.Optional(Type.String({ writeOnly: true, description: "of the key" })),
  },
  { additionalProperties: false },
);

/** What is absent stays as it is. Mist's many other settings are taken, not kept, and named in `warnings`. */
export const SettingChange = Type.Object(
  {
    mist_nac: Type.Optional(
      Type.Object(
        {
          cacerts: Type.Optional(Type.Array(Pem("PEM"), { description: "CAs of client certificates" })),
          server_cert: Type.Optional(NewServerCertificate),
          mdm: Type.Optional(Mdm),
          crl: Type.Optional(Crl),
        },
        { additionalProperties: true },
      ),
    ),
  },
  { additionalProperties: true },
);
export type SettingFields = Static<typeof SettingChange>;

export const Setting = Type.Object(
  {
    org_id: Uuid,
    mist_nac: Type.Object({
      cacerts: Texts,
      server_cert: Type.Optional(
        Type.Object({
          cert: Type.String(),
          key_set: Type.Boolean({ description: "ours: the key itself is never shown" }),
          key_fault: Type.Optional(
            Type.String({ description: "ours: why edges refuse EAP: no master key opens the key, or its password" }),
          ),
        }),
      ),
      mdm: Mdm,
      crl: Crl,
    }),
    warnings: Type.Optional(Type.Array(Type.String(), { description: "ours: what was sent and not kept" })),
  },
  { $id: "Setting" },
);
