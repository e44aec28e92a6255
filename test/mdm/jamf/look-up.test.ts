import type { ComplianceReport } from "../../../domain/report.ts";
import type { MdmProvider } from "../../../mdm/provider.ts";
import { type JamfSimulator, startJamf } from "../../../simulators/jamf/simulator.ts";
import {
  type Bench,
  byId,
  byMac,
  createBench,
  GROUP,
  jamf,
  MAC,
  OTHER_MAC,
  OTHER_UDID,
  saying,
  SECRET,
  UDID,
} from "../tenants.ts";

let bench: Bench;
let server: JamfSimulator;
let provider: MdmProvider;

beforeEach(async () => {
  bench = createBench();
  const { now } = bench.deps;
  server = await startJamf({ clientId: "portcullis", clientSecret: SECRET, smartGroupName: GROUP, now });
  provider = jamf(bench.deps, server.url);
});
afterEach(async () => {
  await server.stop();
  await bench.http.close();
});

const add = (kind: "mac" | "ipad", change: object = {}) =>
  server.tenant.devices.add({ kind, udid: UDID, macAddress: MAC, compliance: "compliant", ...change });
const report = async (query = byId(MAC)): Promise<ComplianceReport> => (await provider.lookUp(query)).report;
const paths = (): readonly string[] => server.calls.map(({ path }) => path.split("?")[0]!);
const breakWith = (status: number, path?: string) =>
  server.tenant.faults.inject({ kind: "status", status, scope: "api", ...(path === undefined ? {} : { path }) });

describe("a look-up", () => {
  test.each(["mac", "ipad"] as const)(
    "of a %s by device id: member is compliant, not a member is noncompliant",
    async (kind) => {
      const device = add(kind, { name: "alex's" });
      const shown = { recordId: String(device.id), name: "alex's" };
      expect(await report(byId())).toMatchObject({ kind: "compliant", matchedBy: "deviceId", device: shown });
      server.tenant.devices.change(UDID, { compliance: "noncompliant" });
      expect(await report(byId())).toMatchObject({ kind: "noncompliant", reasons: [`not in smart group "${GROUP}"`] });
    },
  );

  test.each(["D20E0F3D-66AF-4B92-B31E-1DA394DF1E88", "d20e0f3d-66af-4b92-b31e-1da394df1e88", UDID.toLowerCase()])(
    "finds a device id stored as %s, on a server that tells cases apart",
    async (udid) => {
      server.tenant.configure({ caseSensitiveFilters: true });
      add("mac", { udid });
      expect(await report(byId())).toMatchObject({ kind: "compliant" });
    },
  );

  test.each(["mac", "ipad"] as const)("of a %s by MAC says which address it was", async (kind) => {
    server.tenant.configure({ caseSensitiveFilters: true });
    add(kind, { udid: OTHER_UDID });
    expect(await provider.lookUp(byMac(OTHER_MAC, MAC))).toMatchObject({
      report: { kind: "compliant", matchedBy: "mac" },
      matchedMac: MAC,
    });
  });

  test("behaviour 1.3: an unknown device id falls back to the MAC, but not to another device's record", async () => {
    add("mac", { udid: "" });
    expect(await report()).toMatchObject({ kind: "compliant", matchedBy: "mac" });
    server.tenant.devices.change(MAC, { udid: OTHER_UDID });
    expect(await report()).toEqual({ kind: "notEnrolled", detail: saying(OTHER_UDID.toLowerCase()) });
  });

  test("of a device that nobody knows is notEnrolled; an unmanaged record is too, member or not", async () => {
    expect(await report()).toEqual({ kind: "notEnrolled", detail: undefined });
    add("mac", { enrollment: "unenrolled" });
    expect(await report()).toEqual({ kind: "notEnrolled", detail: saying("does not manage") });
  });

  test("of an address that two managed Macs claim is ambiguous", async () => {
    add("mac");
    add("mac", { udid: OTHER_UDID, compliance: "noncompliant" });
    expect(await report(byMac(MAC))).toMatchObject({ kind: "undetermined", reason: "ambiguousMatch" });
    server.tenant.devices.change(OTHER_UDID, { enrollment: "unenrolled" });
    expect(await report(byMac(MAC))).toMatchObject({ kind: "compliant" });
  });
});

describe("versions of the server", () => {
  test.each([
    ["11.30", "/api/v1/oauth/token", "/api/v4/computers-inventory", "/api/v3/computer-groups/smart-groups"],
    ["11.28", "/api/v1/oauth/token", "/api/v3/computers-inventory", "/api/v3/computer-groups/smart-groups"],
    ["11.18", "/api/oauth/token", "/api/v2/computers-inventory", "/api/v2/computer-groups/smart-groups"],
    ["10.50", "/api/oauth/token", "/api/v1/computers-inventory", "/api/v1/computer-groups"],
  ])("%s is asked where it answers, and found there at once the second time", async (serverVersion, ...routes) => {
    server.tenant.configure({ serverVersion });
    add("mac");
    expect(await report(byId())).toMatchObject({ kind: "compliant" });
    expect(paths()).toEqual(expect.arrayContaining(routes));
    server.tenant.calls.clear();
    expect(await report(byId())).toMatchObject({ kind: "compliant" });
    expect(paths()).toEqual([routes[1]]);
  });

  test.each(["11.30", "10.50"])("mobile devices on %s", async (serverVersion) => {
    server.tenant.configure({ serverVersion });
    add("ipad");
    expect(await report(byId())).toMatchObject({ kind: "compliant" });
  });

  test("a version that is withdrawn is left for another one", async () => {
    add("mac");
    await report(byId());
    server.tenant.configure({ withdrawnRoutes: ["/v4/computers-inventory"] });
    expect(await report(byId())).toMatchObject({ kind: "compliant" });
    expect(paths()).toContain("/api/v3/computers-inventory");
  });

  test("a server that has no version of the inventory is unreachable, not empty", async () => {
    breakWith(404, "inventory");
    expect(await report(byId())).toMatchObject({ kind: "unreachable", cause: "unreadable" });
  });

  test("a server that refuses exception-handling is asked without", async () => {
    add("ipad");
    breakWith(400, "exception-handling");
    expect(await report(byId())).toMatchObject({ kind: "compliant" });
  });
});

