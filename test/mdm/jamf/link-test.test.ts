import type { LinkTest } from "../../../mdm/provider.ts";
import { type JamfSimulator, startJamf } from "../../../simulators/jamf/simulator.ts";
import { type Bench, createBench, GROUP, jamf, saying, SECRET, UDID } from "../tenants.ts";

let bench: Bench;
let server: JamfSimulator;

beforeEach(async () => {
  bench = createBench();
  server = await startJamf({ clientId: "portcullis", clientSecret: SECRET, smartGroupName: GROUP });
});
afterEach(async () => {
  await server.stop();
  await bench.http.close();
});

const test_ = (change: object = {}): Promise<LinkTest> => jamf(bench.deps, server.url, change).test();
const failing = ({ steps }: LinkTest): unknown => steps.find(({ ok }) => !ok);

describe("a test of the credentials", () => {
  test("goes from name to smart group, and counts both realms", async () => {
    server.tenant.devices.add({ kind: "mac", udid: UDID });
    server.tenant.devices.add({ kind: "ipad" });
    const tested = await test_();
    expect(tested).toMatchObject({ ok: true, tokenUrl: `${server.url}/api/v1/oauth/token`, deviceCount: 2 });
    expect(tested.steps.map(({ name }) => name)).toEqual([
      "Resolve the host name",
      "Connect",
      "Get a token",
      "Check the privileges",
      "Read a device",
      "Find the smart group",
    ]);
  });

  test("finds the original token path of older servers", async () => {
    server.tenant.configure({ serverVersion: "10.50" });
    expect(await test_()).toMatchObject({ ok: true, tokenUrl: `${server.url}/api/oauth/token` });
  });

  test("a smart group of one realm will do", async () => {
    server.tenant.configure({ mobileGroupId: null });
    expect(await test_()).toMatchObject({ ok: true });
  });

  const refuse = (path: string) => server.tenant.faults.inject({ kind: "status", status: 403, path });
  test.each([
    ["Get a token", "API roles and clients", () => server.tenant.configure({ clientSecret: "another" })],
    ["Check the privileges", "Read Computers", () => refuse("computers-inventory")],
    ["Check the privileges", "Read Mobile Devices", () => refuse("mobile-devices")],
    ["Check the privileges", "Read Smart Computer Groups", () => refuse("computer-groups")],
    ["Check the privileges", "Read Smart Mobile Device Groups", () => refuse("mobile-device-groups")],
    ["Find the smart group", GROUP, () => server.tenant.configure({ smartGroupName: "Renamed" })],
    ["Read a device", "500", () => server.tenant.faults.inject({ kind: "status", status: 500, path: "inventory" })],
  ])("ends at %s, saying %s", async (name, words, break_) => {
    break_();
    const tested = await test_();
    expect(tested).toMatchObject({ ok: false, error: saying(words) });
    expect(failing(tested)).toMatchObject({ name, detail: saying(words) });
    expect(JSON.stringify(tested)).not.toContain(SECRET);
  });
});
