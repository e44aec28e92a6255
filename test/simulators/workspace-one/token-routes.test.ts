import { startWorkspaceOne, type WorkspaceOneSimulator } from "../../../simulators/workspace-one/simulator.ts";
import { ask, CREDENTIALS, GRANT, signIn } from "../asking.ts";
import { anyText } from "../shape.ts";

let now = Date.UTC(2026, 10, 25);
let uem: WorkspaceOneSimulator;

beforeEach(async () => {
  uem = await startWorkspaceOne({ ...CREDENTIALS, now: () => now });
});
afterEach(() => uem.stop());

test("a form with the right credentials gets a bearer of an hour, and no refresh token", async () => {
  const answer = await ask(uem.url, uem.tokenUrl, { form: GRANT });
  expect(answer.status).toBe(200);
  expect(answer.json()).toEqual({ access_token: anyText, expires_in: 3600, token_type: "Bearer" });
});

test("on-premises servers grant at their own path", async () => {
  expect((await ask(uem.url, "/oauth/token", { form: GRANT })).status).toBe(200);
});

test.each([
  ["JSON", { json: GRANT }, "invalid_request"],
  ["a wrong secret", { form: { ...GRANT, client_secret: "guess" } }, "invalid_client"],
  ["an unknown client", { form: { ...GRANT, client_id: "nobody" } }, "invalid_client"],
  ["another grant", { form: { ...GRANT, grant_type: "password" } }, "unsupported_grant_type"],
])("%s is refused with 400 and RFC 6749's word", async (_what, question, error) => {
  const answer = await ask(uem.url, uem.tokenUrl, question);
  expect([answer.status, answer.json()]).toEqual([400, { error }]);
});

test("a token ends with its lifetime, which the tenant may shorten", async () => {
  uem.tenant.configure({ tokenLifetimeSeconds: 60 });
  const signedIn = await signIn(uem);
  expect((await signedIn("/API/system/info")).status).toBe(200);
  now += 60_000;
  const expired = await signedIn("/API/system/info");
  expect([expired.status, expired.json()["errorCode"]]).toEqual([401, 1005]);
});

test("a rotated secret locks the old one out, and leaves living tokens alone", async () => {
  const signedIn = await signIn(uem);
  uem.tenant.configure({ clientSecret: "rotated" });
  expect((await ask(uem.url, uem.tokenUrl, { form: GRANT })).status).toBe(400);
  expect((await signedIn("/API/system/info")).status).toBe(200);
});
