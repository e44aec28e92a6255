import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findFreePort } from "../../cli/embedded/ports.ts";
import { parseMac } from "../../domain/mac-address.ts";
import { newState } from "../../radius-edge/eap/state.ts";
import { canSharePorts } from "../../radius-edge/shared-port.ts";
import * as write from "../../radius-edge/wire/attribute-writers.ts";
import type { Attribute } from "../../radius-edge/wire/packet.ts";
import { parseMasterKeys } from "../../runtime/master-keys.ts";
import { createSeals } from "../../runtime/secrets.ts";
import { authenticate } from "../../simulators/fleet/access.ts";
import type { CertifiedClient } from "../../simulators/fleet/client.ts";
import { openRadiusClient } from "../../simulators/fleet/radius-client.ts";
import type { Answered } from "../../simulators/fleet/radius-client.ts";
import { liveEdges } from "../../store/edges.ts";
import { openStore } from "../../store/pool.ts";
import type { Store } from "../../store/pool.ts";
import { eventually, metricOf } from "../fuzz/edge-under-fire.ts";
import { createSite } from "../radius-edge/eap/bench.ts";
import { build } from "../support/build.ts";
import { createTenant, NAS_SECRET } from "../support/edge.ts";
import { runCommand } from "../support/installation.ts";
import type { Run } from "../support/installation.ts";
import { createDatabase } from "../support/postgres.ts";
import type { TestDatabase } from "../support/postgres.ts";

/** Node knows SO_REUSEPORT from 23.1 on. */
const SHARES_PORTS = process.platform === "linux" && Number.parseFloat(process.versions.node) >= 23.1;
const NAS_ADDRESS = "127.0.0.94";
const MAC = parseMac("a4:83:e7:00:94:01")!;
const PLACE = [write.writeCallingStationId(MAC)];

let database: TestDatabase;
let store: Store;
let stateFolder: string;
let client: CertifiedClient;
let run: Run;
let authentication: string;
let internalPort: number;

beforeAll(async () => {
  build();
  database = await createDatabase();
  stateFolder = mkdtempSync(join(tmpdir(), "portcullis-edges-"));
  const masterKeys = `test:${randomBytes(32).toString("base64")}`;
  store = openStore({ databaseUrl: database.url, seals: createSeals(parseMasterKeys(masterKeys, "test")) });
  const site = await createSite();
  await createTenant(store, { name: "Acme", site, nasAddress: NAS_ADDRESS, rules: [{ gives: [] }] });
  const device = await site.authority.issue({ commonName: "mac-01" });
  const common = { name: "laptop", mac: MAC, port: "wired", identity: "host/mac-01" } as const;
  client = { kind: "eap-tls", ...common, ...device, trustedCas: [site.authority.certificatePem] };
  const [authenticationPort, accountingPort] = [await findFreePort(), await findFreePort()];
  authentication = `127.0.0.1:${authenticationPort}`;
  internalPort = await findFreePort();
  run = runCommand(["edge"], {
    PATH: process.env["PATH"],
    DATABASE_URL: database.url,
    PORTCULLIS_STATE_DIR: stateFolder,
    PORTCULLIS_MASTER_KEYS: masterKeys,
    PORTCULLIS_AUTH_PORT: String(authenticationPort),
    PORTCULLIS_ACCT_PORT: String(accountingPort),
    PORTCULLIS_INTERNAL_PORT: String(internalPort),
    PORTCULLIS_EDGE_PROCESSES: "2",
    PORTCULLIS_EAP_THREADS: "1",
  });
  await run.until(SHARES_PORTS ? /the edges answer/ : /the edge answers/);
}, 120_000);
afterAll(async () => {
  run.signal("SIGTERM");
  await run.exited;
  await store.close();
  await database.drop();
  rmSync(stateFolder, { recursive: true });
});

/** Asks from a port that was not used before. */
async function askOnce(attributes: readonly Attribute[]): Promise<Answered | undefined> {
  const radius = await openRadiusClient({ address: NAS_ADDRESS, secret: NAS_SECRET, firstRetryMs: 1_000 });
  try {
    return await radius.ask(authentication, "Access-Request", attributes);
  } finally {
    radius.close();
  }
}

