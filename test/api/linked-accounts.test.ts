import type { AccountId } from "../../domain/identifiers.ts";
import { secret } from "../../domain/secret.ts";
import { createProvider } from "../../mdm/providers.ts";
import { createTokenCache } from "../../mdm/tokens.ts";
import { createHttp } from "../../outbound/http.ts";
import type { Http } from "../../outbound/http.ts";
import { startJamf } from "../../simulators/jamf/simulator.ts";
import type { JamfSimulator } from "../../simulators/jamf/simulator.ts";
import { startWorkspaceOne } from "../../simulators/workspace-one/simulator.ts";
import type { WorkspaceOneSimulator } from "../../simulators/workspace-one/simulator.ts";
import { loadAccounts, updateAccount } from "../../store/linked-accounts.ts";
import { openTestApi } from "../support/api.ts";
import type { Answer, Tenant, TestApi } from "../support/api.ts";
import { openedText, underLostKey } from "../support/lost-key.ts";

const VMWARE = "setting/vmware/link_accounts";
const JAMF = "setting/jamf/link_accounts";
const SECRET = "s3cret-of-the-tenant";

let jamf: JamfSimulator;
let uem: WorkspaceOneSimulator;
let open: Http;
let guarded: Http;
let api: TestApi;
let acme: Tenant;

/** The product's own tester; `http` decides whether the simulators on loopback may be called. */
function testerWith(http: Http) {
  const deps = { http, tokens: createTokenCache(Date.now), now: Date.now };
  return {
    test: (account: Parameters<typeof createProvider>[0]) => createProvider(account, deps).test(),
    allowHttp: true,
  };
}

beforeAll(async () => {
  jamf = await startJamf({ clientId: "portcullis", clientSecret: SECRET, smartGroupName: "Compliant" });
  uem = await startWorkspaceOne({ clientId: "portcullis", clientSecret: SECRET });
  open = createHttp({ allowedNetworks: ["127.0.0.0/8"], guard: true });
  guarded = createHttp({ allowedNetworks: [], guard: true });
  api = await openTestApi({ mdm: testerWith(open) });
});
beforeEach(async () => void (acme = await api.tenant()));
afterAll(async () => {
  await api.close();
  await Promise.all([open.close(), guarded.close()]);
  await Promise.all([jamf.stop(), uem.stop()]);
});

const vmwareBody = () => ({
  instance_url: uem.url,
  client_id: "portcullis",
  client_secret: SECRET,
  token_url: uem.tokenUrl,
  webhook_enabled: true,
});
const jamfBody = () => ({
  instance_url: jamf.url,
  client_id: "portcullis",
  client_secret: SECRET,
  smartgroup_name: "Compliant",
});

test("behaviour 11.1: linking tests the credentials, and last_status and last_sync follow", async () => {
  expect((await acme.ask("GET", `${JAMF}?forward=`)).json).toEqual({ linked: false, accounts: [] });
  const before = Date.now();
  const linked = await acme.ask("POST", JAMF, jamfBody());
  expect(linked).toMatchObject({
    status: 200,
    json: {
      linked: true,
      accounts: [
        {
          instance_url: jamf.url,
          client_id: "portcullis",
          smartgroup_name: "Compliant",
          linked_by: "test",
          last_status: "success",
        },
      ],
    },
  });
  const [account] = linked.json.accounts;
  expect(account.last_sync).toBeGreaterThanOrEqual(before); // milliseconds, as Mist's examples have it
  expect(account.linked_timestamp).toBeLessThan(before); // seconds
  expect((await acme.ask("GET", JAMF)).json).toEqual(linked.json);
  expect((await acme.ask("GET", VMWARE)).json).toEqual({ linked: false, accounts: [] });
});

test("Workspace ONE links too, and keeps where its tokens come from", async () => {
  const linked = await acme.ask("POST", VMWARE, vmwareBody());
  expect(linked).toMatchObject({
    status: 200,
    json: { accounts: [{ token_url: uem.tokenUrl, webhook_enabled: true }] },
  });
});

test("a secret is sealed at rest, and in no answer or log line", async () => {
  const { text } = await acme.ask("POST", JAMF, jamfBody());
  const listed = await acme.ask("GET", JAMF);
  expect(text + listed.text + api.logged.join("\n")).not.toContain(SECRET);
  const { rows } = await api.store.pool.query<{ row: string }>(
    "select linked_accounts::text as row from linked_accounts",
  );
  expect(rows.length).toBeGreaterThan(0);
  expect(rows.map(({ row }) => row).join("\n")).not.toContain(SECRET);
  expect(openedText((await loadAccounts(api.store, acme.organizationId))[0]!.clientSecret)).toBe(SECRET);
});

test("bad credentials: nothing is saved, and the answer says exactly what failed", async () => {
  const refused = await acme.ask("POST", JAMF, { ...jamfBody(), client_secret: "wrong" });
  expect(refused.status).toBe(400);
  const { detail, steps } = refused.json;
  const failed = steps.find((step: { ok: boolean }) => !step.ok);
  expect(detail).toContain(failed.detail);
  expect(steps[0]).toMatchObject({ ok: true });
  expect(refused.text).not.toContain('wrong"');
  expect((await acme.ask("GET", JAMF)).json).toEqual({ linked: false, accounts: [] });
});

test("a smart group that exists in neither realm is told when linking", async () => {
  const refused = await acme.ask("POST", JAMF, { ...jamfBody(), smartgroup_name: "No Such Group" });
  expect(refused.status).toBe(400);
  expect(refused.json.detail).toContain("No Such Group");
});

