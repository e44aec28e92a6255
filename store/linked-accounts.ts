import { sql } from "kysely";
import type { AccountId, OrganizationId } from "../domain/identifiers.ts";
import type { AccountKind, StoredAccount } from "../domain/linked-account.ts";
import type { Secret } from "../domain/secret.ts";
import { accountContext, accountOf, withHealth } from "./account-rows.ts";
import type { AccountWithHealth } from "./account-rows.ts";
import { askAgain } from "./ask-again.ts";
import { newId } from "./new-id.ts";
import type { Store } from "./pool.ts";
import { lockOrganization } from "./revisions.ts";
import type { Seals } from "./seals.ts";

export interface AccountDraft {
  readonly kind: AccountKind;
  readonly name: string;
  /** As `parseInstanceUrl` made it. */
  readonly instanceUrl: string;
  readonly clientId: string;
  readonly clientSecret: Secret;
  readonly tenantCode?: Secret | undefined;
  readonly tokenUrl?: string | undefined;
  /** Required for Jamf Pro. */
  readonly smartGroupName?: string | undefined;
  readonly webhookEnabled?: boolean | undefined;
  readonly linkedBy: string;
}

/**
 * Links an account. One of the same kind and instance, linked now or in the past, is that account again: it keeps its
 * id, and with it the verdicts that name it (behaviour 3.4). Devices in use that no MDM knows are asked about at once.
 */
export async function linkAccount(
  store: Store,
  organizationId: OrganizationId,
  draft: AccountDraft,
): Promise<AccountWithHealth> {
  return store.db.transaction().execute(async (trx) => {
    await lockOrganization(trx, organizationId);
    const known = await trx
      .selectFrom("linked_accounts")
      .select(["id", "secret_version"])
      .where("organization_id", "=", organizationId)
      .where("kind", "=", draft.kind)
      .where("instance_url", "=", draft.instanceUrl)
      .executeTakeFirst();
    const id = known?.id ?? newId<AccountId>();
    const columns = {
      tenant_code_sealed: null,
      ...(await sealSecrets(store.seals, id, draft)),
      name: draft.name,
      client_id: draft.clientId,
      secret_version: (known?.secret_version ?? 0) + 1,
      token_url: draft.tokenUrl ?? null,
      smartgroup_name: draft.smartGroupName ?? null,
      webhook_enabled: draft.webhookEnabled ?? false,
      linked_by: draft.linkedBy,
      linked_at: sql<Date>`now()`,
      last_status: null,
      last_sync: null,
      error: null,
      unlinked_at: null,
    };
    const row = await trx
      .insertInto("linked_accounts")
      .values({ id, organization_id: organizationId, kind: draft.kind, instance_url: draft.instanceUrl, ...columns })
      .onConflict((conflict) => conflict.column("id").doUpdateSet(columns))
      .returningAll()
      .executeTakeFirstOrThrow();
    await askAgain(trx, organizationId, `Account ${draft.name} was linked.`);
    return withHealth(row);
  });
}

/** What may change without linking anew; absent stays. */
export type AccountChange = Partial<Omit<AccountDraft, "kind" | "instanceUrl" | "linkedBy">>;

/** Changes a linked account; a new client id or secret gives it a new secret version. `undefined`: no such account. */
export async function updateAccount(
  store: Store,
  organizationId: OrganizationId,
  accountId: AccountId,
  change: AccountChange,
): Promise<AccountWithHealth | undefined> {
  const rotated = change.clientSecret !== undefined || change.clientId !== undefined || change.tenantCode !== undefined;
  const row = await store.db
    .updateTable("linked_accounts")
    .set({
      ...(await sealSecrets(store.seals, accountId, change)),
      ...(change.name === undefined ? {} : { name: change.name }),
      ...(change.clientId === undefined ? {} : { client_id: change.clientId }),
      ...(change.tokenUrl === undefined ? {} : { token_url: change.tokenUrl }),
      ...(change.smartGroupName === undefined ? {} : { smartgroup_name: change.smartGroupName }),
      ...(change.webhookEnabled === undefined ? {} : { webhook_enabled: change.webhookEnabled }),
      secret_version: sql<number>`secret_version + ${rotated ? 1 : 0}`,
    })
    .where("organization_id", "=", organizationId)
    .where("id", "=", accountId)
    .where("unlinked_at", "is", null)
    .returningAll()
    .executeTakeFirst();
  return row && withHealth(row);
}

/** Forgets the secrets and asks the MDM no more; its verdicts stay as last-known. False: no such account. */
export async function unlinkAccount(
  store: Store,
  organizationId: OrganizationId,
  accountId: AccountId,
): Promise<boolean> {
  const { numUpdatedRows } = await store.db
    .updateTable("linked_accounts")
    .set({ unlinked_at: sql<Date>`now()`, client_secret_sealed: null, tenant_code_sealed: null })
    .where("organization_id", "=", organizationId)
    .where("id", "=", accountId)
    .where("unlinked_at", "is", null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** The accounts that are linked now, oldest first. */
export async function listAccounts(
  store: Store,
  organizationId: OrganizationId,
): Promise<readonly AccountWithHealth[]> {
  return (await linkedRows(store, organizationId)).map(withHealth);
}

export async function findAccount(
  store: Store,
  organizationId: OrganizationId,
  accountId: AccountId,
): Promise<AccountWithHealth | undefined> {
  return (await listAccounts(store, organizationId)).find(({ account }) => account.accountId === accountId);
}

/** The accounts that are linked now, with their secrets. */
export async function loadAccounts(store: Store, organizationId: OrganizationId): Promise<readonly StoredAccount[]> {
  const rows = await linkedRows(store, organizationId);
  return Promise.all(rows.map((row) => accountOf(store.seals, row)));
}

/** How a round with the account went: `last_status`, `last_sync` and `error` of Mist's link_accounts. */
export async function recordAccountHealth(
  store: Store,
  accountId: AccountId,
  health: { readonly lastStatus: "success" | "failed"; readonly error?: string | undefined; readonly at: number },
): Promise<void> {
  const at = new Date(health.at);
  await store.db
    .updateTable("linked_accounts")
    .set({ last_status: health.lastStatus, last_sync: at, error: health.error ?? null })
    .where("id", "=", accountId)
    // Two look-ups may end in either order: the later one is the news.
    .where((eb) => eb.or([eb("last_sync", "is", null), eb("last_sync", "<=", at)]))
    .execute();
}

/** Keeps the token address that a test has found out. */
export async function setTokenUrl(store: Store, accountId: AccountId, tokenUrl: string): Promise<void> {
  await store.db.updateTable("linked_accounts").set({ token_url: tokenUrl }).where("id", "=", accountId).execute();
}

function linkedRows(store: Store, organizationId: OrganizationId) {
  return store.db
    .selectFrom("linked_accounts")
    .selectAll()
    .where("organization_id", "=", organizationId)
    .where("unlinked_at", "is", null)
    .orderBy("linked_at")
    .orderBy("id")
    .execute();
}

async function sealSecrets(
  seals: Seals,
  id: AccountId,
  { clientSecret, tenantCode }: Pick<AccountChange, "clientSecret" | "tenantCode">,
): Promise<{ client_secret_sealed?: string; tenant_code_sealed?: string }> {
  return {
    ...(clientSecret && { client_secret_sealed: await seals.seal(clientSecret, accountContext(id)) }),
    ...(tenantCode && { tenant_code_sealed: await seals.seal(tenantCode, accountContext(id)) }),
  };
}
