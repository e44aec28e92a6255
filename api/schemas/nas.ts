import { Type } from "typebox";
import type { Static } from "typebox";
import { DEFAULT_COA_PORT } from "../../domain/nas.ts";
import { EpochSeconds, OrganizationPath, Paging, Uuid } from "./common.ts";

const name = Type.String({ minLength: 1, maxLength: 128 });
const address = Type.String({ minLength: 1, description: "IP address or prefix, unique in the installation" });
const port = Type.Integer({
  minimum: 1,
  maximum: 65_535,
  description: `where CoA goes; ${DEFAULT_COA_PORT} by default`,
});
const profile = Type.String({ minLength: 1, description: "how this kind of NAS takes CoA; `standard` by default" });

const optional = {
  nas_identifier: Type.Optional(
    Type.String({ minLength: 1, maxLength: 253, description: "tells NASes behind one address apart" }),
  ),
  coa_address: Type.Optional(Type.String({ description: "where CoA goes; by default where the session came from" })),
  coa_port: Type.Optional(port),
  profile: Type.Optional(profile),
  site_id: Type.Optional(Uuid),
};
const secret = Type.String({
  minLength: 6,
  maxLength: 256,
  writeOnly: true,
  description: "shared secret; never shown again",
});
const echoed = {
  id: Type.Optional(Type.String()),
  org_id: Type.Optional(Type.String()),
  created_time: Type.Optional(Type.Number()),
  modified_time: Type.Optional(Type.Number()),
};

export const NewNas = Type.Object({ name, address, secret, ...optional, ...echoed }, { additionalProperties: false });
/** What is absent stays as it is. */
export const NasChange = Type.Partial(NewNas, { additionalProperties: false });
export type NasFields = Omit<Static<typeof NewNas>, "secret">;

export const Nas = Type.Object(
  {
    id: Uuid,
    org_id: Uuid,
    name,
    address,
    ...optional,
    profile,
    coa_port: port,
    created_time: EpochSeconds,
    modified_time: EpochSeconds,
  },
  { $id: "Nas" },
);

export const NasPath = Type.Object({ ...OrganizationPath.properties, nas_id: Uuid });
export const NasFilter = Type.Object(Paging);
