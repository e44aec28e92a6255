import { Type } from "typebox";
import { EpochSeconds, OrganizationPath, Uuid } from "./common.ts";

export const NewToken = Type.Object(
  { name: Type.String({ minLength: 1, maxLength: 128 }) },
  // Mist's clients send privileges too: every token here has its whole organization.
  { additionalProperties: true },
);

const Privilege = Type.Object({
  scope: Type.Literal("org"),
  role: Type.Literal("admin"),
  org_id: Uuid,
});

export const Token = Type.Object(
  {
    id: Uuid,
    org_id: Uuid,
    name: Type.String(),
    key: Type.String({ description: "the token itself in the answer to POST, its last four characters otherwise" }),
    created_by: Type.String(),
    created_time: EpochSeconds,
    last_used: Type.Union([Type.Number(), Type.Null()]),
    privileges: Type.Array(Privilege),
  },
  { $id: "Token" },
);

export const TokenPath = Type.Object({ ...OrganizationPath.properties, apitoken_id: Uuid });

export const Self = Type.Object(
  {
    name: Type.String(),
    email: Type.String({ description: "empty: a token has none" }),
    privileges: Type.Array(
      Type.Object({ ...Privilege.properties, name: Type.String({ description: "of the organization" }) }),
    ),
  },
  { $id: "Self" },
);
