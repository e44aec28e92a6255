import type { Static } from "typebox";
import type { AccountId, OrganizationId } from "../../domain/identifiers.ts";
import { openedAccount, parseInstanceUrl } from "../../domain/linked-account.ts";
import type { AccountKind, LinkedAccount, StoredAccount } from "../../domain/linked-account.ts";
import { secret } from "../../domain/secret.ts";
import type { LinkTest } from "../../mdm/provider.ts";
import type { AccountWithHealth } from "../../store/account-rows.ts";
import type { AccountChange, AccountDraft } from "../../store/linked-accounts.ts";
import type {
  Account,
  AccountChangeFields,
  LinkTest as LinkTestSchema,
  NewAccountFields,
} from "../schemas/linked-account.ts";
import { parsed } from "./parsed.ts";
import type { Parsed } from "./parsed.ts";
import { present, seconds } from "./present.ts";

export type NewAccount = Omit<AccountDraft, "linkedBy">;

/** Reads what links an account. Plain http passes only with `allowHttp`. */
export function accountDraft(kind: AccountKind, fields: NewAccountFields, allowHttp: boolean): Parsed<NewAccount> {
  const url = parseInstanceUrl(fields.instance_url, allowHttp);
  const instanceUrl = url.kind === "ok" ? url.url : "";
  const draft = {
    kind,
    name: instanceUrl.replace(/^https?:\/\//, ""),
    instanceUrl,
    clientId: fields.client_id,
    clientSecret: secret(fields.client_secret),
    tenantCode: fields.tenant_code === undefined ? undefined : secret(fields.tenant_code),
    tokenUrl: fields.token_url,
    smartGroupName: fields.smartgroup_name,
    webhookEnabled: fields.webhook_enabled,
  };
  return parsed(draft, [url.kind === "invalid" ? url.message : undefined, tokenUrlFault(fields.token_url, allowHttp)]);
}

export function accountChange(fields: AccountChangeFields, allowHttp: boolean): Parsed<AccountChange> {
  const { client_id, client_secret, tenant_code, token_url, smartgroup_name, webhook_enabled } = fields;
  const change = present({
    clientId: client_id,
    clientSecret: client_secret === undefined ? undefined : secret(client_secret),
    tenantCode: tenant_code === undefined ? undefined : secret(tenant_code),
    tokenUrl: token_url,
    smartGroupName: smartgroup_name,
    webhookEnabled: webhook_enabled,
  });
  return parsed(change, [tokenUrlFault(token_url, allowHttp)]);
}

function tokenUrlFault(text: string | undefined, allowHttp: boolean): string | undefined {
  if (text === undefined) return undefined;
  const protocol = URL.canParse(text) ? new URL(text).protocol : "";
  return protocol === "https:" || (allowHttp && protocol === "http:")
    ? undefined
    : `token_url "${text}" is no https URL`;
}

/** The account that a test tries: as it would be after linking or changing. Its id is new, so that no token is reused. */
export function accountToTry(draft: NewAccount, id: AccountId, organizationId: OrganizationId): LinkedAccount {
  const { kind, instanceUrl, clientId, clientSecret, tokenUrl } = draft;
  const common = { accountId: id, organizationId, instanceUrl, clientId, clientSecret, tokenUrl, secretVersion: 0 };
  return kind === "vmware"
    ? { ...common, kind, tenantCode: draft.tenantCode }
    : { ...common, kind, smartGroupName: draft.smartGroupName ?? "" };
}

/** A linked account with a change laid over it, under an id of its own; faulty where a secret is kept that no key opens. */
export function changedAccount(current: StoredAccount, change: AccountChange, id: AccountId): Parsed<LinkedAccount> {
  const common = {
    accountId: id,
    secretVersion: 0,
    clientId: change.clientId ?? current.clientId,
    clientSecret: change.clientSecret ?? current.clientSecret,
    tokenUrl: change.tokenUrl ?? current.tokenUrl,
  };
  const changed = openedAccount(
    current.kind === "vmware"
      ? { ...current, ...common, tenantCode: change.tenantCode ?? current.tenantCode }
      : { ...current, ...common, smartGroupName: change.smartGroupName ?? current.smartGroupName },
  );
  return "unopened" in changed ? { kind: "faulty", faults: [changed.unopened] } : { kind: "ok", value: changed };
}

export function mistAccount({ account, health }: AccountWithHealth): Static<typeof Account> {
  return present({
    account_id: account.accountId,
    name: account.name,
    instance_url: account.instanceUrl,
    client_id: account.clientId,
    token_url: account.tokenUrl,
    smartgroup_name: account.smartGroupName,
    tenant_code_set: account.kind === "vmware" ? account.hasTenantCode : undefined,
    webhook_enabled: account.webhookEnabled,
    linked_by: account.linkedBy,
    linked_timestamp: seconds(account.linkedAt),
    last_status: health.lastStatus,
    last_sync: health.lastSync,
    error: health.error,
    errors: health.error === undefined ? undefined : [health.error],
  });
}

export function linkTestAnswer({ ok, steps, error, tokenUrl, deviceCount }: LinkTest): Static<typeof LinkTestSchema> {
  return present({
    ok,
    steps: steps.map((step) => ({ name: step.name, ok: step.ok, detail: step.detail })),
    error,
    token_url: tokenUrl,
    device_count: deviceCount,
  });
}
