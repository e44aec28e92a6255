import { randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findFreePort } from "../../cli/embedded/ports.ts";
import { parseMac } from "../../domain/mac-address.ts";
import * as write from "../../radius-edge/wire/attribute-writers.ts";
import { parseMasterKeys } from "../../runtime/master-keys.ts";
import { createSeals } from "../../runtime/secrets.ts";
import { createAuthority } from "../../simulators/certificates.ts";
import type { Authority } from "../../simulators/certificates.ts";
import { openRadiusClient } from "../../simulators/fleet/radius-client.ts";
import type { RadiusClient } from "../../simulators/fleet/radius-client.ts";
import { openStore } from "../../store/pool.ts";
import { createSite } from "../radius-edge/eap/bench.ts";
import { registerRadsecNas } from "../radius-edge/radsec/edge.ts";
import { openRadsecNas } from "../radius-edge/radsec/nas.ts";
import { build } from "../support/build.ts";
import { createTenant, NAS_SECRET } from "../support/edge.ts";
import { runCommand } from "../support/installation.ts";
import type { Run } from "../support/installation.ts";
import { createDatabase } from "../support/postgres.ts";
import type { TestDatabase } from "../support/postgres.ts";

// `portcullis edge` as an operator runs it: its sockets from systemd, health and metrics in clear text on a port of their own.
const NAS_ADDRESS = "127.0.0.104";
const MAC = parseMac("a4:83:e7:00:43:01")!;
const PLACE = [write.writeCallingStationId(MAC)];

let database: TestDatabase;
let folder: string;
let nasCa: Authority;
let run: Run;
let radius: RadiusClient;
let metricsUrl: string;
/** Where the sockets are that the edge is handed. */
let at: { readonly authentication: string; readonly accounting: string; readonly radsec: string };

beforeAll(async () => {
  build();
  database = await createDatabase();
  folder = mkdtempSync(join(tmpdir(), "portcullis-edge-role-"));
  const masterKeys = `test:${randomBytes(32).toString("base64")}`;
  const store = openStore({ databaseUrl: database.url, seals: createSeals(parseMasterKeys(masterKeys, "test")) });
  const tenant = { name: "Acme", site: await createSite(), nasAddress: NAS_ADDRESS, rules: [{ gives: [] }] };
  await registerRadsecNas(store, await createTenant(store, tenant), "ap-1.acme.example");
  await store.close();
  const metricsPort = await findFreePort();
  metricsUrl = `http://127.0.0.1:${metricsPort}`;
  run = await handOver({
    PATH: process.env["PATH"],
    DATABASE_URL: database.url,
    PORTCULLIS_STATE_DIR: folder,
    PORTCULLIS_MASTER_KEYS: masterKeys,
    PORTCULLIS_INTERNAL_PORT: String(await findFreePort()),
    PORTCULLIS_METRICS_PORT: String(metricsPort),
    ...(await radsecFiles()),
  });
  await run.until(/the edge answers/);
  radius = await openRadiusClient({ address: NAS_ADDRESS, secret: NAS_SECRET });
}, 120_000);
afterAll(async () => {
  radius.close();
  run.signal("SIGTERM");
  await run.exited;
  await database.drop();
  rmSync(folder, { recursive: true });
});

/** Starts the edge with sockets on ports that no setting names, and lets go of them. */
async function handOver(env: NodeJS.ProcessEnv): Promise<Run> {
  const [authentication, accounting] = [createSocket("udp4"), createSocket("udp4")];
  const radsec = createServer();
  authentication.bind(0, "127.0.0.1");
  accounting.bind(0, "127.0.0.1");
  radsec.listen(0, "127.0.0.1");
  const all = { authentication, accounting, radsec };
  await Promise.all(Object.values(all).map((socket) => once(socket, "listening")));
  const fdOf = (socket: object): number => (socket as { readonly _handle: { readonly fd: number } })._handle.fd;
  const placeOf = (socket: { address(): unknown }) => `127.0.0.1:${(socket.address() as AddressInfo).port}`;
  at = { authentication: placeOf(authentication), accounting: placeOf(accounting), radsec: placeOf(radsec) };
  const sockets = { radsec: fdOf(radsec), accounting: fdOf(accounting), authentication: fdOf(authentication) };
  const started = runCommand(["edge"], env, sockets);
  for (const socket of Object.values(all)) socket.close();
  return started;
}

async function radsecFiles() {
  nasCa = await createAuthority("NAS CA");
  const server = await nasCa.issue({ commonName: "radius", sanDns: ["radius.acme.example"], eku: "server" });
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  return {
    PORTCULLIS_RADSEC_CERT_FILE: file("server.pem", server.certificatePem),
    PORTCULLIS_RADSEC_KEY_FILE: file("server.key", server.keyPem),
    PORTCULLIS_RADSEC_CA_FILE: file("ca.pem", nasCa.certificatePem),
  };
}

async function askHealth() {
  const [health, readiness] = await Promise.all([get("/healthz"), get("/readyz")]);
  return { health, readiness };
}

async function get(path: string) {
  const answer = await fetch(`${metricsUrl}${path}`);
  return { status: answer.status, text: await answer.text() };
}

test("an edge answers on each socket that systemd hands it", async () => {
  const asMac = [write.writeUserName(MAC), write.writeServiceType(10), ...PLACE];
  expect((await radius.ask(at.authentication, "Access-Request", asMac))?.packet.code).toBe("Access-Accept");
  const start = [write.writeAccountingKind("start"), write.writeAcctSessionId("4301"), ...PLACE];
  expect((await radius.ask(at.accounting, "Accounting-Request", start))?.packet.code).toBe("Accounting-Response");
  const nas = await openRadsecNas(
    at.radsec,
    await nasCa.issue({ commonName: "a NAS", sanDns: ["ap-1.acme.example"] }),
    nasCa.certificatePem,
  );
  expect((await nas.ask("Status-Server")).packet.code).toBe("Access-Accept");
  nas.close();
});

test("an edge's metrics port tells health, what was counted, and how old the snapshot is", async () => {
  expect(await get("/healthz")).toEqual({ status: 200, text: "ok\n" });
  const { status, text } = await get("/readyz");
  expect(status).toBe(200);
  expect(JSON.parse(text)).toEqual({
    status: "ok",
    snapshot_age_seconds: expect.any(Number) as number,
    clock_jump_seconds: 0,
  });
  expect((await get("/metrics")).text).toMatch(/^portcullis_radius_drops_total\{.*role="edge".*\} 0$/m);
});

test("an edge that brings its conversations to their end is alive, and ready no more", async () => {
  const eap = write.writeEapMessage(Buffer.from([2, 1, 0, 10, 1, ...Buffer.from("alice")]));
  const begun = await radius.ask(at.authentication, "Access-Request", [write.writeUserName("alice"), ...PLACE, ...eap]);
  expect(begun?.packet.code).toBe("Access-Challenge");
  run.signal("SIGTERM");
  let told = await askHealth();
  while (told.readiness.status === 200) told = await askHealth();
  expect(told).toEqual({
    health: { status: 200, text: "ok\n" },
    readiness: { status: 503, text: "the process is stopping\n" },
  });
  expect(await run.exited).toBe(0);
}, 60_000);
