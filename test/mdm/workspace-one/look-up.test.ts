import type { ComplianceReport } from "../../../domain/report.ts";
import type { MdmProvider } from "../../../mdm/provider.ts";
import { startWorkspaceOne, type WorkspaceOneSimulator } from "../../../simulators/workspace-one/simulator.ts";
import { secret } from "../../../domain/secret.ts";
import {
  type Bench,
  byId,
  byMac,
  createBench,
  DEVICE_ID,
  MAC,
  OTHER_MAC,
  OTHER_UDID,
  saying,
  SECRET,
  UDID,
  workspaceOne,
} from "../tenants.ts";

let bench: Bench;
let uem: WorkspaceOneSimulator;
let provider: MdmProvider;

beforeEach(async () => {
  bench = createBench();
  uem = await startWorkspaceOne({ clientId: "portcullis", clientSecret: SECRET, now: bench.deps.now });
  provider = workspaceOne(bench.deps, uem.url);
});
afterEach(async () => {
  await uem.stop();
  await bench.http.close();
});

const addMac = (change: object = {}) =>
  uem.tenant.devices.add({ kind: "mac", udid: UDID, macAddress: MAC, compliance: "compliant", ...change });
const report = async (query = byId(MAC)): Promise<ComplianceReport> => (await provider.lookUp(query)).report;
const apiCalls = (): readonly string[] =>
  uem.calls.filter(({ path }) => !path.includes("/token")).map(({ method, path }) => `${method} ${path}`);

describe("a look-up", () => {
  test("by device id is one call, and shows the record", async () => {
    const device = addMac({ name: "Alex's Mac" });
    const answer = await provider.lookUp(byId(MAC));
    expect(answer).toMatchObject({
      report: {
        kind: "compliant",
        matchedBy: "deviceId",
        device: { recordId: String(device.id), deviceId: DEVICE_ID, name: "Alex's Mac" },
      },
      tookMs: 0,
    });
    expect(answer.matchedMac).toBeUndefined();
    expect(apiCalls()).toEqual([`GET /API/mdm/devices?searchby=Udid&id=${UDID}`]);
  });

  test("finds a device id that the tenant spells with dashes", async () => {
    addMac({ udid: "D20E0F3D-66AF-4B92-B31E-1DA394DF1E88" });
    expect(await report(byId())).toMatchObject({ kind: "compliant", matchedBy: "deviceId" });
  });

  test("by MAC says which address it was", async () => {
    addMac({ udid: "" });
    expect(await provider.lookUp(byMac(OTHER_MAC, MAC))).toMatchObject({
      report: { kind: "compliant", matchedBy: "mac" },
      matchedMac: MAC,
    });
    expect(apiCalls()).toContain(`GET /API/mdm/devices?searchby=Macaddress&id=${MAC.toUpperCase()}`);
  });

  test("behaviour 1.3: an unknown device id falls back to the MAC, but not to another device's record", async () => {
    addMac({ udid: "" });
    expect(await report()).toMatchObject({ kind: "compliant", matchedBy: "mac" });
    uem.tenant.devices.change(MAC, { udid: OTHER_UDID });
    expect(await report()).toEqual({ kind: "notEnrolled", detail: saying(OTHER_UDID.toLowerCase()) });
    expect(await report(byMac(MAC))).toMatchObject({ kind: "compliant" });
  });

  test("of a device that nobody knows is notEnrolled, and asks nothing when there is nothing to ask about", async () => {
    expect(await report()).toEqual({ kind: "notEnrolled", detail: undefined });
    uem.tenant.calls.clear();
    expect(await report(byMac())).toEqual({ kind: "notEnrolled", detail: undefined });
    expect(apiCalls()).toEqual([]);
  });

  test("behind a record left by an earlier enrolment finds the living one", async () => {
    addMac();
    uem.tenant.devices.duplicate(UDID, { enrollment: "unenrolled", compliance: "noncompliant" });
    expect(await report(byId())).toMatchObject({ kind: "compliant" });
  });

  test("of an address that two enrolled devices claim is ambiguous", async () => {
    addMac();
    addMac({ udid: OTHER_UDID, compliance: "noncompliant" });
    expect(await report(byMac(MAC))).toMatchObject({ kind: "undetermined", reason: "ambiguousMatch" });
    uem.tenant.devices.change(UDID, { enrollment: "unenrolled" });
    expect(await report(byMac(MAC))).toMatchObject({ kind: "noncompliant" });
  });

  test("follows the record: noncompliant, compromised, unenrolled, gone", async () => {
    addMac({ compliance: "noncompliant" });
    expect(await report()).toMatchObject({ kind: "noncompliant", reasons: ["compliance status NonCompliant"] });
    uem.tenant.devices.change(UDID, { compliance: "compliant", compromised: true });
    expect(await report()).toMatchObject({ kind: "noncompliant" });
    uem.tenant.devices.change(UDID, { enrollment: "unenrolled" });
    expect(await report()).toMatchObject({ kind: "notEnrolled", detail: saying("Unenrolled") });
    uem.tenant.devices.remove(UDID);
    expect(await report()).toEqual({ kind: "notEnrolled", detail: undefined });
  });
});

