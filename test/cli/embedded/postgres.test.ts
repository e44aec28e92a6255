import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { startPostgres, type EmbeddedPostgres } from "../../../cli/embedded/postgres.ts";
import { abandon } from "../../support/abandoned-supervisor.ts";

let folder: string;
let running: EmbeddedPostgres | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "portcullis-postgres-"));
  chmodSync(folder, 0o711);
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
  // Where Postgres' user cannot enter the folder, its data lies elsewhere, behind a link.
  rmSync(realpathSync(join(folder, "postgres")), { recursive: true });
  rmSync(folder, { recursive: true, force: true });
});

test("is durable and asks for its password, which only its owner can read", async () => {
  running = await start(undefined, true);
  expect(await ask(running.url, "SHOW fsync")).toBe("on");
  expect(await ask(running.url, "SHOW listen_addresses")).toBe("127.0.0.1");
  expect(
    await ask(running.url, "SELECT rolpassword LIKE 'SCRAM-SHA-256$%' FROM pg_authid WHERE rolname = current_user"),
  ).toBe(true);
  await expect(ask(running.url.replace(/:[^:@]+@/, ":wrong@"), "SELECT 1")).rejects.toMatchObject({ code: "28P01" });
  const password = join(folder, "postgres", "password");
  expect(statSync(password).mode & 0o777).toBe(0o600);
  expect(running.url).toContain(readFileSync(password, "utf8"));
});

test("keeps its data and password over a stop, and stops while clients are connected", async () => {
  running = await start();
  await ask(running.url, "CREATE TABLE kept AS SELECT 42 AS answer");
  const { url } = running;
  const idle = new pg.Client({ connectionString: url });
  idle.on("error", () => undefined); // the server says farewell
  await idle.connect();
  await running.stop();
  expect(await running.exited).toBe("exit code 0");
  running = await start(Number(new URL(url).port));
  expect(running.url).toBe(url);
  expect(await ask(url, "SELECT answer FROM kept")).toBe(42);
});

test("after a kill -9 of the supervisor its living server is stopped and followed on the same port", async () => {
  const orphan = await start();
  await ask(orphan.url, "CREATE TABLE kept AS SELECT 42 AS answer");
  await abandon(join(folder, "postgres"));
  running = await start(Number(new URL(orphan.url).port));
  expect(await orphan.exited).toBe("exit code 0");
  expect(await ask(running.url, "SELECT answer FROM kept")).toBe(42);
});

test("a living server without a record is found by postmaster.pid", async () => {
  const orphan = await start();
  rmSync(join(folder, "postgres", "service.json"));
  running = await start();
  expect(await orphan.exited).toBe("exit code 0");
});

test("after a kill -9 of the server itself, under load, the next start recovers", async () => {
  running = await start(undefined, true);
  await ask(running.url, "CREATE TABLE kept AS SELECT 42 AS answer");
  const cut = ask(running.url, "SELECT pg_sleep(60)").catch((error: Error) => error.message);
  const sleepers = "SELECT count(*)::int FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
  while ((await ask(running.url, sleepers)) !== 1) await sleep(20);
  process.kill(running.pid, "SIGKILL");
  expect(await running.exited).toBe("SIGKILL");
  running = await start();
  expect(await cut).toMatch(/Connection terminated|ECONNRESET/);
  expect(await ask(running.url, "SELECT answer FROM kept")).toBe(42);
});

test("after a kill -9 of the server while a backend is busy, the next start waits for that one to end", async () => {
  running = await start();
  const busy = ask(running.url, "SELECT count(*) FROM generate_series(1, 20000000)").catch(() => "cut off");
  const counters =
    "SELECT count(*)::int FROM pg_stat_activity WHERE query LIKE '%generate_series%' AND pid <> pg_backend_pid()";
  while ((await ask(running.url, counters)) !== 1) await sleep(20);
  process.kill(running.pid, "SIGKILL");
  await running.exited;
  running = await start();
  expect(await ask(running.url, "SELECT 1 AS one")).toBe(1);
  await busy;
});

test("a stale postmaster.pid whose number now belongs to another program does not stand in the way", async () => {
  running = await start();
  process.kill(running.pid, "SIGKILL");
  await running.exited;
  const file = join(folder, "postgres", "data", "postmaster.pid");
  const [, ...rest] = readFileSync(file, "utf8").split("\n");
  writeFileSync(file, [String(process.pid), ...rest].join("\n"));
  running = await start();
  expect(await ask(running.url, "SELECT 1 AS one")).toBe(1);
});

test("a lost password file is replaced, and the data kept", async () => {
  running = await start();
  await ask(running.url, "CREATE TABLE kept AS SELECT 42 AS answer");
  await running.stop();
  rmSync(join(folder, "postgres", "password"));
  running = await start();
  expect(await ask(running.url, "SELECT answer FROM kept")).toBe(42);
});

test("a second start beside a living one is refused", async () => {
  running = await start();
  await expect(start()).rejects.toThrow(/already runs.*use another state folder/);
});

test("a taken port is named", async () => {
  const squatter = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => squatter.once("listening", resolve));
  const { port } = squatter.address() as AddressInfo;
  await expect(start(port)).rejects.toThrow(
    `Postgres cannot use port ${port} on 127.0.0.1: another program listens there`,
  );
  squatter.close();
});

test("a state folder that Postgres' user cannot enter is followed by a link", async () => {
  chmodSync(folder, 0o700);
  running = await start();
  expect(await ask(running.url, "SELECT 1 AS one")).toBe(1);
  expect(existsSync(join(folder, "postgres", "data", "PG_VERSION"))).toBe(true);
});

/** Not durable unless asked: fsync is slow, and only the tests of durability need it. */
function start(port?: number, durable = false): Promise<EmbeddedPostgres> {
  return startPostgres({ stateFolder: folder, durable, log: () => undefined, ...(port === undefined ? {} : { port }) });
}

/** The first column of the first row. */
async function ask(connectionString: string, statement: string): Promise<unknown> {
  const client = new pg.Client({ connectionString });
  client.on("error", () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(statement);
    return rows.length === 0 ? undefined : Object.values(rows[0]!)[0];
  } finally {
    await client.end();
  }
}
