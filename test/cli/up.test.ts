import { existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { identify } from "../../cli/embedded/processes.ts";
import { build } from "../support/build.ts";
import { newInstallation, readEndpoints, runCommand } from "../support/installation.ts";
import type { Run } from "../support/installation.ts";

// One installation on real parts lives through all of this, in the order of the tests.
jest.setTimeout(120_000);

const UP = /Everything runs/;
let stateFolder: string;
let env: NodeJS.ProcessEnv;
let run: Run;
let first: { readonly token: string; readonly organization: string };

beforeAll(async () => {
  build();
  ({ stateFolder, env } = await newInstallation());
  run = runCommand(["up", "--empty"], env);
  await run.until(UP);
  first = readEndpoints(stateFolder);
}, 180_000);
afterAll(async () => {
  run.signal("SIGTERM");
  await run.exited;
  rmSync(stateFolder, { recursive: true });
});

/** The process that a part's record names. */
function pidOf(part: string): number {
  const record = readFileSync(join(stateFolder, part, "service.json"), "utf8");
  return (JSON.parse(record) as { service: { pid: number } }).service.pid;
}

async function answers(url: string): Promise<boolean> {
  return (await fetch(url).catch(() => undefined))?.ok ?? false;
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(50);
}

test("everything answers, and endpoints.json, for our eyes alone, says where", async () => {
  const { api, token, organization, database, ...rest } = readEndpoints(stateFolder);
  expect(await answers(`${api}/healthz`)).toBe(true);
  const self = await fetch(`${api}/api/v1/self`, { headers: { authorization: `Token ${token}` } });
  expect(JSON.stringify(await self.json())).toContain(organization);
  expect(rest).toEqual({
    authentication: `127.0.0.1:${env["PORTCULLIS_AUTH_PORT"]}`,
    accounting: `127.0.0.1:${env["PORTCULLIS_ACCT_PORT"]}`,
    temporal: `127.0.0.1:${env["PORTCULLIS_TEMPORAL_PORT"]}`,
    temporalUi: `http://127.0.0.1:${env["PORTCULLIS_TEMPORAL_UI_PORT"]}`,
  });
  expect(database).toContain(`@127.0.0.1:${env["PORTCULLIS_POSTGRES_PORT"]}/`);
  expect(await answers(rest.temporalUi!)).toBe(true);
  for (const file of ["endpoints.json", "token", "master-key"]) {
    expect({ file, mode: statSync(join(stateFolder, file)).mode & 0o777 }).toEqual({ file, mode: 0o600 });
  }
  expect(readFileSync(join(stateFolder, "token"), "utf8")).toBe(`${token}\n`);
  expect(run.output()).not.toContain(token);
});

test("commands find the database of what runs", async () => {
  const listed = runCommand(["organization", "list"], env);
  expect(await listed.exited).toBe(0);
  expect(listed.output()).toBe(`${first.organization}  Default\n`);
});

test.each(["api", "edge", "worker", "relay"])("kill -9 of the %s is mended", async (role) => {
  const killed = pidOf(`roles/${role}`);
  process.kill(killed, "SIGKILL");
  await run.until(new RegExp(`^${role} runs again`, "m"));
  expect(pidOf(`roles/${role}`)).not.toBe(killed);
  expect(await answers(`${readEndpoints(stateFolder).api}/healthz`)).toBe(true);
  expect(await answers(`http://127.0.0.1:${env["PORTCULLIS_INTERNAL_PORT"]}/healthz`)).toBe(true);
});

test("kill -9 of Postgres and of Temporal is mended, and the roles go on", async () => {
  const roles = ["api", "edge", "worker", "relay"].map((role) => pidOf(`roles/${role}`));
  process.kill(pidOf("postgres"), "SIGKILL");
  process.kill(pidOf("temporal"), "SIGKILL");
  await run.until(/^Postgres runs again/m);
  await run.until(/^Temporal runs again/m);
  const { api, temporalUi } = readEndpoints(stateFolder);
  await until(() => answers(`${api}/readyz`));
  expect(await answers(`${temporalUi}/api/v1/namespaces/default`)).toBe(true);
  expect(["api", "edge", "worker", "relay"].map((role) => pidOf(`roles/${role}`))).toEqual(roles);
});

test("a second start in the same state folder is refused, and disturbs nothing", async () => {
  const second = runCommand(["up", "--empty"], env);
  expect(await second.exited).toBe(1);
  expect(second.output()).toContain(`already runs (process ${pidOf("roles/worker")})`);
  expect(await answers(`${readEndpoints(stateFolder).api}/healthz`)).toBe(true);
});

test("each taken port is named, UDP ones too, with the variable that changes it", async () => {
  const other = await newInstallation();
  const taken = { ...env, PORTCULLIS_STATE_DIR: other.stateFolder };
  const second = runCommand(["up", "--empty"], taken);
  expect(await second.exited).toBe(1);
  for (const name of ["API", "AUTH", "ACCT", "INTERNAL"]) {
    expect(second.output()).toMatch(
      new RegExp(`port ${env[`PORTCULLIS_${name}_PORT`]} on 127.0.0.1: .*set PORTCULLIS_${name}_PORT to another port`),
    );
  }
  const third = runCommand(["up", "--empty"], {
    ...other.env,
    PORTCULLIS_POSTGRES_PORT: env["PORTCULLIS_POSTGRES_PORT"],
  });
  expect(await third.exited).toBe(1);
  expect(third.output()).toContain("set PORTCULLIS_POSTGRES_PORT to another port");
  expect(third.output()).not.toContain("    at ");
  rmSync(other.stateFolder, { recursive: true });
});

test("two installations run side by side", async () => {
  const other = await newInstallation();
  const second = runCommand(["up", "--empty"], other.env);
  await second.until(UP);
  const [ours, theirs] = [stateFolder, other.stateFolder].map(readEndpoints);
  expect(theirs!.organization).not.toBe(ours!.organization);
  for (const { api } of [ours!, theirs!]) expect(await answers(`${api}/readyz`)).toBe(true);
  const stranger = await fetch(`${theirs!.api}/api/v1/self`, { headers: { authorization: `Token ${ours!.token}` } });
  expect(stranger.status).toBe(401);
  second.signal("SIGTERM");
  expect(await second.exited).toBe(0);
  rmSync(other.stateFolder, { recursive: true });
});

test("an interrupt stops everything, last started first, and endpoints.json goes", async () => {
  const pids = ["roles/api", "roles/edge", "roles/worker", "roles/relay", "postgres", "temporal"].map(pidOf);
  run.signal("SIGINT");
  run.signal("SIGINT"); // npm passes on what the terminal has sent already
  expect(await run.exited).toBe(0);
  const stopped = [...run.output().matchAll(/✓ stopped: (\S+)/g)].map((match) => match[1]);
  expect(stopped).toEqual(["endpoints.json", "edge", "api", "relay", "worker", "Temporal", "Postgres"]);
  expect(existsSync(join(stateFolder, "endpoints.json"))).toBe(false);
  expect(pids.filter((pid) => identify(pid) !== undefined)).toEqual([]);
});

test("an interrupt during the start stops what has started", async () => {
  const start = runCommand(["up", "--empty"], env);
  await start.until(/✓ Postgres/);
  start.signal("SIGINT");
  expect(await start.exited).toBe(0);
  expect(start.output()).toContain("✓ stopped: Postgres");
  expect(start.output()).not.toMatch(UP);
});

test("a wrong master key stops the start, by name", async () => {
  const [kid] = readFileSync(join(stateFolder, "master-key"), "utf8").split(":");
  const wrong = `${kid}:${Buffer.alloc(32, 9).toString("base64")}`;
  const start = runCommand(["up", "--empty"], { ...env, PORTCULLIS_MASTER_KEYS: wrong });
  expect(await start.exited).toBe(78);
  expect(start.output()).toContain(`master key "${kid}" is not the one that this database's secrets were sealed with`);
  expect(start.output()).toContain("✓ stopped: Postgres");
});

test("the second start has the organization and the token of the first", async () => {
  run = runCommand(["up", "--empty"], env);
  await run.until(UP);
  expect(readEndpoints(stateFolder)).toMatchObject(first);
});

test("after kill -9 of the supervisor the next start mends what is left; a lost token is replaced", async () => {
  run.signal("SIGKILL");
  await run.exited;
  rmSync(join(stateFolder, "token"));
  run = runCommand(["up", "--empty"], env);
  await run.until(UP);
  const { api, token, organization } = readEndpoints(stateFolder);
  expect(organization).toBe(first.organization);
  expect(token).not.toBe(first.token);
  expect((await fetch(`${api}/api/v1/self`, { headers: { authorization: `Token ${token}` } })).status).toBe(200);
});

test("whoever interrupts a second time does not wait for a part that hangs", async () => {
  const pids = ["roles/api", "roles/edge", "roles/worker", "roles/relay", "postgres", "temporal"].map(pidOf);
  process.kill(pidOf("roles/edge"), "SIGSTOP"); // it will not hear that it should stop
  run.signal("SIGINT");
  await run.until(/✓ stopped: endpoints.json/);
  await sleep(1_500); // later than npm's echo of the first
  run.signal("SIGINT");
  expect(await run.exited).toBe(130);
  await until(() => pids.every((pid) => identify(pid) === undefined));
});
