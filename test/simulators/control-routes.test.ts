import { startWorkspaceOne, type WorkspaceOneSimulator } from "../../simulators/workspace-one/simulator.ts";
import { ask, type Ask, CREDENTIALS, signIn } from "./asking.ts";
import { anyText } from "./shape.ts";

const UDID = "D20E0F3D66AF4B92B31E1DA394DF1E88";
const LOOK_UP = `/API/mdm/devices?searchby=Udid&id=${UDID}`;

let uem: WorkspaceOneSimulator;
let control: Ask;
let askUem: Ask;

beforeEach(async () => {
  uem = await startWorkspaceOne({ ...CREDENTIALS, devices: [{ kind: "mac", udid: UDID, compliance: "compliant" }] });
  control = (path, question) => ask(uem.url, `/__control${path}`, question);
  askUem = await signIn(uem);
});
afterEach(() => uem.stop());

test("a device is flipped by one request, and the vendor's answer follows", async () => {
  const flipped = await control(`/devices/${UDID.toLowerCase()}`, {
    method: "PUT",
    json: { compliance: "noncompliant" },
  });
  expect(flipped.status).toBe(200);
  expect((await askUem(LOOK_UP)).json()).toMatchObject({ ComplianceStatus: "NonCompliant" });
  expect((await control(`/devices/${UDID}`)).json()).toMatchObject([{ compliance: "noncompliant" }]);
});

test("devices are added, duplicated and removed", async () => {
  const added = await control("/devices", { json: { kind: "iphone", udid: "00008030-001234567890001E" } });
  expect([added.status, added.json()["enrollment"]]).toEqual([201, "enrolled"]);
  expect((await control(`/devices/${UDID}/duplicate`, { json: { enrollment: "unenrolled" } })).status).toBe(201);
  expect((await control(`/devices/${UDID}`)).json<unknown[]>()).toHaveLength(2);
  expect((await control(`/devices/${UDID}`, { method: "DELETE" })).status).toBe(204);
  expect((await askUem(LOOK_UP)).status).toBe(404);
  expect((await control("/devices")).json<unknown[]>()).toHaveLength(1);
});

test.each([
  ["an unknown state", `/devices/${UDID}`, { compliance: "fine" }, 400],
  ["a misspelt field", `/devices/${UDID}`, { complaince: "compliant" }, 400],
  ["an unknown device", "/devices/nobody", { compliance: "compliant" }, 404],
  ["an unknown setting", "/settings", { tokenLifeSeconds: 5 }, 400],
])("%s is refused with a sentence, and changes nothing", async (_what, path, json, status) => {
  const before = [...uem.tenant.devices.all];
  const answer = await control(path, { method: "PUT", json });
  expect([answer.status, answer.json()]).toEqual([status, { error: anyText }]);
  expect(uem.tenant.devices.all).toEqual(before);
});

test("faults are injected, listed and cleared; one that lacks its detail is refused", async () => {
  expect((await control("/faults", { json: { kind: "status" } })).status).toBe(400);
  expect((await control("/faults", { json: { kind: "status", status: 503, scope: "api" } })).status).toBe(201);
  expect((await askUem(LOOK_UP)).status).toBe(503);
  expect((await control("/faults")).json()).toEqual([{ kind: "status", status: 503, scope: "api" }]);
  await control("/faults", { method: "DELETE" });
  expect((await askUem(LOOK_UP)).status).toBe(200);
});

test("the control surface is neither logged nor broken by faults", async () => {
  uem.tenant.faults.inject({ kind: "reset" });
  const calls = await control("/calls");
  expect(calls.json<{ path: string }[]>().map(({ path }) => path)).toEqual(["/connect/token"]);
  await control("/calls", { method: "DELETE" });
  expect(uem.calls).toEqual([]);
});

test("settings change at once, and the client's secret is not shown", async () => {
  const changed = await control("/settings", { method: "PUT", json: { requireTenantCode: "KEY", quota: 9 } });
  expect(changed.json()).toMatchObject({ requireTenantCode: "KEY", quota: 9, clientSecret: "[redacted]" });
  expect((await askUem(LOOK_UP)).status).toBe(401);
  expect((await control("/settings")).text).not.toContain(CREDENTIALS.clientSecret);
});

test("tokens are revoked", async () => {
  expect((await control("/tokens", { method: "DELETE" })).status).toBe(204);
  expect((await askUem(LOOK_UP)).status).toBe(401);
});
