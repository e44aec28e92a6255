import { request } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { createAuthority } from "../../simulators/certificates.ts";
import { startJamf, type JamfSimulator } from "../../simulators/jamf/simulator.ts";
import { startWorkspaceOne, type WorkspaceOneSimulator } from "../../simulators/workspace-one/simulator.ts";
import { ask, type Ask, CREDENTIALS, GRANT, signIn } from "./asking.ts";
import { holding } from "./shape.ts";

const MAC = { kind: "mac", udid: "D20E0F3D66AF4B92B31E1DA394DF1E88" } as const;
const LOOK_UP = `/API/mdm/devices?searchby=Udid&id=${MAC.udid}`;

let uem: WorkspaceOneSimulator;
let jamf: JamfSimulator;
let askUem: Ask;
let askJamf: Ask;

beforeEach(async () => {
  uem = await startWorkspaceOne({ ...CREDENTIALS, devices: [MAC] });
  jamf = await startJamf({ ...CREDENTIALS, smartGroupName: "Compliant", devices: [MAC] });
  askUem = await signIn(uem);
  askJamf = await signIn(jamf);
});
afterEach(async () => {
  await uem.stop();
  await jamf.stop();
});

test("the log counts every request in order of arrival, with its status", async () => {
  await askUem(LOOK_UP);
  await askUem("/API/mdm/devices/999");
  expect(uem.calls.map(({ method, path, status }) => `${method} ${path} ${status}`)).toEqual([
    "POST /connect/token 200",
    `GET ${LOOK_UP} 200`,
    "GET /API/mdm/devices/999 404",
  ]);
});

test("each vendor words an injected status in its own way", async () => {
  for (const { tenant } of [uem, jamf]) {
    tenant.faults.inject({ kind: "status", status: 401, times: 1 });
    tenant.faults.inject({ kind: "status", status: 429, times: 1, retryAfterSeconds: 7 });
    tenant.faults.inject({ kind: "status", status: 503, times: 1 });
  }
  expect((await askUem(LOOK_UP)).json()).toMatchObject({ errorCode: 1005 });
  const limited = await askUem(LOOK_UP);
  expect([limited.status, limited.headers.get("retry-after")]).toEqual([429, "7"]);
  expect(limited.headers.get("x-ratelimit-remaining")).toBe("0");
  expect((await askUem(LOOK_UP)).status).toBe(503);
  expect((await askUem(LOOK_UP)).status).toBe(200);

  expect((await askJamf("/api/v2/mobile-devices")).json()).toMatchObject({ errors: [{ code: "INVALID_TOKEN" }] });
  expect((await askJamf("/api/v2/mobile-devices")).status).toBe(429);
  const page = await askJamf("/JSSResource/computers");
  expect([page.status, page.text]).toEqual([503, holding("<title>Status page</title>")]);
});

test("a garbage answer is 200 with a page, until cleared", async () => {
  uem.tenant.faults.inject({ kind: "html" });
  const answer = await askUem(LOOK_UP);
  expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "text/html"]);
  expect(() => answer.json()).toThrow(SyntaxError);
  uem.tenant.faults.clear();
  expect((await askUem(LOOK_UP)).json()).toMatchObject({ Udid: MAC.udid });
});

test("a slow answer is the right one", async () => {
  uem.tenant.faults.inject({ kind: "slow", delayMs: 20, times: 1 });
  expect((await askUem(LOOK_UP)).json()).toMatchObject({ Udid: MAC.udid });
});

test("a reset connection fails at the client, and the log shows no status", async () => {
  uem.tenant.faults.inject({ kind: "reset", times: 1 });
  await expect(askUem(LOOK_UP)).rejects.toThrow("fetch failed");
  expect(uem.calls.at(-1)).toMatchObject({ path: LOOK_UP, status: undefined });
});

test("a half-open answer never comes, and does not keep the simulator from stopping", async () => {
  uem.tenant.faults.inject({ kind: "halfOpen" });
  const pending = askUem(LOOK_UP).then(
    () => "answered",
    () => "cut off",
  );
  expect(await Promise.race([pending, sleep(100, "silent")])).toBe("silent");
  await uem.stop();
  expect(await pending).toBe("cut off");
});

test("a fault of the token service leaves living tokens in use", async () => {
  uem.tenant.faults.inject({ kind: "status", status: 500, scope: "token" });
  expect((await ask(uem.url, uem.tokenUrl, { form: GRANT })).status).toBe(500);
  expect((await askUem(LOOK_UP)).status).toBe(200);
});

test("with a certificate it speaks TLS", async () => {
  const authority = await createAuthority("Simulator CA");
  const { certificatePem, keyPem } = await authority.issue({ commonName: "127.0.0.1", eku: "server" });
  const secure = await startJamf({ ...CREDENTIALS, smartGroupName: "Compliant", tls: { certificatePem, keyPem } });
  const status = await new Promise((resolve, reject) => {
    const options = { ca: authority.certificatePem, checkServerIdentity: () => undefined };
    request(`${secure.url}/api/v1/jamf-pro-version`, options, (response) => resolve(response.resume().statusCode))
      .on("error", reject)
      .end();
  });
  await secure.stop();
  expect([secure.url.slice(0, 8), status]).toEqual(["https://", 401]);
});
