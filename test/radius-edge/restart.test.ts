import { createSocket } from "node:dgram";
import { once } from "node:events";
import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { OrganizationId } from "../../domain/identifiers.ts";
import { identityKey } from "../../domain/identity.ts";
import { reveal, secret } from "../../domain/secret.ts";
import { startEdge } from "../../radius-edge/main.ts";
import type { RunningEdge } from "../../radius-edge/main.ts";
import { readAuthorization } from "../../simulators/fleet/authorization.ts";
import * as write from "../../radius-edge/wire/attribute-writers.ts";
import { buildRequest, newRequestAuthenticator, verifyResponse } from "../../radius-edge/wire/exchange.ts";
import type { Attribute, Packet } from "../../radius-edge/wire/packet.ts";
import { writeUserPassword } from "../../radius-edge/wire/password.ts";
import { loadConfig } from "../../runtime/config.ts";
import { createLog } from "../../runtime/log.ts";
import { MasterKeyError, parseMasterKeys } from "../../runtime/master-keys.ts";
import { createMetrics } from "../../runtime/metrics.ts";
import { createSeals } from "../../runtime/secrets.ts";
import { searchEvents } from "../../store/events.ts";
import { openStore } from "../../store/pool.ts";
import type { Store } from "../../store/pool.ts";
import { writeSetting } from "../../store/settings.ts";
import { storeVerdict } from "../../store/verdicts.ts";
import { MAC, verdict } from "../support/domain-values.ts";
import { createTenant, NAS_SECRET } from "../support/edge.ts";
import { createDatabase } from "../support/postgres.ts";
import { openProxy } from "../support/severable-proxy.ts";
import type { SeverableProxy } from "../support/severable-proxy.ts";

const NAS_ADDRESS = "127.0.0.82";
const PASSWORD = secret("correct horse battery staple");
const STRANGER = "a483e7000001";

let folder: string;
let store: Store;
let organizationId: OrganizationId;
let network: SeverableProxy;
let env: Record<string, string>;
let drop: () => Promise<void>;
let edge: RunningEdge | undefined;
let metrics: ReturnType<typeof createMetrics>;

beforeAll(async () => {
  const database = await createDatabase();
  drop = () => database.drop();
  folder = await mkdtemp(join(tmpdir(), "portcullis-restart-"));
  const masterKeys = `test:${randomBytes(32).toString("base64")}`;
  store = openStore({ databaseUrl: database.url, seals: createSeals(parseMasterKeys(masterKeys, "test")) });
  organizationId = await createTenant(store, {
    name: "Acme",
    nasAddress: NAS_ADDRESS,
    rules: [
      { verdict: "Compliant", gives: [{ name: "corporate", type: "vlan", values: ["20"] }] },
      { gives: [{ name: "quarantine", type: "vlan", values: ["99"] }] },
    ],
  });
  await writeSetting(store, organizationId, { setting: { mist_nac: { mdm: { trust_mac_authentication: true } } } });
  await storeVerdict(store, organizationId, identityKey({ kind: "mac", mac: MAC }), {
    // Found for good, as far as an edge can tell that is cut off before the seven days are over.
    verdict: verdict({ matchedBy: "mac", matchedMac: MAC, checkedAt: Date.now(), dueAt: Date.now() + 7_200_000 }),
    changed: true,
  });
  const direct = new URL(database.url);
  network = await openProxy({ host: direct.hostname, port: Number(direct.port) });
  const url = new URL(database.url);
  url.host = `127.0.0.1:${network.port}`;
  env = { DATABASE_URL: url.href, PORTCULLIS_STATE_DIR: folder, PORTCULLIS_MASTER_KEYS: masterKeys };
});
afterAll(async () => {
  await edge?.close();
  await network.sever();
  await store.close();
  await drop();
  await rm(folder, { recursive: true });
});

async function start(change: Readonly<Record<string, string>> = {}): Promise<RunningEdge> {
  const config = loadConfig({ ...env, ...change }, "edge");
  const ports = { ...config.ports, authentication: 0, accounting: 0, internal: 0 };
  metrics = createMetrics("edge");
  return startEdge({ ...config, ports }, { log: createLog("edge", "silent"), metrics });
}

