import { Type } from "typebox";
import type { Static } from "typebox";
import { EpochSeconds, OrganizationPath, Paging, Texts, Uuid } from "./common.ts";

/** Mist's auth_type words. */
const AUTH_TYPES = ["cert", "device-auth", "eap-peap", "eap-teap", "eap-tls", "eap-ttls", "idp", "mab"] as const;

const Conditions = Type.Object(
  {
    auth_type: Type.Optional(Type.Enum([...AUTH_TYPES])),
    nactags: Type.Optional(
      Type.Array(Uuid, { description: "match labels: one kind's are alternatives, all kinds must hold" }),
    ),
    port_types: Type.Optional(Type.Array(Type.Enum(["wired", "wireless"]))),
    site_ids: Type.Optional(Type.Array(Uuid)),
    sitegroup_ids: Type.Optional(Type.Array(Uuid)),
    vendor: Type.Optional(Texts),
    family: Type.Optional(Texts),
    mfg: Type.Optional(Texts),
    model: Type.Optional(Texts),
    os_type: Type.Optional(Texts),
  },
  { additionalProperties: false },
);
export type ConditionFields = Static<typeof Conditions>;

const fields = {
  enabled: Type.Optional(Type.Boolean()),
  matching: Type.Optional(Conditions),
  not_matching: Type.Optional(Conditions),
  apply_tags: Type.Optional(Type.Array(Uuid, { description: "result labels for the Accept" })),
};

const own = {
  name: Type.String({ minLength: 1, maxLength: 128 }),
  action: Type.Enum(["allow", "block"]),
  order: Type.Integer({ minimum: 0, maximum: 2_147_483_647, description: "the lowest that matches wins" }),
};

const unsupported = {
  dry_run: Type.Optional(Type.Boolean({ description: "true is refused: the rule would be enforced" })),
  guest_auth_state: Type.Optional(Type.String({ description: "refused: a condition that nothing here can answer" })),
};

/** Fields that clients send back as they received them: read and ignored. */
const echoed = {
  id: Type.Optional(Type.String()),
  org_id: Type.Optional(Type.String()),
  created_time: Type.Optional(Type.Number()),
  modified_time: Type.Optional(Type.Number()),
  warnings: Type.Optional(Texts),
};

export const NewRule = Type.Object({ ...own, ...fields, ...unsupported, ...echoed }, { additionalProperties: false });
/** What is absent stays as it is. */
export const RuleChange = Type.Partial(NewRule, { additionalProperties: false });
export type RuleFields = Static<typeof RuleChange>;

export const Rule = Type.Object(
  {
    id: Uuid,
    org_id: Uuid,
    ...own,
    ...fields,
    created_time: EpochSeconds,
    modified_time: EpochSeconds,
    warnings: Type.Optional(
      Type.Array(Type.String(), { description: "ours: conditions that never hold, tied orders" }),
    ),
  },
  { $id: "Rule" },
);

export const RulePath = Type.Object({ ...OrganizationPath.properties, nacrule_id: Uuid });
export const RuleFilter = Type.Object(Paging);