describe("tokens", () => {
  const tokenCalls = (): number => uem.calls.filter(({ path }) => path.includes("/token")).length;

  test("one serves fifty look-ups at once, and all until it is nearly over", async () => {
    addMac();
    await Promise.all(Array.from({ length: 50 }, () => report()));
    bench.clock.ms += 3_569_000;
    await report();
    expect(tokenCalls()).toBe(1);
    bench.clock.ms += 2_000;
    expect(await report()).toMatchObject({ kind: "compliant" });
    expect(tokenCalls()).toBe(2);
  });

  test("a revoked one is replaced once, and the look-up goes on", async () => {
    addMac();
    await report();
    uem.tenant.tokens.revokeAll();
    expect(await report()).toMatchObject({ kind: "compliant" });
    expect(tokenCalls()).toBe(2);
  });

  test("they are kept by account and secret: a rotated secret asks anew", async () => {
    addMac();
    await report();
    const rotated = workspaceOne(bench.deps, uem.url, { secretVersion: 2, clientSecret: secret("wrong") });
    expect((await rotated.lookUp(byId())).report).toMatchObject({ kind: "unreachable", cause: "credentials" });
  });

  test("a tenant that wants a tenant code is given it", async () => {
    addMac();
    uem.tenant.configure({ requireTenantCode: "code==" });
    expect(await report()).toMatchObject({
      kind: "unreachable",
      cause: "credentials",
      detail: saying("tenant code"),
    });
    const withCode = (code: string) => workspaceOne(bench.deps, uem.url, { tenantCode: secret(code) }).lookUp(byId());
    expect(await withCode("code==")).toMatchObject({ report: { kind: "compliant" } });
    const wrong = await withCode("wr0ng-code");
    expect(wrong).toMatchObject({
      report: { kind: "unreachable", cause: "forbidden", detail: saying("1013") },
    });
    expect(JSON.stringify(wrong)).not.toContain("wr0ng-code");
  });
});

describe("behaviour 3.1: a fault of the account is unreachable, never notEnrolled", () => {
  test.each([
    ["a wrong secret", "credentials", () => uem.tenant.configure({ clientSecret: "rotated elsewhere" })],
    [
      "a 401 that no fresh token cures",
      "credentials",
      () => uem.tenant.faults.inject({ kind: "status", status: 401, scope: "api" }),
    ],
    ["a 403", "forbidden", () => uem.tenant.faults.inject({ kind: "status", status: 403, scope: "api" })],
    ["a 429", "quota", () => uem.tenant.configure({ quota: 0 })],
    ["a 500", "vendorError", () => uem.tenant.faults.inject({ kind: "status", status: 500, scope: "api" })],
    [
      "a token service that fails",
      "vendorError",
      () => uem.tenant.faults.inject({ kind: "status", status: 503, scope: "token" }),
    ],
    ["a page of HTML with status 200", "unreadable", () => uem.tenant.faults.inject({ kind: "html", scope: "api" })],
    ["a page of HTML for a token", "unreadable", () => uem.tenant.faults.inject({ kind: "html", scope: "token" })],
    ["a connection torn down", "network", () => uem.tenant.faults.inject({ kind: "reset" })],
    [
      "a 404 that does not speak of the device",
      "unreadable",
      () => uem.tenant.faults.inject({ kind: "status", status: 404, scope: "api" }),
    ],
    ["a 400", "unreadable", () => uem.tenant.faults.inject({ kind: "status", status: 400, scope: "api" })],
  ])("%s is %s", async (_title, cause, break_) => {
    addMac();
    break_();
    const found = await provider.lookUp(byId(MAC));
    expect(found.report).toMatchObject({ kind: "unreachable", cause, detail: saying(" ") });
    expect(JSON.stringify(found)).not.toContain(SECRET);
  });

  test("one 401 is cured by a fresh token", async () => {
    addMac();
    uem.tenant.faults.inject({ kind: "status", status: 401, scope: "api", times: 1 });
    expect(await report()).toMatchObject({ kind: "compliant" });
  });

  test("the quota says when it comes back", async () => {
    uem.tenant.configure({ quota: 0 });
    expect(await report()).toMatchObject({ kind: "unreachable", cause: "quota", retryAfterMs: 86_400_000 });
  });

  test("a server that is not there, and one that may not be called", async () => {
    const refused = await workspaceOne(bench.deps, "http://127.0.0.1:1").lookUp(byId());
    expect(refused.report).toMatchObject({ kind: "unreachable", cause: "network" });
    const blocked = await workspaceOne(bench.deps, "https://10.0.0.1").lookUp(byId());
    expect(blocked.report).toMatchObject({
      kind: "unreachable",
      cause: "blockedAddress",
      detail: saying("PORTCULLIS_MDM_ALLOWED_NETWORKS"),
    });
  });
});
