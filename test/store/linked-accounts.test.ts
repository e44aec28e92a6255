import { identityKey } from "../../domain/identity.ts";
import type { AccountId, OrganizationId } from "../../domain/identifiers.ts";
import { secret } from "../../domain/secret.ts";
import {
  findAccount,
  linkAccount,
  listAccounts,
  loadAccounts,
  recordAccountHealth,
  setTokenUrl,
  unlinkAccount,
  updateAccount,
} from "../../store/linked-accounts.ts";
import type { AccountDraft } from "../../store/linked-accounts.ts";
import { findOrganization } from "../../store/organizations.ts";
import { takeWishes } from "../../store/outbox.ts";
import { readVerdict, storeVerdict } from "../../store/verdicts.ts";
import { MAC, NOW, verdict } from "../support/domain-values.ts";
import { newId } from "../support/edge-records.ts";
import { openedText } from "../support/lost-key.ts";
import { newOrganization, openTestStore } from "../support/store.ts";
import type { TestStore } from "../support/store.ts";

let store: TestStore;
let organizationId: OrganizationId;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());
beforeEach(async () => {
  organizationId = await newOrganization(store);
});

const workspaceOne: AccountDraft = {
  kind: "vmware",
  name: "UEM",
  instanceUrl: "https://as1.awmdm.example",
  clientId: "client",
  clientSecret: secret("first secret"),
  tenantCode: secret("tenant code"),
  linkedBy: "admin@acme.example",
};
const jamf: AccountDraft = {
  kind: "jamf",
  name: "Jamf",
  instanceUrl: "https://acme.jamfcloud.example",
  clientId: "client",
  clientSecret: secret("jamf secret"),
  smartGroupName: "Compliant Macs",
  linkedBy: "admin@acme.example",
};

test("accounts of both kinds are loaded with their secrets, and shown without", async () => {
  const linked = [
    await linkAccount(store, organizationId, workspaceOne),
    await linkAccount(store, organizationId, jamf),
  ];
  const [uem, pro] = await loadAccounts(store, organizationId);
  expect(uem).toMatchObject({ kind: "vmware", accountId: linked[0]!.account.accountId, secretVersion: 1 });
  expect(openedText(uem!.clientSecret)).toBe("first secret");
  expect(uem?.kind === "vmware" && openedText(uem.tenantCode)).toBe("tenant code");
  expect(pro).toMatchObject({ kind: "jamf", smartGroupName: "Compliant Macs" });
  expect(await listAccounts(store, organizationId)).toEqual(linked);
  expect(linked[0]).toMatchObject({
    account: { hasTenantCode: true, tokenUrl: undefined, webhookEnabled: false },
    health: { lastStatus: undefined, lastSync: undefined, error: undefined },
  });
  const rows = JSON.stringify(await store.db.selectFrom("linked_accounts").selectAll().execute());
  for (const text of ["first secret", "tenant code", "jamf secret"]) expect(rows).not.toContain(text);
});

test("behaviour 3.4: unlinking keeps verdicts and tells nobody; linking the same instance again is the same account", async () => {
  const { account } = await linkAccount(store, organizationId, workspaceOne);
  const identity = identityKey({ kind: "mac", mac: MAC });
  const held = verdict({ source: { accountId: account.accountId, kind: "vmware" } });
  const revision = await storeVerdict(store, organizationId, identity, { verdict: held, changed: true });

  expect(await unlinkAccount(store, organizationId, account.accountId)).toBe(true);
  expect(await unlinkAccount(store, organizationId, account.accountId)).toBe(false);
  expect(await loadAccounts(store, organizationId)).toEqual([]);
  expect(await readVerdict(store, organizationId, identity)).toEqual({ ...held, revision });
  expect(await findOrganization(store, organizationId)).toMatchObject({ revision });
  expect(await takeWishes(store, { limit: 100, leaseMs: 0 })).toEqual([]);
  const blanked = await store.db
    .selectFrom("linked_accounts")
    .select(["client_secret_sealed", "tenant_code_sealed"])
    .where("id", "=", account.accountId)
    .executeTakeFirstOrThrow();
  expect(blanked).toEqual({ client_secret_sealed: null, tenant_code_sealed: null });

  const { tenantCode: _, ...again } = { ...workspaceOne, clientSecret: secret("second secret") };
  const relinked = await linkAccount(store, organizationId, again);
  expect(relinked.account.accountId).toBe(account.accountId);
  const [loaded] = await loadAccounts(store, organizationId);
  expect(loaded).toMatchObject({ secretVersion: 2, tenantCode: undefined });
  expect(openedText(loaded!.clientSecret)).toBe("second secret");
});

test("linking the same instance twice at once makes one account", async () => {
  const both = await Promise.all([linkAccount(store, organizationId, jamf), linkAccount(store, organizationId, jamf)]);
  expect(new Set(both.map(({ account }) => account.accountId)).size).toBe(1);
  expect(await loadAccounts(store, organizationId)).toEqual([expect.objectContaining({ secretVersion: 2 })]);
});

test("a rotated secret has a new version, so that no token of the old one is used; a new name has none", async () => {
  const { account } = await linkAccount(store, organizationId, jamf);
  const renamed = await updateAccount(store, organizationId, account.accountId, { name: "Jamf Pro" });
  expect(renamed?.account).toMatchObject({ name: "Jamf Pro", smartGroupName: "Compliant Macs" });
  expect((await loadAccounts(store, organizationId))[0]).toMatchObject({ secretVersion: 1 });
  await updateAccount(store, organizationId, account.accountId, { clientSecret: secret("rotated") });
  const [loaded] = await loadAccounts(store, organizationId);
  expect(loaded).toMatchObject({ secretVersion: 2 });
  expect(openedText(loaded!.clientSecret)).toBe("rotated");
  const stranger = await newOrganization(store, "Other");
  expect(await updateAccount(store, stranger, account.accountId, { name: "x" })).toBeUndefined();
  expect(await unlinkAccount(store, stranger, account.accountId)).toBe(false);
  expect(await findAccount(store, stranger, account.accountId)).toBeUndefined();
  expect(await findAccount(store, organizationId, newId<AccountId>())).toBeUndefined();
});

test("behaviour 11.1: health follows the last round, also when an earlier one reports late", async () => {
  const { account } = await linkAccount(store, organizationId, jamf);
  const health = async () => (await findAccount(store, organizationId, account.accountId))?.health;
  const failed = { lastStatus: "failed", error: "401 from the token endpoint", at: NOW } as const;
  await recordAccountHealth(store, account.accountId, failed);
  expect(await health()).toEqual({ lastStatus: "failed", lastSync: NOW, error: "401 from the token endpoint" });
  await recordAccountHealth(store, account.accountId, { lastStatus: "success", at: NOW + 10 });
  await recordAccountHealth(store, account.accountId, { ...failed, at: NOW + 5 });
  expect(await health()).toEqual({ lastStatus: "success", lastSync: NOW + 10, error: undefined });
  await setTokenUrl(store, account.accountId, "https://acme.jamfcloud.example/api/oauth/token");
  expect((await loadAccounts(store, organizationId))[0]?.tokenUrl).toBe(
    "https://acme.jamfcloud.example/api/oauth/token",
  );
});