const asMac = () => askOnce([write.writeUserName(MAC), write.writeServiceType(10), ...PLACE]);
const connect = () => authenticate(client, PLACE, { secret: NAS_SECRET, ask: askOnce });

/** A metric of each process. */
function metrics(name: string, label = ""): Promise<readonly number[]> {
  const edges = [0, 1].map((index) => ({ edge: { internal: `127.0.0.1:${internalPort + index}` } }));
  return Promise.all(edges.map((edge) => metricOf(edge, name, label)));
}

/** Of those edges that have said so, by the pid in their line. */
const pids = (): readonly number[] =>
  run
    .output()
    .split("\n")
    .filter((line) => line.includes('"the edge answers"'))
    .map((line) => (JSON.parse(line) as { readonly pid: number }).pid);

test("whether processes can share a port is known by trying", async () => {
  expect(await canSharePorts()).toBe(SHARES_PORTS);
});

function inTwoProcesses(): void {
  test("two edges live, each with an id and an internal port of its own", async () => {
    const edges = await liveEdges(store);
    const addresses = edges.map(({ internalAddress }) => internalAddress).toSorted();
    expect(addresses).toEqual([0, 1].map((index) => `http://127.0.0.1:${internalPort + index}`).toSorted());
  });

  test("requests are spread over both by their source port", async () => {
    while ((await metrics("portcullis_radius_answer_seconds_count")).includes(0))
      expect((await asMac())?.packet.code).toBe("Access-Accept");
  });

  test("a conversation whose packets reach both is handed to the one that has it", async () => {
    while ((await metrics("portcullis_eap_handed_over_total")).includes(0))
      expect(await connect()).toMatchObject({ kind: "accepted" });
    expect(await metrics("portcullis_eap_conversations")).toEqual([0, 0]);
  });

  test("a State of neither is dropped and counted", async () => {
    const ours = await askOnce([write.writeUserName("x"), ...PLACE, ...write.writeEapMessage(IDENTITY)]);
    expect(ours?.packet.code).toBe("Access-Challenge");
    const state = ours!.packet.attributes.find(([type]) => type === 24)![1];
    const foreign = newState(state.readUInt16BE(1) ^ 0xff00);
    const eap = write.writeEapMessage(Buffer.from([2, 9, 0, 6, 13, 0]));
    const radius = await openRadiusClient({ address: NAS_ADDRESS, secret: NAS_SECRET });
    const asked = [write.writeUserName("x"), ...PLACE, ...eap, write.writeState(foreign)];
    const answered = radius.ask(authentication, "Access-Request", asked);
    const dropped = () => metrics("portcullis_radius_drops_total", 'reason="eap-state-foreign"');
    await eventually(async () => (await dropped()).some((count) => count > 0));
    radius.close();
    expect(await answered).toBeUndefined();
  });

  test("an edge that is killed is started again, and the other answers meanwhile", async () => {
    const [first] = pids();
    process.kill(first!, "SIGKILL");
    await run.until(/starting it again/);
    expect((await asMac())?.packet.code).toBe("Access-Accept");
    await eventually(async () => pids().length === 3);
    expect(await connect()).toMatchObject({ kind: "accepted" });
  });
}

function inOneProcess(): void {
  test("one edge answers, and it was said why", async () => {
    expect(run.output()).toMatch(/one edge starts/);
    expect(await liveEdges(store)).toHaveLength(1);
    expect((await asMac())?.packet.code).toBe("Access-Accept");
    expect(await connect()).toMatchObject({ kind: "accepted" });
  });
}

const IDENTITY = Buffer.from([2, 1, 0, 6, 1, 0x78]);

describe(`on Node ${process.versions.node}`, () => {
  if (SHARES_PORTS) inTwoProcesses();
  else inOneProcess();
});

test("SIGTERM stops all of them, and each lets go of its place", async () => {
  run.signal("SIGTERM");
  expect(await run.exited).toBe(0);
  expect(await liveEdges(store)).toEqual([]);
});
