import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { sendByEdge } from "../../activities/edge-port.ts";
import { openWayToEdges } from "../../cli/roles/way-out.ts";
import type { CoaOutcome, CoaStep } from "../../domain/coa.ts";
import { createHttp } from "../../outbound/http.ts";
import type { Http } from "../../outbound/http.ts";
import { startInternalPort } from "../../radius-edge/internal-port.ts";
import type { InternalPortOptions } from "../../radius-edge/internal-port.ts";
import { startEdge } from "../../radius-edge/main.ts";
import { loadConfig } from "../../runtime/config.ts";
import { findChannelKey, isLoopback, makeChannelKey, makeInternalToken } from "../../runtime/edge-access.ts";
import { verifyInternalToken } from "../../runtime/edge-access.ts";
import { createLog } from "../../runtime/log.ts";
import { parseMasterKeys } from "../../runtime/master-keys.ts";
import type { MasterKeys } from "../../runtime/master-keys.ts";
import { createMetrics } from "../../runtime/metrics.ts";
import { createAuthority } from "../../simulators/certificates.ts";
import { findEdge, registerEdge, releaseEdge } from "../../store/edges.ts";
import { authenticate, newTenant, openBench } from "../activities/bench.ts";
import type { ActivityBench } from "../activities/bench.ts";
import { edgeId, newId } from "../support/edge-records.ts";

// The edge's own port and the worker's own way to it, over real sockets. 0.0.0.0 is off loopback, and reached on it.
const keyOf = (kid: string, octet: number): string => `${kid}:${Buffer.alloc(32, octet).toString("base64")}`;
const [FIRST, SECOND, IMPOSTOR] = [keyOf("k1", 1), keyOf("k2", 2), keyOf("k1", 3)];
const keysOf = (...keys: readonly string[]): MasterKeys => parseMasterKeys(keys.join(","), "test");

const closing: (() => Promise<unknown>)[] = [];
let bench: ActivityBench;
beforeAll(async () => void (bench = await openBench()));
afterAll(() => bench.close());
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

const ACKNOWLEDGED: CoaOutcome = { kind: "acknowledged" };

async function startPort(
  host: string,
  keys: MasterKeys,
  carryOut: InternalPortOptions["carryOut"] = async () => ACKNOWLEDGED,
) {
  const port = await startInternalPort({
    host,
    port: 0,
    metrics: createMetrics("edge"),
    readiness: () => ({ status: "ok" }),
    isAuthorized: (authorization) => verifyInternalToken(keys, authorization),
    channelKey: (identity) => findChannelKey(keys, identity),
    carryOut,
  });
  closing.push(() => port.close());
  return { ...port, url: `${port.scheme}://127.0.0.1:${port.address.split(":").at(-1)}` };
}

function wayToEdges(keys: MasterKeys): Http {
  const http = createHttp({ allowedNetworks: [], guard: false, preSharedKey: makeChannelKey(keys) });
  closing.push(() => http.close());
  return http;
}

/** What becomes of a CoA that a worker with these keys asks of the edge at that URL. */
async function ask(internalAddress: string, keys: MasterKeys) {
  await announce(internalAddress);
  return order(keys);
}

async function announce(internalAddress: string): Promise<void> {
  const edge = { id: edgeId, internalAddress, nonce: newId() };
  await registerEdge(bench.store, edge);
  closing.push(() => releaseEdge(bench.store, edge));
}

async function order(keys: MasterKeys) {
  const send = await orderer(keys, wayToEdges(keys));
  return send("reauthenticate");
}

/** Orders CoAs for one session, as a worker with these keys does. */
async function orderer(keys: MasterKeys, edgeHttp: Http) {
  const organizationId = await newTenant(bench.store);
  const { session } = await authenticate(bench, organizationId);
  const deps = { ...bench.deps, edgeHttp, internalToken: makeInternalToken(keys) };
  return (step: CoaStep) => sendByEdge(deps, session!, step, 0);
}

const notProven = {
  kind: "unreachable",
  text: expect.stringContaining("does not prove this worker's master key") as string,
};

test("off loopback a worker with the installation's key has its CoA sent, over TLS", async () => {
  const { scheme, url } = await startPort("0.0.0.0", keysOf(FIRST));
  expect(scheme).toBe("https");
  expect(await ask(url, keysOf(FIRST))).toEqual({ kind: "acknowledged" });
});

test("an edge that listens on every address is found and asked by its workers", async () => {
  const stateFolder = await mkdtemp(join(tmpdir(), "portcullis-edge-"));
  closing.push(() => rm(stateFolder, { recursive: true }));
  const env = { DATABASE_URL: bench.store.databaseUrl, PORTCULLIS_MASTER_KEYS: FIRST, PORTCULLIS_HOST: "0.0.0.0" };
  const config = { ...loadConfig(env, "edge"), stateFolder };
  const ports = { ...config.ports, authentication: 0, accounting: 0, internal: 0 };
  const edge = await startEdge(
    { ...config, ports },
    { log: createLog("edge", "silent"), metrics: createMetrics("edge") },
  );
  closing.push(() => edge.close());
  expect(await findEdge(bench.store, edge.edgeId)).toMatchObject({ internalAddress: `https://${edge.internal}` });
  // The session's NAS is none of this edge's: it says so, over the channel.
  expect(await order(keysOf(FIRST))).toMatchObject({ kind: "notSent" });
});

