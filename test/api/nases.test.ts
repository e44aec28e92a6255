import { randomBytes } from "node:crypto";
import type { NasId } from "../../domain/identifiers.ts";
import { reveal, secret } from "../../domain/secret.ts";
import { parseMasterKeys } from "../../runtime/master-keys.ts";
import { createSeals } from "../../runtime/secrets.ts";
import { loadNases } from "../../store/nases.ts";
import { openTestApi } from "../support/api.ts";
import type { Tenant, TestApi } from "../support/api.ts";

let api: TestApi;
let acme: Tenant;
beforeAll(async () => {
  api = await openTestApi();
});
beforeEach(async () => {
  await api.store.pool.query("delete from nases");
  acme = await api.tenant();
});
afterAll(() => api.close());

const AP = { name: "ap-1", address: "192.0.2.10", secret: "a-long-shared-secret" };

test("a NAS is registered with defaults, changed and forgotten; its secret is never shown", async () => {
  const made = await acme.ask("POST", "nases", AP);
  expect(made).toMatchObject({
    status: 200,
    json: { name: "ap-1", address: "192.0.2.10/32", profile: "auto", org_id: acme.organizationId },
  });
  const path = `nases/${made.json.id}`;
  const changed = await acme.ask("PUT", path, { profile: "cisco", coa_port: 1700, site_id: acme.organizationId });
  expect(changed.json).toMatchObject({ name: "ap-1", profile: "cisco", coa_port: 1700, site_id: acme.organizationId });
  const [nas] = await loadNases(api.store, [acme.organizationId]);
  expect(reveal(nas!.secret!)).toBe(AP.secret);
  await acme.ask("PUT", path, { secret: "another-shared-secret" });
  expect(reveal((await loadNases(api.store, [acme.organizationId]))[0]!.secret!)).toBe("another-shared-secret");
  const listed = await acme.ask("GET", "nases");
  expect(listed.json).toHaveLength(1);
  expect(made.text + changed.text + listed.text + api.logged.join("")).not.toContain("shared-secret");
  expect(await acme.ask("DELETE", path)).toMatchObject({ status: 200, text: "" });
  expect(await acme.ask("GET", path)).toMatchObject({ status: 404 });
});

test("behaviour 8.2: two secrets hold while a NAS is changed from one to the other, for as long as was said", async () => {
  const made = await acme.ask("POST", "nases", AP);
  const path = `nases/${made.json.id}`;
  const secrets = async () => {
    const [nas] = await loadNases(api.store, [acme.organizationId]);
    return [nas!.secret, nas!.previousSecret?.secret].map((one) => one && reveal(one));
  };
  const until = Math.floor(Date.now() / 1000) + 3600;
  const change = { secret: "the-second-secret", previous_secret_expires_at: until };
  const rotated = await acme.ask("PUT", path, change);
  expect(rotated.json).toMatchObject({ previous_secret_expires_at: until });
  expect(await secrets()).toEqual(["the-second-secret", AP.secret]);
  await acme.ask("PUT", path, change); // a repeated request is no second rotation
  await acme.ask("PUT", path, { name: "ap-1b" });
  expect(await secrets()).toEqual(["the-second-secret", AP.secret]);
  const { json } = await acme.ask("PUT", path, { previous_secret_expires_at: until + 60 });
  expect(json).toMatchObject({ name: "ap-1b", previous_secret_expires_at: until + 60 });
  const inHaste = await acme.ask("PUT", path, { secret: "the-third-secret" });
  expect(inHaste.json).not.toHaveProperty("previous_secret_expires_at");
  expect(await secrets()).toEqual(["the-third-secret", undefined]);
  await acme.ask("PUT", path, { ...change, previous_secret_expires_at: until - 7200 });
  expect(await secrets()).toEqual(["the-second-secret", undefined]);
  expect(rotated.text + api.logged.join("")).not.toMatch(/second-secret|third-secret/);
});

test("two changes of different fields at once are both kept", async () => {
  const made = await acme.ask("POST", "nases", AP);
  const path = `nases/${made.json.id}`;
  for (const port of [1700, 1701, 1702]) {
    const changes = [{ coa_port: port }, { name: `ap-${port}` }, { nas_identifier: `id-${port}` }];
    const answers = await Promise.all(changes.map((change) => acme.ask("PUT", path, change)));
    expect(answers).toMatchObject(changes.map(() => ({ status: 200 })));
    expect((await acme.ask("GET", path)).json).toMatchObject(Object.assign({}, ...changes));
  }
});

test("what is demanded of a NAS, and how CoA reaches it, have defaults and can be set", async () => {
  const made = await acme.ask("POST", "nases", { ...AP, coa_secret: "a-secret-for-coa" });
  expect(made.json).toMatchObject({
    require_message_authenticator: "auto",
    limit_proxy_state: "auto",
    coa_through_proxy: false,
  });
  const change = { require_message_authenticator: "yes", limit_proxy_state: "no", coa_through_proxy: "True" };
  const changed = await acme.ask("PUT", `nases/${made.json.id}`, change);
  expect(changed.json).toMatchObject({ ...change, coa_through_proxy: true });
  const [nas] = await loadNases(api.store, [acme.organizationId]);
  expect(reveal(nas!.coaSecret!)).toBe("a-secret-for-coa");
  expect(made.text + changed.text + api.logged.join("")).not.toContain("secret-for-coa");
});

