import { secret } from "../../domain/secret.ts";
import { isPasswordOf } from "../../runtime/password-hash.ts";
import { openTestApi } from "../support/api.ts";
import type { Tenant, TestApi } from "../support/api.ts";
import { edgeView } from "../support/edge-view.ts";

let api: TestApi;
let acme: Tenant;
beforeAll(async () => {
  api = await openTestApi();
});
beforeEach(async () => {
  acme = await api.tenant();
});
afterAll(() => api.close());

const ADA = { name: "Ada", password: "enchantress-of-numbers", labels: ["staff", "staff"] };

const hashOf = async (key: string) =>
  (await edgeView(api.store, acme.organizationId))!.people!.users.get(key)!.passwordHash;

test("a local user is made, changed and forgotten; neither password nor hash is ever shown", async () => {
  const made = await acme.ask("POST", "local_users", ADA);
  expect(made).toMatchObject({
    status: 200,
    json: { name: "Ada", labels: ["staff"], org_id: acme.organizationId, id: expect.any(String) },
  });
  expect(await isPasswordOf(await hashOf("ada"), secret(ADA.password))).toBe(true);
  const path = `local_users/${made.json.id}`;
  const changed = await acme.ask("PUT", path, { ...made.json, name: "Countess", labels: [] });
  expect(changed.json).toMatchObject({ name: "Countess", labels: [] });
  expect(await isPasswordOf(await hashOf("countess"), secret(ADA.password))).toBe(true);
  const rotated = await acme.ask("PUT", path, { password: "another-enchantress" });
  expect(await isPasswordOf(await hashOf("countess"), secret(ADA.password))).toBe(false);
  expect(await isPasswordOf(await hashOf("countess"), secret("another-enchantress"))).toBe(true);
  const listed = await acme.ask("GET", "local_users");
  expect(listed.json).toEqual([rotated.json]);
  expect((await acme.ask("GET", path)).json).toEqual(rotated.json);
  const said = [made, changed, rotated, listed].map(({ text }) => text).join("") + api.logged.join("");
  expect(said).not.toMatch(/enchantress|scrypt|password/);
  expect(await acme.ask("DELETE", path)).toMatchObject({ status: 200, text: "" });
  for (const method of ["GET", "DELETE"] as const) expect(await acme.ask(method, path)).toMatchObject({ status: 404 });
  expect(await acme.ask("PUT", path, {})).toMatchObject({ status: 404 });
});

test("a name is taken once in an organization, whatever its case", async () => {
  await acme.ask("POST", "local_users", ADA);
  const { json } = await acme.ask("POST", "local_users", { ...ADA, name: "Eve" });
  for (const refused of [
    await acme.ask("POST", "local_users", { ...ADA, name: "ADA" }),
    await acme.ask("PUT", `local_users/${json.id}`, { name: "aDA" }),
  ]) {
    expect(refused).toMatchObject({ status: 409, json: { type: "urn:portcullis:problem:nameTaken" } });
    expect(refused.json.detail).toMatch(/^there is another local user named "ada"$/i);
  }
  const other = await api.tenant("Other");
  expect(await other.ask("POST", "local_users", ADA)).toMatchObject({ status: 200 });
  expect(await other.ask("GET", `local_users/${json.id}`)).toMatchObject({ status: 404 });
});

test.each([
  ["no password", { password: undefined }, 'field "password" is required'],
  ["an empty password", { password: "" }, 'field "password" must NOT have fewer than 1 characters'],
  ["a password that no client could send", { password: "a\0b" }, "a password has no zero octets"],
  ["a name with a space around", { name: " Ada" }, "a user name neither is empty nor begins or ends with a space"],
  ["a name with a control character", { name: "A\nda" }, "a user name has no control characters"],
  ["an unknown field", { labls: [] }, 'unknown field "labls"'],
])("%s is refused with a sentence, and the password is not repeated", async (_, change, sentence) => {
  const refused = await acme.ask("POST", "local_users", { ...ADA, ...change });
  expect(refused).toMatchObject({ status: 400, json: { detail: sentence } });
  expect(refused.text + api.logged.join("")).not.toContain("enchantress");
});
