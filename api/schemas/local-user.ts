import { Type } from "typebox";
import type { Static } from "typebox";
import { USER_NAME_OCTETS } from "../../domain/local-user.ts";
import { EpochSeconds, OrganizationPath, Paging, Texts, Uuid } from "./common.ts";

const name = Type.String({
  minLength: 1,
  maxLength: USER_NAME_OCTETS,
  description: "unique in the organization, whatever its case",
});
/** RFC 2865 §5.2 gives a password 128 octets, and EAP-TTLS/PAP no more. */
const password = Type.String({ minLength: 1, maxLength: 128, writeOnly: true, description: "never shown again" });
const label = Type.String({ minLength: 1, maxLength: 128 });
const labels = Type.Array(label, {
  maxItems: 100,
  description: "what labels of match kind idp_role are compared with",
});

const echoed = {
  id: Type.Optional(Type.String()),
  org_id: Type.Optional(Type.String()),
  created_time: Type.Optional(Type.Number()),
  modified_time: Type.Optional(Type.Number()),
};

export const NewLocalUser = Type.Object(
  { name, password, labels: Type.Optional(labels), ...echoed },
  { additionalProperties: false },
);
/** What is absent stays as it is. */
export const LocalUserChange = Type.Partial(NewLocalUser, { additionalProperties: false });
export type LocalUserFields = Static<typeof LocalUserChange>;

export const LocalUser = Type.Object(
  { id: Uuid, org_id: Uuid, name, labels: Texts, created_time: EpochSeconds, modified_time: EpochSeconds },
  { $id: "LocalUser" },
);

export const LocalUserPath = Type.Object({ ...OrganizationPath.properties, local_user_id: Uuid });
export const LocalUserFilter = Type.Object(Paging);
