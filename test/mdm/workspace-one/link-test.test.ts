import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { HttpRequest } from "../../../outbound/http.ts";
import type { LinkTest } from "../../../mdm/provider.ts";
import { obtainGrant } from "../../../mdm/oauth.ts";
import { startWorkspaceOne, type WorkspaceOneSimulator } from "../../../simulators/workspace-one/simulator.ts";
import { type Bench, account, createBench, saying, SECRET, UDID, workspaceOne } from "../tenants.ts";

let bench: Bench;
let uem: WorkspaceOneSimulator;

beforeEach(async () => {
  bench = createBench();
  uem = await startWorkspaceOne({ clientId: "portcullis", clientSecret: SECRET, now: bench.deps.now });
});
afterEach(async () => {
  await uem.stop();
  await bench.http.close();
});

const failing = ({ steps }: LinkTest): unknown => steps.find(({ ok }) => !ok);
const passing = ({ steps }: LinkTest): readonly string[] => steps.filter(({ ok }) => ok).map(({ name }) => name);
const STEPS = ["Resolve the host name", "Connect", "Get a token", "Check the privileges", "Read a device"];

describe("a test of the credentials", () => {
  test("goes from name to sample, and tells where tokens come from and how many devices there are", async () => {
    for (const number of [1, 2, 3]) uem.tenant.devices.add({ kind: "mac", udid: `${UDID.slice(1)}${number}` });
    const tested = await workspaceOne(bench.deps, uem.url).test();
    expect(tested).toMatchObject({ ok: true, tokenUrl: `${uem.url}/oauth/token`, deviceCount: 3 });
    expect(passing(tested)).toEqual(STEPS);
    expect(tested.error).toBeUndefined();
  });

  test("takes a token URL that is given, and an empty tenant's 204", async () => {
    const tested = await workspaceOne(bench.deps, uem.url, { tokenUrl: uem.tokenUrl }).test();
    expect(tested).toMatchObject({ ok: true, tokenUrl: uem.tokenUrl, deviceCount: 0 });
    expect(uem.calls.map(({ path }) => path)).not.toContain("/oauth/token");
  });

  test("is not fooled by a token that look-ups still hold", async () => {
    const provider = workspaceOne(bench.deps, uem.url);
    await provider.lookUp({ macs: [], deviceId: undefined });
    await provider.test();
    uem.tenant.configure({ clientSecret: "rotated elsewhere" });
    expect(await provider.test()).toMatchObject({ ok: false });
  });

  test.each([
    ["Get a token", "OAuth Client Management", () => uem.tenant.configure({ clientSecret: "another" })],
    ["Get a token", "503", () => uem.tenant.faults.inject({ kind: "status", status: 503, scope: "token" })],
    [
      "Check the privileges",
      "wants a tenant code",
      () => uem.tenant.faults.inject({ kind: "status", status: 403, path: "search" }),
    ],
    ["Check the privileges", "tenant code", () => uem.tenant.configure({ requireTenantCode: "wanted" })],
    ["Read a device", "something other than JSON", () => uem.tenant.faults.inject({ kind: "html", path: "search" })],
    ["Read a device", "404", () => uem.tenant.faults.inject({ kind: "status", status: 404, path: "search" })],
  ])("ends at %s, saying %s", async (name, words, break_) => {
    break_();
    const tested = await workspaceOne(bench.deps, uem.url).test();
    expect(tested).toMatchObject({ ok: false, error: saying(words) });
    expect(failing(tested)).toMatchObject({ name, detail: saying(words) });
    expect(tested.steps.filter(({ ok }) => !ok)).toHaveLength(1);
    expect(JSON.stringify(tested)).not.toContain(SECRET);
  });

  test.each([
    ["Resolve the host name", "https://no-such-host.invalid", ""],
    ["Resolve the host name", "https://10.0.0.1", "PORTCULLIS_MDM_ALLOWED_NETWORKS"],
    ["Connect", "http://127.0.0.1:1", "refused"],
  ])("ends at %s for %s", async (name, url, words) => {
    const tested = await workspaceOne(bench.deps, url).test();
    expect(failing(tested)).toMatchObject({ name, detail: saying(words) });
    expect(tested.steps.at(-1)).toMatchObject({ ok: false });
  });

  test("hints at the API's host when the console's was pasted", async () => {
    const { url, close } = await listening(granting((reply) => reply.end("<html>console</html>")));
    // Nobody answers for that name here: the way out steers the call to a server of ours, as DNS would.
    const steered = (request: HttpRequest) =>
      bench.http.request({ ...request, url: request.url.replace(/^https:\/\/[^/]+/, url) });
    const deps = { ...bench.deps, http: { ...bench.http, request: steered } };
    const tested = await workspaceOne(deps, "https://cn1234.awmdm.com").test();
    expect(failing(tested)).toMatchObject({ name: "Read a device", detail: saying("https://as1234.awmdm.com") });
    close();
  });

  test("says what the role lacks, and quotes nothing that a server echoes", async () => {
    const echo = JSON.stringify({ errorCode: 7, message: SECRET });
    const { url, close } = await listening(granting((reply) => reply.writeHead(403).end(echo)));
    const tested = await workspaceOne(bench.deps, url).test();
    expect(failing(tested)).toMatchObject({ name: "Check the privileges", detail: saying("read access to devices") });
    expect(JSON.stringify(tested)).not.toContain(SECRET);
    close();
  });
});

