import { openTestApi } from "../support/api.ts";
import type { Tenant, TestApi } from "../support/api.ts";

let api: TestApi;
let acme: Tenant;
beforeAll(async () => {
  api = await openTestApi();
  acme = await api.tenant("Acme");
});
afterAll(() => api.close());

const selfWith = (authorization: string) => api.app.inject({ url: "/api/v1/self", headers: { authorization } });

test("self tells whom the token speaks for, as clients ask when they log in", async () => {
  expect(await acme.ask("GET", "/api/v1/self")).toMatchObject({
    status: 200,
    json: { name: "test", privileges: [{ scope: "org", role: "admin", org_id: acme.organizationId, name: "Acme" }] },
  });
});

test("a token is shown once, works at once, and is refused once deleted", async () => {
  const made = await acme.ask("POST", "apitokens", { name: "ci", privileges: [{ scope: "org", role: "admin" }] });
  expect(made).toMatchObject({
    status: 200,
    json: { name: "ci", created_by: "test", key: expect.stringMatching(/^portcullis_/) },
  });
  expect((await selfWith(`Token ${made.json.key}`)).json()).toMatchObject({ name: "ci" });
  expect((await selfWith(`Bearer ${made.json.key}`)).statusCode).toBe(200);
  const listed = await acme.ask("GET", "apitokens");
  expect(listed.json).toHaveLength(2);
  expect(listed.json[1]).toMatchObject({
    name: "ci",
    key: `…${made.json.key.slice(-4)}`,
    last_used: expect.any(Number),
  });
  expect(listed.text + api.logged.join("")).not.toContain(made.json.key);
  const other = await api.tenant("Other");
  expect(await other.ask("DELETE", `apitokens/${made.json.id}`)).toMatchObject({ status: 404 });
  expect(await acme.ask("DELETE", `apitokens/${made.json.id}`)).toMatchObject({ status: 200, text: "" });
  expect((await selfWith(`Token ${made.json.key}`)).statusCode).toBe(401);
});

test.each([
  ["no token", undefined, 'send "Authorization: Token …"'],
  ["another scheme", "Basic YWRhOmFkYQ==", 'send "Authorization: Token …"'],
  ["a token of nobody's", `Token portcullis_${"A".repeat(43)}`, "unknown or was deleted"],
  ["a token of something else", "Token ghp_abc", "unknown or was deleted"],
])("%s is refused with 401", async (_, authorization, sentence) => {
  const answer = await api.app.inject({
    url: "/api/v1/self",
    headers: authorization === undefined ? {} : { authorization },
  });
  expect(answer.statusCode).toBe(401);
  expect(answer.json()).toEqual({ detail: expect.stringContaining(sentence) });
});

test("an organization that exists and one that does not are refused alike", async () => {
  const other = await api.tenant("Other");
  const [existing, missing] = await Promise.all([
    acme.ask("GET", `/api/v1/orgs/${other.organizationId}/nactags`),
    acme.ask("GET", "/api/v1/orgs/0198b5a0-0000-7000-8000-00000000dead/nactags"),
  ]);
  expect(existing).toMatchObject({ status: 403, json: { detail: "this token gives no access to that organization" } });
  expect(missing.json).toEqual(existing.json);
  expect(missing.status).toBe(403);
});
