import type { DirectoryId } from "../../domain/identifiers.ts";
import { secret } from "../../domain/secret.ts";
import { createAuthority } from "../../simulators/certificates.ts";
import { updateDirectory } from "../../store/directories.ts";
import { openTestApi } from "../support/api.ts";
import type { Tenant, TestApi } from "../support/api.ts";
import { edgeView } from "../support/edge-view.ts";
import { openedText, underLostKey } from "../support/lost-key.ts";

let api: TestApi;
let acme: Tenant;
let ca: string;
beforeAll(async () => {
  api = await openTestApi();
  ca = (await createAuthority("Directory CA")).certificatePem;
});
beforeEach(async () => {
  acme = await api.tenant();
});
afterAll(() => api.close());

const SSO = {
  name: "Head office",
  idp_type: "ldap",
  ldap_type: "custom",
  ldap_server_hosts: ["dc1.example", "ldap://dc2.example"],
  ldap_base_dn: "dc=example",
  ldap_bind_dn: "cn=reader,dc=example",
  ldap_bind_password: "bind-secret-1",
  ldap_user_filter: "(uid=%s)",
};

const loaded = async () => (await edgeView(api.store, acme.organizationId))!.people!.directories;

test("a directory is added with Mist's fields, changed and forgotten; its bind password is never shown", async () => {
  const { ldap_bind_password: _, ...shown } = SSO;
  const made = await acme.ask("POST", "ssos", { ...SSO, ldap_cacerts: [ca] });
  expect(made).toMatchObject({
    status: 200,
    json: { ...shown, ldap_cacerts: [ca], ldap_group_attr: "memberOf", unavailable_answer: "reject" },
  });
  const path = `ssos/${made.json.id}`;
  const changed = await acme.ask("PUT", path, { unavailable_answer: "silence", ldap_group_attr: "departmentNumber" });
  expect(changed.json).toMatchObject({ ...shown, unavailable_answer: "silence", ldap_group_attr: "departmentNumber" });
  expect(openedText((await loaded())[0]!.bindPassword)).toBe("bind-secret-1");
  await acme.ask("PUT", path, { ...changed.json, ldap_bind_password: "bind-secret-2" });
  expect(openedText((await loaded())[0]!.bindPassword)).toBe("bind-secret-2");
  const listed = await acme.ask("GET", "ssos");
  expect(listed.json).toHaveLength(1);
  expect((await acme.ask("GET", path)).json).toEqual(listed.json[0]);
  expect(made.text + changed.text + listed.text + api.logged.join("")).not.toContain("bind-secret");
  expect(await acme.ask("DELETE", path)).toMatchObject({ status: 200, text: "" });
  for (const method of ["GET", "DELETE"] as const) expect(await acme.ask(method, path)).toMatchObject({ status: 404 });
  expect(await acme.ask("PUT", path, {})).toMatchObject({ status: 404 });
});

test("two changes of different fields at once are both kept", async () => {
  const path = `ssos/${(await acme.ask("POST", "ssos", SSO)).json.id}`;
  for (const base of ["dc=one", "dc=two", "dc=three"]) {
    const changes = [{ ldap_base_dn: base }, { name: base }, { ldap_group_attr: base.slice(3) }];
    const answers = await Promise.all(changes.map((change) => acme.ask("PUT", path, change)));
    expect(answers).toMatchObject(changes.map(() => ({ status: 200 })));
    expect((await acme.ask("GET", path)).json).toMatchObject(Object.assign({}, ...changes));
  }
});

test("the filter of a known kind of directory need not be given, and azure is the kind by default, as at Mist", async () => {
  const { ldap_type: _, ldap_user_filter: __, ...rest } = SSO;
  expect(await acme.ask("POST", "ssos", rest)).toMatchObject({
    json: { ldap_type: "azure", ldap_user_filter: "(|(userPrincipalName=%s)(sAMAccountName=%s))" },
  });
  expect(await acme.ask("POST", "ssos", rest)).toMatchObject({
    status: 400,
    json: { detail: 'there is another sso named "Head office"' },
  });
});

test.each([
  ["saml", { idp_type: "saml", idp_cert: "PEM" }, /^idp_type "saml" is not served: .* idp_type "ldap"$/],
  ["oauth", { idp_type: "oauth", oauth_type: "okta" }, /^idp_type "oauth" is not served/],
  ["nothing", { name: "x" }, /^idp_type "" is not served/],
])("an sso of idp_type %s is refused for its type, not for its fields", async (_, body, sentence) => {
  expect(await acme.ask("POST", "ssos", body)).toMatchObject({
    status: 400,
    json: { detail: expect.stringMatching(sentence) },
  });
});

test.each([
  ["a missing field", { ldap_base_dn: undefined }, 'field "ldap_base_dn" is required'],
  ["a missing bind password", { ldap_bind_password: undefined }, 'field "ldap_bind_password" is required'],
  [
    "a server that is none",
    { ldap_server_hosts: ["https://dc"] },
    '"https://dc" is no server: host, host:port, or ldap://host',
  ],
  ["a filter that finds anybody", { ldap_user_filter: "(uid=*)" }, "has no %s where the user's name goes"],
  ["a custom directory without filter", { ldap_user_filter: undefined }, "ldap_type custom needs ldap_user_filter"],
  ["a certificate that is none", { ldap_cacerts: ["x"] }, "ldap_cacerts[0] is no PEM certificate"],
  ["a SASL mechanism as bind name", { ldap_bind_dn: "PLAIN" }, 'ldap_bind_dn "PLAIN" is no distinguished name'],
  ["a field that is not served", { ldap_resolve_groups: true }, "ldap_resolve_groups has no effect here"],
  ["an unknown field", { ldap_basedn: "x" }, 'unknown field "ldap_basedn"'],
  ["an unknown kind of directory", { ldap_type: "novell" }, 'field "ldap_type" must be equal to one of'],
])("%s is refused with a sentence", async (_, change, sentence) => {
  const refused = await acme.ask("POST", "ssos", { ...SSO, ...change });
  expect(refused.status).toBe(400);
  expect(refused.json.detail).toContain(sentence);
  expect(refused.text + api.logged.join("")).not.toContain("bind-secret");
});

test("a directory whose bind password no key opens says so, alone and in the list, until it gets another", async () => {
  await acme.ask("POST", "ssos", { ...SSO, name: "Branch" });
  const id = (await acme.ask("POST", "ssos", SSO)).json.id as DirectoryId;
  const bindPassword = secret("under a lost key");
  const lost = underLostKey(api.store);
  await updateDirectory(lost, acme.organizationId, id, (current) => ({ ...current, bindPassword }));
  const fault = expect.stringMatching(
    /^the secret of directory:.*a master key that this process does not have/,
  ) as string;
  const { json: told } = await acme.ask("GET", `ssos/${id}`);
  expect(told).toMatchObject({ name: SSO.name, secret_fault: fault });
  const { json: listed } = await acme.ask("GET", "ssos");
  expect(listed).toMatchObject([{ name: "Branch" }, { name: SSO.name, secret_fault: fault }]);
  expect(listed[0]).not.toHaveProperty("secret_fault");
  expect(await acme.ask("PUT", `ssos/${id}`, { ...told, ldap_bind_password: "another" })).toMatchObject({
    status: 200,
  });
  expect((await acme.ask("GET", `ssos/${id}`)).json).not.toHaveProperty("secret_fault");
});
