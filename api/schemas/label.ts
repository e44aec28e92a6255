import { Type } from "typebox";
import type { Static } from "typebox";
import { MATCH_KINDS, RESULT_KINDS } from "../../domain/label.ts";
import { EpochSeconds, OrganizationPath, Paging, QueryList, Texts, Uuid } from "./common.ts";

const kinds = {
  type: Type.Enum(["match", ...RESULT_KINDS], {
    description: "match: a condition; all others: a result for the Accept",
  }),
  match: Type.Optional(Type.Enum([...MATCH_KINDS])),
};

const fields = {
  values: Type.Optional(
    Type.Array(Type.String({ minLength: 1 }), { description: "any of these; a trailing * is a prefix" }),
  ),
  match_all: Type.Optional(Type.Boolean({ description: "all values; for idp_role, usermac_label and edr_status" })),
  vlan: Type.Optional(Type.String({ description: "1–4094, or a name of up to 32 octets" })),
  radius_group: Type.Optional(Type.String({ minLength: 1, description: "role, sent as Filter-Id" })),
  session_timeout: Type.Optional(Type.Integer({ minimum: 60, maximum: 4_294_967_295, description: "seconds" })),
  gbp_tag: Type.Optional(Type.String({ minLength: 1 })),
  egress_vlan_names: Type.Optional(
    Type.Array(Type.String(), { description: "1 (tagged) or 2 (untagged) before the name" }),
  ),
  radius_attrs: Type.Optional(Type.Array(Type.String(), { description: "Name=value" })),
  radius_vendor_attrs: Type.Optional(Type.Array(Type.String(), { description: "Name=value" })),
  username_attr: Type.Optional(Type.Enum(["automatic", "cn", "dns", "email", "upn"])),
  nacportal_id: Type.Optional(Uuid),
  allow_usermac_override: Type.Optional(Type.Boolean()),
};

/** Fields that clients send back as they received them: read and ignored. */
const echoed = {
  id: Type.Optional(Type.String()),
  org_id: Type.Optional(Type.String()),
  created_time: Type.Optional(Type.Number()),
  modified_time: Type.Optional(Type.Number()),
  warnings: Type.Optional(Texts),
};

const name = Type.String({ minLength: 1, maxLength: 128 });

export const NewLabel = Type.Object({ name, ...kinds, ...fields, ...echoed }, { additionalProperties: false });
/** What is absent stays as it is. */
export const LabelChange = Type.Partial(NewLabel, { additionalProperties: false });
export type LabelFields = Static<typeof LabelChange>;

export const Label = Type.Object(
  {
    id: Uuid,
    org_id: Uuid,
    name,
    ...kinds,
    ...fields,
    created_time: EpochSeconds,
    modified_time: EpochSeconds,
    warnings: Type.Optional(Type.Array(Type.String(), { description: "ours: why the label never matches here" })),
  },
  { $id: "Label" },
);

export const LabelPath = Type.Object({ ...OrganizationPath.properties, nactag_id: Uuid });
export const LabelFilter = Type.Object({
  type: QueryList("types"),
  name: QueryList("names"),
  match: QueryList("match kinds"),
  ...Paging,
});
