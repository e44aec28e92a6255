import { createServer } from "node:net";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findFreePort } from "../../cli/embedded/ports.ts";
import type { OrganizationId } from "../../domain/identifiers.ts";
import { secret } from "../../domain/secret.ts";
import { createSeals } from "../../runtime/secrets.ts";
import { parseMasterKeys } from "../../runtime/master-keys.ts";
import { writeSetting } from "../../store/settings.ts";
import { findToken } from "../../store/tokens.ts";
import { openStore } from "../../store/pool.ts";
import { build } from "../support/build.ts";
import { runCommand } from "../support/installation.ts";
import { createDatabase } from "../support/postgres.ts";
import type { TestDatabase } from "../support/postgres.ts";

let database: TestDatabase;
let stateFolder: string;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  build();
  database = await createDatabase();
  stateFolder = mkdtempSync(join(tmpdir(), "portcullis-commands-"));
  env = { PATH: process.env["PATH"], PORTCULLIS_STATE_DIR: stateFolder, DATABASE_URL: database.url };
}, 120_000);
afterAll(async () => {
  await database.drop();
  rmSync(stateFolder, { recursive: true });
});

/** Output and exit code of a run, beside `more` settings. */
async function outcome(args: readonly string[], more: NodeJS.ProcessEnv = {}) {
  const run = runCommand(args, { ...env, ...more });
  const code = await run.exited;
  return { code, output: run.output() };
}

test("`config` shows every setting, and no secret", async () => {
  const key = Buffer.alloc(32, 7).toString("base64");
  const { code, output } = await outcome(["config"], {
    PORTCULLIS_MASTER_KEYS: `first:${key}`,
    DATABASE_URL: "postgres://someone:hunter2@db.example/portcullis",
    PORTCULLIS_API_PORT: "9999",
  });
  expect(code).toBe(0);
  expect(output).toContain("PORTCULLIS_API_PORT=9999");
  expect(output).toContain("PORTCULLIS_COMPLIANCE_INTERVAL=2h");
  expect(output).toContain("PORTCULLIS_MASTER_KEYS=[redacted]");
  expect(output).not.toContain("hunter2");
  expect(output).not.toContain(key);
});

test.each(["up", "edge", "migrate"])(
  "`%s` with a bad configuration exits with 78, names each variable and shows no stack",
  async (command) => {
    const { code, output } = await outcome([command], {
      PORTCULLIS_API_PORT: "eighty",
      PORTCULLIS_LOG_LEVEL: "loud",
    });
    expect(code).toBe(78);
    expect(output).toContain("portcullis: the configuration has 2 faults");
    expect(output).toContain("PORTCULLIS_API_PORT must be");
    expect(output).toContain("PORTCULLIS_LOG_LEVEL must be");
    expect(output).not.toContain("    at ");
  },
);

test("a CA file that is not there is a fault of the configuration", async () => {
  const { code, output } = await outcome(["worker"], { PORTCULLIS_MDM_CA_FILE: "/nowhere/ca.pem" });
  expect(code).toBe(78);
  expect(output).toContain("PORTCULLIS_MDM_CA_FILE cannot be read");
});

test("`migrate` twice: the second changes nothing", async () => {
  expect((await outcome(["migrate"])).code).toBe(0);
  expect((await outcome(["migrate"])).code).toBe(0);
});

test("an organization is made, listed, and gets a token that is known by its hash", async () => {
  const made = await outcome(["organization", "create", "Acme"]);
  const id = made.output.trim();
  expect(made.code).toBe(0);
  expect((await outcome(["organization", "list"])).output).toContain(`${id}  Acme\n`);
  const token = await outcome(["token", "create", "--organization", id, "--name", "ci"]);
  const key = `any:${Buffer.alloc(32, 1).toString("base64")}`;
  const store = openStore({ databaseUrl: database.url, seals: createSeals(parseMasterKeys(key, "test")) });
  const bearer = await findToken(store, token.output.trim());
  await store.close();
  expect(bearer).toMatchObject({ organizationId: id, name: "ci", createdBy: "command line" });
});

test("a token for nobody is refused by name", async () => {
  const { code, output } = await outcome(["token", "create", "--organization", "acme", "--name", "ci"]);
  expect(code).toBe(1);
  expect(output).toContain('portcullis: there is no organization "acme"');
});