test("an instance that cannot be reached is told as such", async () => {
  const refused = await acme.ask("POST", JAMF, { ...jamfBody(), instance_url: "http://127.0.0.1:1" });
  expect(refused.status).toBe(400);
  expect(refused.json.steps.at(-1)).toMatchObject({ ok: false });
});

test("an instance on a private address is refused with a sentence", async () => {
  const strict = await openTestApi({ mdm: { ...testerWith(guarded), allowHttp: false } });
  const tenant = await strict.tenant();
  for (const instance_url of ["https://127.0.0.1", "10.0.0.5", "https://[::1]", "https://169.254.169.254/latest"]) {
    const refused = await tenant.ask("POST", JAMF, { ...jamfBody(), instance_url });
    expect(refused.status).toBe(400);
    expect(refused.json.detail).toMatch(/private|not public|may not be called|loopback|address/i);
  }
  const clear = await tenant.ask("POST", JAMF, jamfBody());
  expect(clear.json.detail).toContain("would carry the secret in clear text");
  await strict.close();
});

test("a test tries without saving, step by step", async () => {
  const good = await acme.ask("POST", `${VMWARE}/test`, vmwareBody());
  expect(good).toMatchObject({ status: 200, json: { ok: true, token_url: uem.tokenUrl } });
  expect(good.json.steps.length).toBeGreaterThan(1);
  const bad = await acme.ask("POST", `${VMWARE}/test`, { ...vmwareBody(), client_secret: "wrong" });
  expect(bad).toMatchObject({ status: 200, json: { ok: false, error: expect.any(String) } });
  expect((await acme.ask("GET", VMWARE)).json.linked).toBe(false);
});

test("behaviour 3.4: linking the same kind and instance again re-links that account", async () => {
  const idOf = ({ json }: Answer): string => json.accounts[0].account_id;
  const first = idOf(await acme.ask("POST", JAMF, jamfBody()));
  expect(await acme.ask("DELETE", `${JAMF}/${first}`)).toMatchObject({ status: 200, text: "" });
  expect((await acme.ask("GET", JAMF)).json.linked).toBe(false);
  const again = await acme.ask("POST", JAMF, jamfBody());
  expect(again.json.accounts).toHaveLength(1);
  expect(idOf(again)).toBe(first);
  expect(idOf(await acme.ask("POST", JAMF, jamfBody()))).toBe(first);
});

test("behaviour 3.4: PUT tests a new secret before the old one goes", async () => {
  const { json } = await acme.ask("POST", JAMF, jamfBody());
  const path = `${JAMF}/${json.accounts[0].account_id}`;
  const versionOf = async () => (await loadAccounts(api.store, acme.organizationId))[0]!;
  const before = await versionOf();
  const refused = await acme.ask("PUT", path, { account_id: json.accounts[0].account_id, client_secret: "wrong" });
  expect(refused.status).toBe(400);
  expect(openedText((await versionOf()).clientSecret)).toBe(SECRET);
  expect((await versionOf()).secretVersion).toBe(before.secretVersion);
  const accepted = await acme.ask("PUT", path, { client_secret: SECRET });
  expect(accepted).toMatchObject({ status: 200, text: "" });
  expect((await versionOf()).secretVersion).toBe(before.secretVersion + 1);
});

test("an account whose secret no key opens can be given another, or unlinked, and stands in no other's way", async () => {
  const { json } = await acme.ask("POST", JAMF, jamfBody());
  const id = json.accounts[0].account_id as AccountId;
  const lose = () =>
    updateAccount(underLostKey(api.store), acme.organizationId, id, { clientSecret: secret("under a lost key") });
  await lose();
  const kept = await acme.ask("PUT", `${JAMF}/${id}`, { webhook_enabled: true });
  expect(kept.status).toBe(400);
  expect(kept.json.detail).toMatch(/^the secret of linked_account:.*; put that key back, or set client_secret/);
  expect(await acme.ask("PUT", `${JAMF}/${id}`, { client_secret: SECRET })).toMatchObject({ status: 200 });
  expect(openedText((await loadAccounts(api.store, acme.organizationId))[0]!.clientSecret)).toBe(SECRET);
  await lose();
  const other = (await acme.ask("POST", VMWARE, vmwareBody())).json.accounts[0].account_id;
  expect(await acme.ask("PUT", `${VMWARE}/${other}`, { client_secret: SECRET })).toMatchObject({ status: 200 });
  expect(await acme.ask("DELETE", `${JAMF}/${id}`)).toMatchObject({ status: 200 });
});

test.each([
  ["without a secret", { client_secret: undefined }, 'field "client_secret" is required'],
  ["without its smart group", { smartgroup_name: undefined }, 'field "smartgroup_name" is required'],
  ["with a field of another vendor", { tenant_code: "x" }, 'unknown field "tenant_code"'],
  ["with an instance that is no host name", { instance_url: "not a host" }, "is not a host name or https URL"],
  ["with a token URL that is none", { token_url: "ftp://x" }, "is no https URL"],
])("an account %s is refused", async (_, change, sentence) => {
  const refused = await acme.ask("POST", JAMF, { ...jamfBody(), ...change });
  expect(refused.status).toBe(400);
  expect(refused.json.detail).toContain(sentence);
});

test("an account of another kind or organization is not there", async () => {
  const { json } = await acme.ask("POST", JAMF, jamfBody());
  const id = json.accounts[0].account_id;
  const other = await api.tenant("Other");
  expect(await acme.ask("DELETE", `${VMWARE}/${id}`)).toMatchObject({ status: 404 });
  expect(await other.ask("DELETE", `${JAMF}/${id}`)).toMatchObject({ status: 404 });
  expect(await other.ask("PUT", `${JAMF}/${id}`, { client_secret: SECRET })).toMatchObject({ status: 404 });
});
