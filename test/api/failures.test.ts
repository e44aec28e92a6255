import { openTestApi } from "../support/api.ts";
import type { Tenant, TestApi } from "../support/api.ts";
import { authentication } from "../support/edge-records.ts";
import { MAC } from "../support/domain-values.ts";
import { openStore } from "../../store/pool.ts";
import { openProxy } from "../support/severable-proxy.ts";
import { recordBatch } from "../../store/edge-records.ts";

let api: TestApi;
let acme: Tenant;
beforeAll(async () => {
  api = await openTestApi();
  acme = await api.tenant();
});
afterAll(() => api.close());

test.each(["{", '{"name": }', "nonsense", '{"__proto__": {"admin": true}}'])(
  "malformed JSON %s is refused",
  async (text) => {
    const mist = await acme.ask("POST", "nactags", text);
    expect(mist).toMatchObject({ status: 400, json: { detail: expect.stringContaining("is not JSON") } });
    const own = await acme.ask("POST", "nases", text);
    expect(own).toMatchObject({ status: 400, json: { type: "urn:portcullis:problem:malformedJson" } });
  },
);

test("a body of another type, too large, or no object is refused", async () => {
  const form = await api.app.inject({
    method: "POST",
    url: `/api/v1/orgs/${acme.organizationId}/nactags`,
    headers: { authorization: `Token ${acme.token}`, "content-type": "application/x-www-form-urlencoded" },
    payload: "name=x",
  });
  expect(form.statusCode).toBe(415);
  expect(await acme.ask("POST", "nactags", JSON.stringify({ name: "x".repeat(2_000_000) }))).toMatchObject({
    status: 413,
  });
  expect(await acme.ask("POST", "nactags", "[1]")).toMatchObject({ status: 400 });
});

const NAS = { name: "core", address: "192.0.2.1", secret: "a secret" };
test.each([
  ["POST", "nactags", { name: "a\0b", type: "match", match: "mdm_status", values: ["compliant"] }],
  ["POST", "nacrules", { name: "a\0b", order: 1, action: "allow" }],
  ["POST", "local_users", { name: "ada", password: "password", labels: ["a\0b"] }],
  ["POST", "nases", { ...NAS, nas_identifier: "a\0b" }],
  ["POST", "nases", { ...NAS, previous_secret_expires_at: 1e18 }],
  ["GET", "nac_clients/search?text=%00", undefined],
  ["GET", "nac_clients/events/search?text=%00", undefined],
  ["GET", "nac_clients/events/search?start=0&end=9e18", undefined],
  ["GET", "nac_clients/events/search?start=0&end=90000000000000", undefined],
  [
    "GET",
    `nac_clients/events/search?search_after=${btoa("9999999999999999/0198b5a0-0000-7000-8000-000000000000")}`,
    undefined,
  ],
] as const)("what cannot be stored or looked for is the caller's fault: %s %s %j", async (method, path, body) => {
  expect(await acme.ask(method, path, body)).toMatchObject({ status: 400 });
});

test("a window that begins before there was anything begins there", async () => {
  const found = await acme.ask("GET", "nac_clients/events/search?duration=99999999999999d");
  expect(found).toMatchObject({ status: 200, json: { start: 0 } });
});

test("a path that is none is refused in the same words", async () => {
  expect(await acme.ask("GET", "nacthings")).toMatchObject({
    status: 404,
    json: { detail: expect.stringContaining("there is no GET") },
  });
});

test("Temporal down: check-now is 503 with a named error, all else is served, and the API stays ready", async () => {
  await recordBatch(api.store, [authentication(acme.organizationId, { at: Date.now() })]);
  const check = await acme.ask("POST", `nac_clients/${MAC}/check`);
  expect(check).toMatchObject({
    status: 503,
    json: { type: "urn:portcullis:problem:temporalUnavailable", detail: "Temporal at 127.0.0.1:1 does not answer" },
  });
  expect(check.headers["retry-after"]).toBe("5");
  expect(await acme.ask("POST", `nac_clients/${MAC}/coa`)).toMatchObject({ status: 200 });
  expect((await api.app.inject("/readyz")).json()).toEqual({
    status: "ready",
    database: "ok",
    temporal: "Temporal at 127.0.0.1:1 does not answer",
  });
});

test("Postgres down: 503 with a named error, alive but not ready, and back when it is back", async () => {
  const url = new URL(api.store.databaseUrl);
  const proxy = await openProxy({ host: url.hostname, port: Number(url.port) });
  url.port = String(proxy.port);
  const store = openStore({ databaseUrl: url.href, seals: api.store.seals });
  const own = await openTestApi({ store });
  const self = () => own.app.inject({ url: "/api/v1/self", headers: { authorization: `Token ${acme.token}` } });
  expect((await self()).statusCode).toBe(200);
  await proxy.sever();
  for (const attempt of [1, 2, 3]) {
    const answer = await self();
    expect([attempt, answer.statusCode, answer.json()]).toEqual([
      attempt,
      503,
      { detail: "the database does not answer" },
    ]);
  }
  expect((await own.app.inject("/healthz")).statusCode).toBe(200);
  expect((await own.app.inject("/readyz")).statusCode).toBe(503);
  await proxy.mend();
  expect((await self()).statusCode).toBe(200);
  await own.close();
  await store.close();
  await proxy.sever();
});

test("metrics are served", async () => {
  expect((await api.app.inject("/metrics")).payload).toContain("nodejs_version_info{");
});