test("on loopback the port stays plain HTTP, for health checks and people", async () => {
  const { scheme, url } = await startPort("127.0.0.1", keysOf(FIRST));
  expect(scheme).toBe("http");
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  expect(await ask(url, keysOf(FIRST))).toEqual({ kind: "acknowledged" });
});

test("as many orders as a worker has at a time may wait for dead NASes, and hold up none for one that lives", async () => {
  let endSilence: (outcome: CoaOutcome) => void = () => undefined;
  const silence = new Promise<CoaOutcome>((resolve) => (endSilence = resolve));
  let waiting = 0;
  const { url } = await startPort("127.0.0.1", keysOf(FIRST), ({ step }) => {
    if (step === "reauthenticate") return Promise.resolve(ACKNOWLEDGED);
    waiting++;
    return silence;
  });
  await announce(url);
  const env = { DATABASE_URL: bench.store.databaseUrl, PORTCULLIS_MASTER_KEYS: FIRST };
  const edgeHttp = await openWayToEdges(loadConfig(env, "worker"));
  closing.push(() => edgeHttp.close());
  const send = await orderer(keysOf(FIRST), edgeHttp);
  const lost = Array.from({ length: 100 }, () => send("disconnect"));
  while (waiting < lost.length) await sleep(10);
  expect(await send("reauthenticate")).toEqual(ACKNOWLEDGED);
  endSilence({ kind: "noAnswer", attempts: 3 });
  expect(await Promise.all(lost)).toEqual(lost.map(() => ({ kind: "noAnswer", attempts: 3 })));
});

test("while keys are rotated, an edge knows a worker with any of its keys", async () => {
  const { url } = await startPort("0.0.0.0", keysOf(SECOND, FIRST));
  expect(await ask(url, keysOf(FIRST))).toEqual({ kind: "acknowledged" });
  expect(await ask(url, keysOf(SECOND))).toEqual({ kind: "acknowledged" });
});

test.each([
  ["of the same name", keysOf(IMPOSTOR)],
  ["of another name", keysOf(SECOND)],
])("another key %s is refused, and the refusal says what to look at", async (_name, keys) => {
  const { url } = await startPort("0.0.0.0", keysOf(FIRST));
  const refused = await ask(url, keys);
  expect(refused).toMatchObject(notProven);
  expect(JSON.stringify(refused)).not.toContain(Buffer.from(makeChannelKey(keys).key).toString("base64"));
});

test("who has no key gets no octet of HTTP, health and metrics included", async () => {
  const { url } = await startPort("0.0.0.0", keysOf(FIRST));
  const stranger = createHttp({ allowedNetworks: [], guard: false });
  closing.push(() => stranger.close());
  expect(await stranger.request({ method: "GET", url: `${url}/metrics` })).toMatchObject({ cause: "tls" });
  const inClear = await stranger.request({ method: "GET", url: `${url.replace("https", "http")}/healthz` });
  expect(inClear).toMatchObject({ kind: "failed" });
});

test("a man in the middle with a certificate of his own is refused, whoever signed it", async () => {
  const authority = await createAuthority("Trusted by the whole world");
  const issued = await authority.issue({ commonName: "127.0.0.1", sanDns: ["localhost"], eku: "server" });
  let heard = 0;
  const options = { cert: issued.certificatePem + authority.certificatePem, key: issued.keyPem };
  const middle = createServer(options, (_request, reply) => {
    heard++;
    reply.end();
  });
  await new Promise<void>((resolve) => middle.listen(0, "127.0.0.1", resolve));
  closing.push(async () => middle.close());
  const { port } = middle.address() as AddressInfo;
  expect(await ask(`https://localhost:${port}`, keysOf(FIRST))).toMatchObject(notProven);
  const believing = createHttp({
    allowedNetworks: [],
    guard: false,
    caPem: authority.certificatePem,
    preSharedKey: makeChannelKey(keysOf(FIRST)),
  });
  closing.push(() => believing.close());
  const url = `https://localhost:${port}/`;
  expect(await believing.request({ method: "GET", url })).toMatchObject({ kind: "failed", cause: "tls" });
  expect(heard).toBe(0);
});

test("a man in the middle who knows another key is refused", async () => {
  const { url } = await startPort("0.0.0.0", keysOf(IMPOSTOR));
  expect(await ask(url, keysOf(FIRST))).toMatchObject(notProven);
});

test.each(["http://192.0.2.1:8090", "192.0.2.1:8090"])(
  "the edge at %s is not asked: the token stays here",
  async (at) => {
    const text = expect.stringContaining("in clear text") as string;
    expect(await ask(at, keysOf(FIRST))).toEqual({ kind: "unreachable", text });
  },
);

test.each([
  ["127.0.0.1", true],
  ["127.9.8.7", true],
  ["localhost", true],
  ["::1", true],
  ["[::1]", true],
  ["0.0.0.0", false],
  ["::", false],
  ["10.0.0.1", false],
  ["127.0.0.1.example.com", false],
  ["localhost.example.com", false],
])("%s on loopback: %s", (host, answer) => expect(isLoopback(host)).toBe(answer));
