import { createServer } from "node:net";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startApi } from "../../api/main.ts";
import { findFreePort } from "../../cli/embedded/ports.ts";
import { createHttp } from "../../outbound/http.ts";
import { loadConfig } from "../../runtime/config.ts";
import { createLog } from "../../runtime/log.ts";
import { createDatabase } from "../support/postgres.ts";
import type { TestDatabase } from "../support/postgres.ts";

let database: TestDatabase;
let stateFolder: string;
const http = createHttp({ allowedNetworks: [], guard: true });
const parts = {
  http,
  radius: { profiles: [], attributeFault: () => undefined },
  log: createLog("api", "fatal"),
  version: "1",
};
const configFor = (port: number, more: Record<string, string> = {}) =>
  loadConfig(
    {
      DATABASE_URL: database.url,
      PORTCULLIS_STATE_DIR: stateFolder,
      PORTCULLIS_API_PORT: String(port),
      TEMPORAL_ADDRESS: "127.0.0.1:1",
      ...more,
    },
    "api",
  );

beforeAll(async () => {
  database = await createDatabase();
  stateFolder = await mkdtemp(join(tmpdir(), "portcullis-api-"));
});
afterAll(async () => {
  await http.close();
  await database.drop();
  await rm(stateFolder, { recursive: true });
});

test("the API listens, answers, and lets go of everything", async () => {
  const api = await startApi(configFor(await findFreePort()), parts);
  expect(await (await fetch(`${api.url}/healthz`)).json()).toEqual({ status: "ok" });
  expect((await fetch(`${api.url}/api/v1/self`)).status).toBe(401);
  await api.close();
  await expect(fetch(`${api.url}/healthz`)).rejects.toThrow("fetch failed");
});

test("a port that is taken is named, with the setting that changes it", async () => {
  const holder = createServer().listen(0, "127.0.0.1");
  await once(holder, "listening");
  const { port } = holder.address() as AddressInfo;
  await expect(startApi(configFor(port), parts)).rejects.toThrow(
    `port ${port} on 127.0.0.1 is taken: set PORTCULLIS_API_PORT to a free one`,
  );
  holder.close();
});

test("a wrong master key is told at start, before anything is sealed with it", async () => {
  const keyed = (fill: number) => ({ PORTCULLIS_MASTER_KEYS: `k1:${Buffer.alloc(32, fill).toString("base64")}` });
  const api = await startApi(configFor(await findFreePort(), keyed(1)), parts);
  await api.close();
  const start = startApi(configFor(await findFreePort(), keyed(2)), parts);
  await expect(start).rejects.toThrow('master key "k1" is not the one that this database\'s secrets were sealed with');
});

test("neither Postgres nor Temporal needs to be there", async () => {
  const away = { DATABASE_URL: "postgres://nobody@127.0.0.1:1/none" };
  const api = await startApi(configFor(await findFreePort(), away), parts);
  expect((await fetch(`${api.url}/healthz`)).status).toBe(200);
  expect((await fetch(`${api.url}/readyz`)).status).toBe(503);
  await api.close();
});