/** One request of the NAS, as often as a slow machine needs. */
async function ask(attributes: (authenticator: Buffer) => readonly Attribute[]): Promise<Packet> {
  const authenticator = newRequestAuthenticator();
  const encoded = buildRequest(
    { code: "Access-Request", identifier: 1, authenticator, attributes: attributes(authenticator) },
    NAS_SECRET,
  );
  if (encoded.kind !== "encoded") throw new Error(encoded.sentence);
  const [host, port] = edge!.authentication.split(":");
  const socket = createSocket("udp4");
  socket.bind(0, NAS_ADDRESS);
  await once(socket, "listening");
  const repeat = setInterval(() => socket.send(encoded.bytes, Number(port), host), 500);
  socket.send(encoded.bytes, Number(port), host);
  const [datagram] = (await once(socket, "message")) as [Buffer];
  clearInterval(repeat);
  socket.close();
  const verified = verifyResponse(datagram, encoded.bytes, NAS_SECRET);
  if (verified.kind === "drop") throw new Error(verified.reason);
  return verified.packet;
}

const comes = (mac: string): Promise<Packet> =>
  ask(() => [write.writeUserName(mac), write.writeCallingStationId(mac), write.writeServiceType(10)]);

async function readiness(): Promise<{ readonly snapshot_age_seconds: number }> {
  return (await fetch(`http://${edge!.internal}/readyz`)).json() as never;
}

async function eventsOf(mac: string): Promise<readonly string[]> {
  const { events } = await searchEvents(store, organizationId, { start: 0, end: Date.now() + 60_000, limit: 100 });
  return events.filter((event) => event.mac === mac).map(({ type }) => type);
}

test("behaviour 10.1: an edge that starts while Postgres is away answers from its disk, records in its journal, and delivers once", async () => {
  edge = await start();
  expect(readAuthorization(await comes(MAC)).vlan).toBe("20");
  await edge.close();
  await network.sever();

  edge = await start();
  expect(readAuthorization(await comes(MAC)).vlan).toBe("20");
  expect(readAuthorization(await comes(STRANGER)).vlan).toBe("99");
  const refused = await ask((authenticator) => [
    write.writeUserName("ada"),
    writeUserPassword(PASSWORD, NAS_SECRET, authenticator),
  ]);
  expect(refused.code).toBe("Access-Reject");
  expect(await metrics.metrics()).toMatch(/portcullis_edge_snapshot_age_seconds\{role="edge"\} \d/);
  expect(await eventsOf(STRANGER)).toEqual([]);
  const held = await everythingIn(join(folder, "journal"));
  expect(held).toContain(STRANGER);
  expect(held).toContain('"ada"');
  for (const hidden of [PASSWORD, NAS_SECRET]) expect(held).not.toContain(reveal(hidden));

  await network.mend();
  while ((await eventsOf(STRANGER)).length === 0) await sleep(20);
  expect(await eventsOf(STRANGER)).toEqual(["NAC_CLIENT_PERMIT"]);
});

test("behaviour 10.1: the age of what an edge answers by is told where it is asked whether it is ready", async () => {
  const { snapshot_age_seconds: age } = await readiness();
  expect(age).toBeGreaterThanOrEqual(0);
  expect(await metrics.metrics()).toContain('portcullis_edge_clock_jump_seconds{role="edge"} 0');
});

test("behaviour 10.1: what happened while the edge was off is caught up with, and what was deleted forgotten", async () => {
  await edge!.close();
  await store.db.deleteFrom("verdicts").where("organization_id", "=", organizationId).execute();
  edge = await start();
  while (readAuthorization(await comes(MAC)).vlan !== "99") await sleep(20);
  expect(readAuthorization(await comes(STRANGER)).vlan).toBe("99");
});

test("behaviour 10.1: without the key that the disk was sealed with, an edge waits for Postgres", async () => {
  await edge!.close();
  await network.sever();
  let hasStarted = false;
  const starting = start({ PORTCULLIS_MASTER_KEYS: `other:${randomBytes(32).toString("base64")}` }).then((running) => {
    hasStarted = true;
    return running;
  });
  await sleep(2_500);
  expect(hasStarted).toBe(false);
  await network.mend();
  // It is not the database's key either.
  await expect(starting).rejects.toThrow(MasterKeyError);
  edge = undefined;
});

async function everythingIn(path: string): Promise<string> {
  const names = await readdir(path, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return (await Promise.all(files.map((name) => readFile(name, "latin1")))).join("\n");
}