test("a database that does not answer is one sentence; the stack is for those who debug", async () => {
  const away = { DATABASE_URL: "postgres://portcullis:hunter2@127.0.0.1:1/portcullis" };
  const plain = await outcome(["migrate"], away);
  expect(plain.code).toBe(1);
  expect(plain.output).toContain("portcullis: Postgres (DATABASE_URL) does not answer: connect ECONNREFUSED");
  expect(plain.output).not.toContain("    at ");
  const debugged = await outcome(["migrate"], { ...away, PORTCULLIS_LOG_LEVEL: "debug" });
  expect(debugged.output).toContain("    at ");
  expect(debugged.output).not.toContain("hunter2");
});

test("a wrong master key is told by name before anything is sealed with it", async () => {
  const keyOf = (fill: number) => `mine:${Buffer.alloc(32, fill).toString("base64")}`;
  expect((await outcome(["organization", "list"], { PORTCULLIS_MASTER_KEYS: keyOf(1) })).code).toBe(0);
  for (const command of [["organization", "list"], ["api"], ["edge"]]) {
    const { code, output } = await outcome(command, {
      PORTCULLIS_MASTER_KEYS: keyOf(2),
      TEMPORAL_ADDRESS: "127.0.0.1:1",
    });
    expect({ command, code }).toEqual({ command, code: 78 });
    expect(output).toContain('master key "mine" is not the one that this database\'s secrets were sealed with');
    expect(output).not.toContain(keyOf(2).slice("mine:".length));
  }
});

test("`rekey` seals anew with the first key; a process that has only another one is told which is missing", async () => {
  const fresh = await createDatabase();
  const keyOf = (kid: string, fill: number) => `${kid}:${Buffer.alloc(32, fill).toString("base64")}`;
  const keysOf = (...keys: string[]) => ({ DATABASE_URL: fresh.url, PORTCULLIS_MASTER_KEYS: keys.join(",") });
  const [old, young] = [keyOf("old", 1), keyOf("young", 2)];
  try {
    const id = (await outcome(["organization", "create", "Acme"], keysOf(old))).output.trim() as OrganizationId;
    const store = openStore({ databaseUrl: fresh.url, seals: createSeals(parseMasterKeys(old, "test")) });
    await writeSetting(store, id, { setting: {}, serverKey: secret("hunter2") });
    await store.close();
    const lost = await outcome(["organization", "list"], keysOf(young));
    expect(lost.code).toBe(78);
    expect(lost.output).toContain('master key "young" is new to this database, whose secrets were sealed with "old"');
    const rekeyed = await outcome(["rekey"], keysOf(young, old));
    expect(rekeyed).toEqual({ code: 0, output: 'sealed anew with master key "young": 1; sealed with it before: 0\n' });
    expect((await outcome(["organization", "list"], keysOf(young))).code).toBe(0);
    expect((await outcome(["organization", "list"], keysOf(old))).code).toBe(78);
  } finally {
    await fresh.drop();
  }
});

test.each(["worker", "relay"])(
  "a %s without Temporal lives and is not ready, and stops when told",
  async (role) => {
    const port = await findFreePort();
    const settings = { PORTCULLIS_METRICS_PORT: String(port), TEMPORAL_ADDRESS: "127.0.0.1:1" };
    const run = runCommand([role], { ...env, ...settings });
    const ask = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`).catch(() => undefined))?.status;
    while ((await ask("/healthz")) !== 200) await sleep(50);
    const readiness = await fetch(`http://127.0.0.1:${port}/readyz`);
    expect(readiness.status).toBe(503);
    expect(await readiness.text()).toContain("Temporal");
    run.signal("SIGTERM");
    expect(await run.exited).toBe(0);
  },
  30_000,
);

test("a taken API port is named, with the variable that changes it", async () => {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, "127.0.0.1", resolve));
  const { port } = holder.address() as { port: number };
  const { code, output } = await outcome(["api"], {
    PORTCULLIS_API_PORT: String(port),
    TEMPORAL_ADDRESS: "127.0.0.1:1",
  });
  holder.close();
  expect(code).toBe(1);
  expect(output).toContain(`port ${port} on 127.0.0.1 is taken: set PORTCULLIS_API_PORT to a free one`);
});