describe("regions", () => {
  const service = { goesOnAfter: () => true, mending: "see the console" };
  const vmware = (): ReturnType<typeof account> => account(uem.url);

  test("the one that knows the client wins, whatever those before it said", async () => {
    const elsewhere = await startWorkspaceOne({ clientId: "stranger", clientSecret: "stranger" });
    const urls = [elsewhere.tokenUrl, `${uem.url}/nothing/here`, "http://127.0.0.1:1/token", uem.tokenUrl];
    const grant = await obtainGrant(bench.deps, vmware(), { ...service, urls });
    expect(grant).toMatchObject({ kind: "granted", tokenUrl: uem.tokenUrl });
    await elsewhere.stop();
  });

  test("none knows it: refused credentials when all answered, else what may pass, and every word of each", async () => {
    uem.tenant.configure({ clientSecret: "another" });
    const urls = [uem.tokenUrl, `${uem.url}/nothing/here`];
    const refused = await obtainGrant(bench.deps, vmware(), { ...service, urls });
    expect(refused).toMatchObject({
      kind: "failed",
      fault: { cause: "credentials", detail: saying("no token service there") },
    });
    const cutOff = await obtainGrant(bench.deps, vmware(), { ...service, urls: [...urls, "http://127.0.0.1:1/token"] });
    expect(cutOff).toMatchObject({ kind: "failed", fault: { cause: "network", detail: saying("invalid_client") } });
  });

  test.each([
    ["3600", 3_570_000],
    [300, 270_000],
    [60, 45_000], // a fixed margin of 30 s would halve a token of one minute
    [undefined, 45_000],
  ])("a token of lifetime %p is renewed after %d ms", async (expires_in, renewalMs) => {
    const { url, close } = await listening(
      createServer((_request, reply) =>
        reply.end(JSON.stringify({ access_token: "t", token_type: "bearer", expires_in })),
      ),
    );
    const grant = await obtainGrant(bench.deps, vmware(), { ...service, urls: [url] });
    expect(grant.freshUntil - bench.clock.ms).toBe(renewalMs);
    expect(JSON.stringify(grant)).toContain("[redacted]");
    close();
  });
});

/** Grants every token, and answers all else as told. */
function granting(answer: (reply: ServerResponse) => void): Server {
  return createServer((request, reply) => {
    if (request.url?.includes("token") === true) reply.end('{"access_token":"t","expires_in":60}');
    else answer(reply);
  });
}

async function listening(server: Server): Promise<{ url: string; close: () => void }> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}
