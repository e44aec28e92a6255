import { randomBytes, randomInt } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "kysely";
import * as write from "../../radius-edge/wire/attribute-writers.ts";
import { parseMasterKeys } from "../../runtime/master-keys.ts";
import { createSeals } from "../../runtime/secrets.ts";
import { openRadiusClient } from "../../simulators/fleet/radius-client.ts";
import type { RadiusClient } from "../../simulators/fleet/radius-client.ts";
import { openStore } from "../../store/pool.ts";
import type { Store } from "../../store/pool.ts";
import { createTenant, NAS_SECRET } from "../support/edge.ts";
import { freePort, startKillableEdge } from "../support/killable-edge.ts";
import type { KillableEdge } from "../support/killable-edge.ts";
import { createDatabase } from "../support/postgres.ts";
import { openProxy } from "../support/severable-proxy.ts";
import type { SeverableProxy } from "../support/severable-proxy.ts";

const KILLS = Number(process.env["PORTCULLIS_TEST_KILLS"] ?? 6);
const NAS_ADDRESS = "127.0.0.81";

let folder: string;
let store: Store;
let network: SeverableProxy;
let env: Record<string, string>;
let isSevered = false;
let drop: () => Promise<void>;
beforeAll(async () => {
  const database = await createDatabase();
  folder = await mkdtemp(join(tmpdir(), "portcullis-crash-"));
  const masterKeys = `test:${randomBytes(32).toString("base64")}`;
  store = openStore({ databaseUrl: database.url, seals: createSeals(parseMasterKeys(masterKeys, "test")) });
  await createTenant(store, {
    name: "Acme",
    nasAddress: NAS_ADDRESS,
    rules: [{ gives: [{ name: "all", type: "vlan", values: ["99"] }] }],
  });
  const direct = new URL(database.url);
  network = await openProxy({ host: direct.hostname, port: Number(direct.port) });
  const url = new URL(database.url);
  url.host = `127.0.0.1:${network.port}`;
  env = {
    DATABASE_URL: url.href,
    PORTCULLIS_STATE_DIR: folder,
    PORTCULLIS_MASTER_KEYS: masterKeys,
    PORTCULLIS_INTERNAL_PORT: String(await freePort()),
  };
  drop = () => database.drop();
});
afterAll(async () => {
  if (!isSevered) await network.sever();
  await store.close();
  await drop();
  await rm(folder, { recursive: true });
});

/** Everything that was asked, by type of event and client; each client asks once. */
const sent = new Set<string>();
const acknowledged = new Set<string>();
let clients = 0;

/** One client after another comes, and is accounted for. */
async function come(edge: KillableEdge, nas: RadiusClient, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const mac = `a483e7${(++clients).toString(16).padStart(6, "0")}`;
    const place = [write.writeUserName(mac), write.writeCallingStationId(mac), write.writeServiceType(10)];
    const accounted = [write.writeAccountingKind("start"), write.writeAcctSessionId(mac), ...place.slice(0, 2)];
    const [access, accounting] = [`NAC_CLIENT_PERMIT ${mac}`, `NAC_ACCOUNTING_START ${mac}`];
    sent.add(access).add(accounting);
    const answers = [
      hear(access, nas.ask(edge.authentication, "Access-Request", place)),
      hear(accounting, nas.ask(edge.accounting, "Accounting-Request", accounted)),
    ];
    // Those in flight when the edge dies are never answered.
    await Promise.race([Promise.all(answers), until(isOver)]);
  }
}

async function hear(event: string, answer: ReturnType<RadiusClient["ask"]>): Promise<void> {
  if ((await answer) !== undefined) acknowledged.add(event);
}

async function until(isMet: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isMet())) await sleep(10);
}

async function recorded(): Promise<readonly string[]> {
  const { rows } = await sql<{ type: string; mac: string }>`
    select type, replace(mac::text, ':', '') as mac from events where mac is not null
  `.execute(store.db);
  return rows.map(({ type, mac }) => `${type} ${mac}`).filter((event) => sent.has(event));
}

async function liveAndDie(isFirst: boolean): Promise<void> {
  const edge = await startKillableEdge(env);
  if (isFirst)
    await until(async () => (await readdir(folder, { recursive: true })).some((name) => name.endsWith(".snapshot")));
  let isOver = false;
  // It never repeats itself: a copy would be answered without an event of its own.
  const nas = await openRadiusClient({ address: NAS_ADDRESS, secret: NAS_SECRET, firstRetryMs: 600_000 });
  const traffic = Promise.all(Array.from({ length: 8 }, () => come(edge, nas, () => isOver)));
  await sleep(randomInt(20, 300));
  await setSevered(!isSevered);
  await sleep(randomInt(20, 700));
  await edge.kill();
  isOver = true;
  await traffic;
  nas.close();
}

async function setSevered(next: boolean): Promise<void> {
  if (next !== isSevered) await (next ? network.sever() : network.mend());
  isSevered = next;
}

test(
  `behaviour 9.1, 10.1: of an edge that is killed ${KILLS} times, with Postgres coming and going, no answer lacks its event`,
  async () => {
    for (let kill = 0; kill < KILLS; kill++) await liveAndDie(kill === 0);
    await setSevered(false);
    const last = await startKillableEdge(env);
    await until(async () => {
      const metrics = await fetch(`http://${last.internal}/metrics`);
      return /^portcullis_journal_records\{[^}]*\} 0$/m.test(await metrics.text());
    });
    await last.kill();
    const events = await recorded();
    const found = new Set(events);
    expect([...acknowledged].filter((event) => !found.has(event))).toEqual([]);
    // Each once, also what was delivered twice.
    expect(events.toSorted()).toEqual([...new Set(events)].toSorted());
    expect(acknowledged.size).toBeGreaterThan(KILLS);
  },
  120_000 + KILLS * 15_000,
);
