import { randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { reveal, secret } from "../../domain/secret.ts";
import { startEdge } from "../../radius-edge/main.ts";
import type { RunningEdge } from "../../radius-edge/main.ts";
import * as write from "../../radius-edge/wire/attribute-writers.ts";
import { buildRequest, newRequestAuthenticator } from "../../radius-edge/wire/exchange.ts";
import { loadConfig } from "../../runtime/config.ts";
import { createLog } from "../../runtime/log.ts";
import { createMetrics } from "../../runtime/metrics.ts";
import type { Metrics } from "../../runtime/metrics.ts";
import { parseMasterKeys } from "../../runtime/master-keys.ts";
import { createSeals } from "../../runtime/secrets.ts";
import { createNas } from "../../store/nases.ts";
import { openStore } from "../../store/pool.ts";
import type { Store } from "../../store/pool.ts";
import { createDatabase } from "../support/postgres.ts";
import type { TestDatabase } from "../support/postgres.ts";
import { newOrganization } from "../support/store.ts";

// What an edge is handed that it must not take: each refusal has a name and is counted, and the edge lives on.
const RIGHT = secret("the-right-secret");
const WRONG = secret("the-wrong-secret");
const MASTER_KEYS = `test:${randomBytes(32).toString("base64")}`;
const metrics = createMetrics("edge");
const logged: string[] = [];

let database: TestDatabase;
let store: Store;
let stateFolder: string;
let edge: RunningEdge;

beforeAll(async () => {
  database = await createDatabase();
  stateFolder = await mkdtemp(join(tmpdir(), "portcullis-edge-"));
  store = openStore({ databaseUrl: database.url, seals: createSeals(parseMasterKeys(MASTER_KEYS, "test")) });
  edge = await start({}, { metrics, stateFolder });
});
afterAll(async () => {
  await edge.close();
  await store.close();
  await database.drop();
  await rm(stateFolder, { recursive: true });
});

function start(
  ports: { readonly authentication?: number; readonly internal?: number },
  parts: { readonly metrics: Metrics; readonly stateFolder: string },
): Promise<RunningEdge> {
  const env = {
    DATABASE_URL: database.url,
    PORTCULLIS_STATE_DIR: parts.stateFolder,
    PORTCULLIS_MASTER_KEYS: MASTER_KEYS,
  };
  const config = loadConfig(env, "edge");
  const log = createLog("edge", "trace", { write: (line) => void logged.push(line) });
  const free = { authentication: 0, accounting: 0, internal: 0 };
  return startEdge({ ...config, ports: { ...config.ports, ...free, ...ports } }, { log, metrics: parts.metrics });
}

function accessRequest(sharedSecret: typeof RIGHT): Buffer {
  const mac = "a4-83-e7-00-00-01";
  const attributes = [write.writeUserName(mac), write.writeCallingStationId(mac), write.writeServiceType(10)];
  const request = {
    code: "Access-Request",
    identifier: 7,
    authenticator: newRequestAuthenticator(),
    attributes,
  } as const;
  const encoded = buildRequest(request, sharedSecret);
  if (encoded.kind !== "encoded") throw new Error(encoded.sentence);
  return encoded.bytes;
}

async function drops(reason: string): Promise<number> {
  const line = (await metrics.metrics()).split("\n").find((text) => text.includes(`reason="${reason}"`));
  return Number(line!.split(" ").at(-1));
}

/** Sends octets and waits until they are counted under `reason`; there must be no answer. */
async function expectDropped(octets: Buffer, reason: string): Promise<void> {
  const before = await drops(reason);
  const socket = createSocket("udp4");
  let answers = 0;
  socket.on("message", () => answers++);
  const [host, port] = edge.authentication.split(":");
  socket.send(octets, Number(port), host);
  for (let tries = 0; tries < 500 && (await drops(reason)) === before; tries++) await sleep(10);
  socket.close();
  expect({ reason, drops: await drops(reason), answers }).toEqual({ reason, drops: before + 1, answers: 0 });
}

/** The code of the answer, asked for until there is one. */
async function answerCode(): Promise<number> {
  const socket = createSocket("udp4");
  const [host, port] = edge.authentication.split(":");
  const answer = once(socket, "message") as Promise<[Buffer]>;
  const again = setInterval(() => socket.send(accessRequest(RIGHT), Number(port), host), 100);
  const [octets] = await answer;
  clearInterval(again);
  socket.close();
  return octets[0]!;
}

test("an unknown NAS, then its wrong secret, then octets that are no RADIUS: dropped and counted by reason", async () => {
  await expectDropped(accessRequest(RIGHT), "unknown-nas");
  const nas = { name: "switch", address: "127.0.0.1", secret: RIGHT, profile: "standard" };
  expect(await createNas(store, await newOrganization(store), nas)).toMatchObject({ kind: "ok" });
  const [accept, reject] = [2, 3];
  expect([accept, reject]).toContain(await answerCode());
  await expectDropped(accessRequest(WRONG), "message-authenticator-wrong");
  await expectDropped(Buffer.from("GET / HTTP/1.1\r\n\r\n"), "too-short");
  await expectDropped(Buffer.alloc(64, 0xff), "length-mismatch");
  await expectDropped(accessRequest(RIGHT).subarray(0, 30), "length-mismatch");
  expect([accept, reject]).toContain(await answerCode());
});

test("a port that is taken is named, with the setting that changes it, and nothing stays half open", async () => {
  const second = { metrics: createMetrics("edge"), stateFolder: join(stateFolder, "second") };
  const internal = Number(edge.internal.split(":")[1]);
  const authentication = Number(edge.authentication.split(":")[1]);
  await expect(start({ internal }, second)).rejects.toThrow(
    `port ${internal} on 127.0.0.1 is taken: set PORTCULLIS_INTERNAL_PORT to a free one`,
  );
  await expect(start({ authentication }, { ...second, metrics: createMetrics("edge") })).rejects.toThrow(
    `UDP port ${authentication} on 127.0.0.1 is taken: set PORTCULLIS_AUTH_PORT to a free one`,
  );
  const { rows } = await store.pool.query<{ id: string }>(
    "select id from edges where seen_at > now() - interval '15 seconds'",
  );
  expect(rows).toEqual([{ id: edge.edgeId }]);
});

test("no refusal shows a secret", () => {
  for (const each of [RIGHT, WRONG, secret(MASTER_KEYS.split(":")[1]!)]) {
    expect(logged.join("")).not.toContain(reveal(each));
  }
});
