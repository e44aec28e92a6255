import type { JamfSimulator } from "../../../simulators/jamf/simulator.ts";
import { ask, CREDENTIALS, GRANT, signIn } from "../asking.ts";
import { INVALID_TOKEN } from "./captured.ts";
import { startTenancy } from "./tenancy.ts";
import { anyText, holding } from "../shape.ts";

let now = Date.UTC(2026, 10, 25);
let jamf: JamfSimulator;

beforeEach(async () => {
  jamf = await startTenancy({ now: () => now });
});
afterEach(() => jamf.stop());

test.each(["/api/v1/oauth/token", "/api/oauth/token"])("%s grants a bearer with its scope", async (path) => {
  const answer = await ask(jamf.url, path, { form: GRANT });
  expect([answer.status, answer.json()]).toEqual([
    200,
    { access_token: anyText, token_type: "Bearer", scope: "api-role:1", expires_in: 300 },
  ]);
});

test("an older server has the original path only", async () => {
  jamf.tenant.configure({ serverVersion: "11.20.0-t1" });
  expect((await ask(jamf.url, "/api/v1/oauth/token", { form: GRANT })).status).toBe(404);
  expect((await ask(jamf.url, "/api/oauth/token", { form: GRANT })).status).toBe(200);
});

test.each([
  ["a wrong secret", { form: { ...GRANT, client_secret: "guess" } }, "invalid_client"],
  ["another grant", { form: { ...GRANT, grant_type: "password" } }, "unsupported_grant_type"],
  ["JSON", { json: GRANT }, "invalid_request"],
])("%s is refused in RFC 6749's shape, not ApiError's", async (_what, question, error) => {
  const answer = await ask(jamf.url, jamf.tokenUrl, question);
  expect([answer.status, answer.json()]).toEqual([
    400,
    { error, error_description: anyText, error_uri: holding("rfc6749#section-5.2") },
  ]);
});

test("the claims name the client", async () => {
  const { access_token: token } = (await ask(jamf.url, jamf.tokenUrl, { form: GRANT })).json<{
    access_token: string;
  }>();
  expect(JSON.parse(Buffer.from(token.split(".")[1]!, "base64url").toString())).toMatchObject({
    sub: CREDENTIALS.clientId,
    "authentication-type": "CLIENT_CREDENTIALS",
  });
});

test("a token of 60 s ends after 60 s, and a revoked one at once", async () => {
  jamf.tenant.configure({ tokenLifetimeSeconds: 60 });
  const first = await signIn(jamf);
  expect((await first("/api/v1/jamf-pro-version")).status).toBe(200);
  now += 60_000;
  const expired = await first("/api/v1/jamf-pro-version");
  expect([expired.status, expired.json()]).toEqual([401, INVALID_TOKEN]);
  const second = await signIn(jamf);
  jamf.tenant.tokens.revokeAll();
  expect((await second("/api/v1/jamf-pro-version")).status).toBe(401);
});

test("the version needs a token, and every answer sets cookies", async () => {
  expect((await ask(jamf.url, "/api/v1/jamf-pro-version")).json()).toEqual(INVALID_TOKEN);
  const answer = await (await signIn(jamf))("/api/v1/jamf-pro-version");
  expect(answer.json()).toEqual({ version: "11.30.1-t1784555528405" });
  expect(answer.headers.getSetCookie().map((cookie) => cookie.split("=")[0])).toContain("APBALANCEID");
});
