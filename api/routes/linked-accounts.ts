import { randomUUID } from "node:crypto";
import type { AccountId, OrganizationId } from "../../domain/identifiers.ts";
import { VENDOR_NAMES } from "../../domain/linked-account.ts";
import type { AccountKind, StoredAccount } from "../../domain/linked-account.ts";
import type { LinkTest } from "../../mdm/provider.ts";
import {
  linkAccount,
  listAccounts,
  loadAccounts,
  recordAccountHealth,
  unlinkAccount,
  updateAccount,
} from "../../store/linked-accounts.ts";
import type { Store } from "../../store/pool.ts";
import type { Api, ApiDependencies } from "../dependencies.ts";
import { badRequest, notFound } from "../failure.ts";
import { mistOperation, ownOperation } from "../operation.ts";
import { Empty, OrganizationPath, ref } from "../schemas/common.ts";
import {
  ACCOUNT_KINDS,
  AccountChange,
  AccountPath,
  AccountsQuery,
  LinkedAccounts,
  LinkTest as LinkTestSchema,
  NewAccount,
} from "../schemas/linked-account.ts";
import {
  accountChange,
  accountDraft,
  accountToTry,
  changedAccount,
  linkTestAnswer,
  mistAccount,
} from "../shapes/linked-account.ts";
import { pathId } from "../shapes/parsed.ts";
import type { Parsed } from "../shapes/parsed.ts";

const tags = ["linked accounts"];

/** Mist's link_accounts of Workspace ONE (`vmware`) and Jamf Pro, and a test that saves nothing. */
export function linkedAccountRoutes(app: Api, deps: ApiDependencies): void {
  for (const kind of ACCOUNT_KINDS) {
    listing(app, deps, kind);
    linking(app, deps, kind);
    changing(app, deps, kind);
  }
}

function listing(app: Api, { store }: ApiDependencies, kind: AccountKind): void {
  app.get(
    `/orgs/:org_id/setting/${kind}/link_accounts`,
    mistOperation({
      operationId: `list${title(kind)}Accounts`,
      summary: `Linked ${VENDOR_NAMES[kind]} tenants, and how their last round went`,
      tags,
      params: OrganizationPath,
      querystring: AccountsQuery,
      answer: ref(LinkedAccounts),
    }),
    async ({ caller }) => accountsAnswer(store, caller.organizationId, kind),
  );
}

function linking(app: Api, { store, mdm, now }: ApiDependencies, kind: AccountKind): void {
  app.post(
    `/orgs/:org_id/setting/${kind}/link_accounts`,
    mistOperation({
      operationId: `link${title(kind)}Account`,
      summary: `Link a ${VENDOR_NAMES[kind]} tenant, after its credentials were tried`,
      description: "The same instance again re-links that account. What failed is told in `detail` and `steps`.",
      tags,
      params: OrganizationPath,
      body: NewAccount[kind],
      answer: ref(LinkedAccounts),
    }),
    async ({ caller: { organizationId, name }, body }) => {
      const draft = valueOf(accountDraft(kind, body, mdm.allowHttp));
      const test = await mdm.test(accountToTry(draft, freshId(), organizationId));
      requireSuccess(test);
      const tokenUrl = test.tokenUrl ?? draft.tokenUrl;
      const { account } = await linkAccount(store, organizationId, { ...draft, tokenUrl, linkedBy: name });
      await recordAccountHealth(store, account.accountId, { lastStatus: "success", at: now() });
      return accountsAnswer(store, organizationId, kind);
    },
  );

  app.post(
    `/orgs/:org_id/setting/${kind}/link_accounts/test`,
    ownOperation({
      operationId: `test${title(kind)}Account`,
      summary: `Try the credentials of a ${VENDOR_NAMES[kind]} tenant without saving them`,
      tags,
      params: OrganizationPath,
      body: NewAccount[kind],
      answer: ref(LinkTestSchema),
    }),
    async ({ caller, body }) => {
      const draft = valueOf(accountDraft(kind, body, mdm.allowHttp));
      return linkTestAnswer(await mdm.test(accountToTry(draft, freshId(), caller.organizationId)));
    },
  );
}

function changing(app: Api, { store, mdm, now }: ApiDependencies, kind: AccountKind): void {
  app.put(
    `/orgs/:org_id/setting/${kind}/link_accounts/:account_id`,
    mistOperation({
      operationId: `update${title(kind)}Account`,
      summary: "Change an account, or rotate its secret: the new one is tried before the old one goes",
      tags,
      params: AccountPath,
      body: AccountChange[kind],
      answer: Empty,
    }),
    async ({ caller: { organizationId }, params, body }, reply) => {
      const current = await accountOf(store, organizationId, kind, params.account_id);
      const change = valueOf(accountChange(body, mdm.allowHttp));
      const test = await mdm.test(valueOf(changedAccount(current, change, freshId())));
      requireSuccess(test);
      const tokenUrl = test.tokenUrl ?? change.tokenUrl;
      const { accountId } = current;
      await updateAccount(store, organizationId, accountId, { ...change, tokenUrl });
      await recordAccountHealth(store, accountId, { lastStatus: "success", at: now() });
      return reply.send(undefined);
    },
  );

  app.delete(
    `/orgs/:org_id/setting/${kind}/link_accounts/:account_id`,
    mistOperation({
      operationId: `unlink${title(kind)}Account`,
      summary: "Unlink: its verdicts stay as last known until they are too old, and no client is moved",
      tags,
      params: AccountPath,
      answer: Empty,
    }),
    async ({ caller: { organizationId }, params }, reply) => {
      const { accountId } = await accountOf(store, organizationId, kind, params.account_id);
      await unlinkAccount(store, organizationId, accountId);
      return reply.send(undefined);
    },
  );
}

async function accountsAnswer(store: Store, organizationId: OrganizationId, kind: AccountKind) {
  const accounts = (await listAccounts(store, organizationId)).filter(({ account }) => account.kind === kind);
  return { linked: accounts.length > 0, accounts: accounts.map(mistAccount) };
}

async function accountOf(
  store: Store,
  organizationId: OrganizationId,
  kind: AccountKind,
  text: string,
): Promise<StoredAccount> {
  const id = pathId<AccountId>("account", text);
  const accounts = await loadAccounts(store, organizationId);
  const account = accounts.find((each) => each.accountId === id && each.kind === kind);
  if (account === undefined) throw notFound("account", text);
  return account;
}

function requireSuccess({ ok, error = "the account could not be tried", steps }: LinkTest): void {
  if (!ok) throw badRequest("linkTestFailed", error, { steps });
}

function valueOf<T>(read: Parsed<T>): T {
  if (read.kind === "faulty") throw badRequest("invalidAccount", read.faults.join("; "));
  return read.value;
}

/** Tokens are cached by account id: what is tried must not find those of another try. */
function freshId(): AccountId {
  return randomUUID() as AccountId;
}

function title(kind: AccountKind): string {
  return kind === "vmware" ? "Vmware" : "Jamf";
}