test("a NAS that speaks RadSec only needs no address, and its identity is its own in the whole installation", async () => {
  const radsec = { issuer: "CN=NAS CA, O=Acme", san: "ap-7.acme.example" };
  const made = await acme.ask("POST", "nases", { name: "ap-7", radsec });
  expect(made).toMatchObject({ status: 200, json: { radsec: { ...radsec, issuer: "CN=NAS CA,O=Acme" } } });
  expect(made.json).not.toHaveProperty("address");
  const other = await api.tenant("Rival Corp");
  const again = { name: "ap-7", radsec: { ...radsec, san: "AP-7.acme.example" } };
  expect(await other.ask("POST", "nases", again)).toMatchObject({
    status: 409,
    json: { type: "urn:portcullis:problem:radsecTaken" },
  });
  const another = { ...again, radsec: { ...radsec, issuer: "CN=Rival CA" } };
  expect(await other.ask("POST", "nases", another)).toMatchObject({ status: 200 });
  const keys = ["ab".repeat(32), "0c".repeat(32)];
  const bound = { radsec: { ...radsec, issuer_keys: [`${"AB:".repeat(31)}AB`, keys[1]!] } };
  expect(await acme.ask("PUT", `nases/${made.json.id}`, bound)).toMatchObject({
    json: { radsec: { issuer_keys: keys } },
  });
  expect(await acme.ask("GET", `nases/${made.json.id}`)).toMatchObject({ json: { radsec: { issuer_keys: keys } } });
  const short = { radsec: { ...radsec, issuer_keys: ["ab"] } };
  expect(await acme.ask("PUT", `nases/${made.json.id}`, short)).toMatchObject({ status: 400 });
  expect(await acme.ask("PUT", `nases/${made.json.id}`, { address: AP.address })).toMatchObject({ status: 400 });
  expect(await acme.ask("PUT", `nases/${made.json.id}`, { ...AP })).toMatchObject({ status: 200 });
});

test("behaviour 8.1: an address that overlaps another organization's is refused, without naming that one", async () => {
  const other = await api.tenant("Rival Corp");
  await other.ask("POST", "nases", { ...AP, address: "198.51.100.0/24" });
  for (const address of ["198.51.100.7", "198.51.0.0/16", "::ffff:198.51.100.9"]) {
    const refused = await acme.ask("POST", "nases", { ...AP, address });
    expect(refused).toMatchObject({
      status: 409,
      json: { type: "urn:portcullis:problem:addressOverlap", status: 409 },
    });
    expect(refused.text).not.toMatch(/Rival|ap-1/);
  }
  expect(await acme.ask("POST", "nases", { ...AP, address: "198.51.101.0/24" })).toMatchObject({ status: 200 });
});

test("one address twice wants a nas_identifier to tell the NASes apart", async () => {
  await acme.ask("POST", "nases", AP);
  expect(await acme.ask("POST", "nases", AP)).toMatchObject({ status: 409, json: { title: "Conflict" } });
  expect(await acme.ask("POST", "nases", { ...AP, nas_identifier: "ap-2" })).toMatchObject({ status: 200 });
});

test.each([
  ["an address that is none", { address: "300.1.1.1" }, 'address "300.1.1.1" is not an IP address or prefix'],
  ["a prefix with host bits", { address: "192.0.2.1/24" }, "is not an IP address or prefix"],
  [
    "a profile that is none",
    { profile: "toaster" },
    'there is no profile "toaster"; there are auto, aruba-cx, aruba-switch, aruba, cisco-aireos, cisco',
  ],
  ["a site that is none", { site_id: "hq" }, 'site_id "hq" is no UUID'],
  ["a port out of range", { coa_port: 70_000 }, 'field "coa_port" must be <= 65535'],
  ["no proof of who it is", { address: undefined }, "a NAS needs an address with a secret, or a radsec identity"],
  [
    "an issuer that is no name",
    { radsec: { issuer: "Acme", san: "a" } },
    'radsec.issuer "Acme" is no distinguished name',
  ],
  ["a demand that is none", { require_message_authenticator: "maybe" }, "require_message_authenticator"],
  ["a short secret", { secret: "abc" }, 'field "secret" must NOT have fewer than 6 characters'],
  ["an unknown field", { adress: "192.0.2.1" }, 'unknown field "adress"'],
])("%s is refused as a problem with a sentence", async (_, change, sentence) => {
  const refused = await acme.ask("POST", "nases", { ...AP, ...change });
  expect(refused.status).toBe(400);
  expect(refused.headers["content-type"]).toContain("application/problem+json");
  expect(refused.json).toMatchObject({
    status: 400,
    title: "Bad request",
    instance: expect.stringContaining("/nases"),
  });
  expect(refused.json.detail).toContain(sentence);
});

test("a NAS whose secrets no key opens says so, alone and in the list, until it gets new ones", async () => {
  const made = await acme.ask("POST", "nases", { ...AP, name: "lost", address: "192.0.2.201" });
  const seals = createSeals(parseMasterKeys(`gone:${randomBytes(32).toString("base64")}`, "test"));
  const sealed = await seals.seal(secret("an old shared secret"), `nas:${made.json.id}`);
  await api.store.db
    .updateTable("nases")
    .set({ secret_sealed: sealed })
    .where("id", "=", made.json.id as NasId)
    .execute();
  const fault = expect.stringContaining("a master key that this process does not have") as string;
  expect((await acme.ask("GET", `nases/${made.json.id}`)).json).toMatchObject({ secret_fault: fault });
  const { json } = await acme.ask("GET", "nases");
  const told = (json as unknown as { id: string; secret_fault?: string }[]).filter(
    (nas) => nas.secret_fault !== undefined,
  );
  expect(told).toEqual([expect.objectContaining({ id: made.json.id, secret_fault: fault })]);
  await acme.ask("PUT", `nases/${made.json.id}`, { secret: "a new shared secret" });
  expect((await acme.ask("GET", `nases/${made.json.id}`)).json).not.toHaveProperty("secret_fault");
});