describe("the smart group", () => {
  test("is remembered for a minute, while it has the device", async () => {
    add("mac");
    const groupCalls = (): number => paths().filter((path) => path.includes("groups")).length;
    await Promise.all(Array.from({ length: 20 }, () => report(byId())));
    expect(groupCalls()).toBe(1);
    bench.clock.ms += 61_000;
    await report(byId());
    expect(groupCalls()).toBe(2);
  });

  test.each(["mac", "ipad"] as const)(
    "behaviour 3.1: deleted, it condemns no %s, not even in the minute it is remembered",
    async (kind) => {
      add(kind);
      expect(await report(byId())).toMatchObject({ kind: "compliant" });
      server.tenant.configure({ computerGroupId: null, mobileGroupId: null });
      expect(await report(byId())).toMatchObject({
        kind: "undetermined",
        reason: "groupMissing",
        matchedBy: "deviceId",
      });
      bench.clock.ms += 61_000;
      expect(await report(byId())).toMatchObject({ kind: "undetermined", reason: "groupMissing" });
      expect(await report(byMac(OTHER_MAC))).toMatchObject({ kind: "notEnrolled" });
    },
  );

  test("made anew it has another id, and the same members", async () => {
    add("mac");
    await report(byId());
    server.tenant.configure({ computerGroupId: 77 });
    expect(await report(byId())).toMatchObject({ kind: "compliant" });
    server.tenant.devices.change(UDID, { compliance: "noncompliant" });
    expect(await report(byId())).toMatchObject({ kind: "noncompliant" });
  });

  test("that cannot be asked about makes nobody noncompliant", async () => {
    add("mac", { compliance: "noncompliant" });
    breakWith(403, "groups");
    expect(await report(byId())).toMatchObject({
      kind: "unreachable",
      cause: "forbidden",
      detail: saying("API roles and clients"),
    });
  });
});

describe("tokens", () => {
  const tokenCalls = (): number => paths().filter((path) => path.includes("token")).length;

  test("of one minute are renewed in proportion, not at every call", async () => {
    server.tenant.configure({ tokenLifetimeSeconds: 60 });
    add("mac");
    for (const after of [0, 40_000, 4_000]) {
      bench.clock.ms += after;
      expect(await report(byId())).toMatchObject({ kind: "compliant" });
    }
    expect(tokenCalls()).toBe(1);
    bench.clock.ms += 2_000;
    expect(await report(byId())).toMatchObject({ kind: "compliant" });
    expect(tokenCalls()).toBe(2);
  });

  test("revoked, one is replaced once and the call repeated", async () => {
    add("mac");
    await report(byId());
    server.tenant.tokens.revokeAll();
    expect(await report(byId())).toMatchObject({ kind: "compliant" });
    expect(tokenCalls()).toBe(2);
  });
});

describe("behaviour 3.1: a fault of the account is unreachable, never notEnrolled", () => {
  test.each([
    ["a wrong secret", "credentials", () => server.tenant.configure({ clientSecret: "rotated elsewhere" })],
    ["a 401 that no fresh token cures", "credentials", () => breakWith(401)],
    ["a 403", "forbidden", () => breakWith(403)],
    ["a 429", "quota", () => breakWith(429)],
    ["a 500", "vendorError", () => breakWith(500)],
    ["a 502 of the mobile realm alone", "vendorError", () => breakWith(502, "mobile-devices")],
    ["a page of HTML", "unreadable", () => server.tenant.faults.inject({ kind: "html", scope: "api" })],
    ["a connection torn down", "network", () => server.tenant.faults.inject({ kind: "reset" })],
  ])("%s is %s", async (_title, cause, break_) => {
    break_();
    const answer = await provider.lookUp(byId(MAC));
    expect(answer.report).toMatchObject({ kind: "unreachable", cause, detail: saying(" ") });
    expect(JSON.stringify(answer)).not.toContain(SECRET);
  });

  test("a realm that fails hides nothing that the other one has", async () => {
    add("ipad");
    breakWith(500, "computers-inventory");
    expect(await report(byId())).toMatchObject({ kind: "compliant" });
  });

  test("Retry-After is handed on", async () => {
    server.tenant.faults.inject({ kind: "status", status: 429, retryAfterSeconds: 7, scope: "api" });
    expect(await report()).toMatchObject({ kind: "unreachable", retryAfterMs: 7_000 });
  });
});
