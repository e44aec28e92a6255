import { Type } from "typebox";
import { EpochSeconds, OrganizationPath, Uuid } from "./common.ts";

/** Mist's nac_crl_file, and what else is known of the list. */
export const Crl = Type.Object(
  {
    id: Uuid,
    name: Type.String({ description: "name of the issuer" }),
    url: Type.Optional(Type.String({ description: "where it was fetched from" })),
    created_time: EpochSeconds,
    modified_time: EpochSeconds,
    source: Type.Enum(["uploaded", "fetched"], { description: "ours" }),
    crl_number: Type.Optional(Type.String({ description: "ours: hexadecimal (RFC 5280 §5.2.3)" })),
    this_update: Type.Number({ description: "ours: epoch seconds" }),
    next_update: Type.Number({ description: "ours: epoch seconds after which it is stale" }),
    revoked: Type.Integer({ description: "ours: how many certificates it revokes" }),
  },
  { $id: "Crl" },
);

const Source = Type.Object({
  url: Type.String(),
  origin: Type.Enum(["setting", "certificate"], {
    description: "the setting, by its URLs or its CAs; or a distribution point in what clients showed",
  }),
  error: Type.Optional(Type.String({ description: "why the last fetch failed" })),
  fetched_time: Type.Optional(EpochSeconds),
  next_fetch_time: EpochSeconds,
});

export const Crls = Type.Object(
  { results: Type.Array(Type.Unsafe({ $ref: "Crl#" })), sources: Type.Array(Source, { description: "ours" }) },
  { $id: "Crls" },
);

/** multipart/form-data, as at Mist: binary, so that no validation of JSON applies. */
export const CrlUpload = Type.Object({
  file: Type.Unsafe<Uint8Array>({ type: "string", format: "binary", description: "a CRL, DER or PEM" }),
  json: Type.Optional(Type.String({ description: '{"name": "…"}: another name than the issuer\'s' })),
});

export const CrlPath = Type.Object({ ...OrganizationPath.properties, naccrl_id: Uuid });
