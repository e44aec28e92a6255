import { Type } from "typebox";
import type { Static } from "typebox";
import type { AccountKind } from "../../domain/linked-account.ts";
import { OrganizationPath, Uuid } from "./common.ts";

const secretText = (description: string) =>
  Type.String({ minLength: 1, maxLength: 4096, writeOnly: true, description });
const text = Type.String({ minLength: 1, maxLength: 1024 });

const credentials = {
  client_id: text,
  client_secret: secretText("never shown again"),
};
const instance = { instance_url: Type.String({ minLength: 1, description: "host name or https URL" }) };
const common = {
  token_url: Type.Optional(Type.String({ description: "where tokens come from; found out when absent" })),
  webhook_enabled: Type.Optional(Type.Boolean()),
};
const byKind = {
  vmware: { tenant_code: Type.Optional(secretText("aw-tenant-code, for tenants that want one beside OAuth")) },
  jamf: { smartgroup_name: Type.String({ minLength: 1, description: "members are compliant" }) },
} as const;
const closed = { additionalProperties: false };
const echoed = { account_id: Type.Optional(Type.String()) };

/** The body that links, by kind. */
export const NewAccount = {
  vmware: Type.Object({ ...instance, ...credentials, ...common, ...byKind.vmware }, closed),
  jamf: Type.Object({ ...instance, ...credentials, ...common, ...byKind.jamf }, closed),
} as const;
export type NewAccountFields = Static<typeof NewAccount.vmware> & Partial<Static<typeof NewAccount.jamf>>;

/** The body that changes; absent fields stay. */
export const AccountChange = {
  vmware: Type.Partial(Type.Object({ ...credentials, ...common, ...byKind.vmware, ...echoed }), closed),
  jamf: Type.Partial(Type.Object({ ...credentials, ...common, ...byKind.jamf, ...echoed }), closed),
} as const;
export type AccountChangeFields = Omit<Partial<NewAccountFields>, "instance_url">;

export const Account = Type.Object({
  account_id: Uuid,
  name: Type.String(),
  instance_url: Type.String(),
  client_id: Type.String(),
  token_url: Type.Optional(Type.String({ description: "ours" })),
  smartgroup_name: Type.Optional(Type.String({ description: "jamf" })),
  tenant_code_set: Type.Optional(Type.Boolean({ description: "ours; vmware" })),
  webhook_enabled: Type.Boolean(),
  linked_by: Type.String(),
  linked_timestamp: Type.Number({ description: "epoch seconds" }),
  last_status: Type.Optional(Type.Enum(["success", "failed"])),
  last_sync: Type.Optional(Type.Integer({ description: "epoch milliseconds, as Mist has it" })),
  error: Type.Optional(Type.String()),
  errors: Type.Optional(Type.Array(Type.String())),
});

export const LinkedAccounts = Type.Object(
  { linked: Type.Boolean(), accounts: Type.Array(Account) },
  { $id: "LinkedAccounts" },
);

export const LinkTest = Type.Object(
  {
    ok: Type.Boolean(),
    steps: Type.Array(Type.Object({ name: Type.String(), ok: Type.Boolean(), detail: Type.String() })),
    error: Type.Optional(Type.String({ description: "the sentence of the step that failed" })),
    token_url: Type.Optional(Type.String()),
    device_count: Type.Optional(Type.Integer()),
  },
  { $id: "LinkTest" },
);

export const AccountPath = Type.Object({ ...OrganizationPath.properties, account_id: Uuid });
/** Mist's clients send it; every answer here is local. */
export const AccountsQuery = Type.Object({ forward: Type.Optional(Type.String()) });

export const ACCOUNT_KINDS: readonly AccountKind[] = ["vmware", "jamf"];
