import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connectApi } from "../../cli/sandbox/api.ts";
import type { Api } from "../../cli/sandbox/api.ts";
import { NEWCOMER } from "../../cli/sandbox/cast.ts";
import type { Keepsakes } from "../../cli/sandbox/keepsakes.ts";
import type { Endpoints } from "../../cli/supervisor/endpoints.ts";
import { build } from "../support/build.ts";
import { newInstallation, readEndpoints, runCommand } from "../support/installation.ts";
import type { Run } from "../support/installation.ts";

// What a newcomer meets: `npm start` with its sandbox, from the first line to Ctrl-C, in the order of the tests.
jest.setTimeout(120_000);

let stateFolder: string;
let env: NodeJS.ProcessEnv;
let run: Run;
let endpoints: Endpoints;
let api: Api;

beforeAll(async () => {
  build();
  ({ stateFolder, env } = await newInstallation());
  run = runCommand(["up"], env);
  await run.until(/Everything runs/);
  endpoints = readEndpoints(stateFolder);
  api = connectApi({ apiUrl: endpoints.api, token: endpoints.token, organizationId: endpoints.organization });
}, 180_000);
afterAll(async () => {
  run.signal("SIGTERM");
  await run.exited;
  rmSync(stateFolder, { recursive: true });
});

const text = (pattern: RegExp): string => expect.stringMatching(pattern) as string;
const address = text(/^127\.0\.0\.1:\d+$/);
const url = text(/^http:\/\/127\.0\.0\.1:\d+$/);

test("endpoints.json says where everything is, the simulators included, to its owner alone", () => {
  const simulator = { url, control: text(/^http:\/\/127\.0\.0\.1:\d+\/__control$/) };
  expect(endpoints).toEqual({
    api: url,
    token: text(/^\S{32,}$/),
    organization: text(/^[0-9a-f-]{36}$/),
    authentication: address,
    accounting: address,
    temporal: address,
    temporalUi: url,
    database: text(/^postgres:\/\/.+@127\.0\.0\.1:\d+\//),
    simulators: { vmware: simulator, jamf: simulator },
  });
  expect(statSync(join(stateFolder, "endpoints.json")).mode & 0o777).toBe(0o600);
});

test("the story is told: quarantine, look-up, CoA, the right VLAN; one falls, one recovers", async () => {
  await run.until(/^ {2}eapol_test .*$/m);
  for (const line of [
    /^Sandbox: eight devices connect\./m,
    /^ {2}First device on its right VLAN \d+\.\d s after the start of this process\.$/m,
    /^ {2}Ada's MacBook: VLAN 99 → Jamf Pro: compliant → CoA → VLAN 20 \(/m,
    /^ {2}Grace's iPhone: VLAN 99 → Jamf Pro: compliant .*→ VLAN 20 \(/m,
    /^ {2}Edsger's MacBook: VLAN 99 → Jamf Pro: noncompliant \(/m,
    /^ {2}Barbara's Latitude: VLAN 99 → Workspace ONE: compliant .*→ VLAN 20 \(/m,
    /^ {2}Ken's Latitude: VLAN 99 → Workspace ONE: compliant .*→ VLAN 20 \(/m,
    /^ {2}Lin's iPhone: VLAN 99 → Workspace ONE: compliant .*→ VLAN 20 \(/m,
    /^ {2}the printer: VLAN 30 \(/m,
    /^ {2}a phone with a private address: VLAN 99 \(/m,
    /^ {2}Advice for a phone with a private address: \S/m,
    /^ {2}Barbara's Latitude falls out of compliance in Workspace ONE → checked now → CoA → VLAN 99 \(/m,
    /^ {2}Edsger's MacBook recovers in Jamf Pro → checked now → CoA → VLAN 20 \(/m,
    /^Now you: .*Run it twice: VLAN 99 at first, then VLAN 20\.$/m,
  ])
    expect(run.output()).toMatch(line);
  expect(run.output()).not.toMatch(/breaks off|still not where|still on VLAN|gets no network/);
});

/** The VLAN that the printed command was told: RFC 2868 §3.6, as eapol_test shows the octets. */
async function runPrintedCommand(): Promise<string> {
  const [, line] = /^ {2}(eapol_test .*)$/m.exec(run.output())!;
  const [program, ...args] = line!.split(" ");
  const output = await new Promise<string>((resolve) => {
    execFile(program!, args, { timeout: 60_000 }, (_error, stdout) => resolve(stdout));
  });
  expect(output).toMatch(/\nSUCCESS\s*$/);
  const [, octets] = /Tunnel-Private-Group-Id.*\n\s+Value: ([0-9a-f]+)/.exec(output)!;
  const bytes = Buffer.from(octets!, "hex");
  return bytes.subarray(bytes[0]! <= 0x1f ? 1 : 0).toString(); // a first octet that low is a tag
}

test("the printed eapol_test command puts a client of one's own into quarantine, then where it belongs", async () => {
  expect(await runPrintedCommand()).toBe("99");
  const isKnown = async (): Promise<boolean> => {
    const found = await api.find<{ readonly verdict?: { readonly status: string } }>(`/nac_clients/${NEWCOMER.mac}`);
    return found?.verdict?.status === "compliant";
  };
  while (!(await isKnown())) await sleep(50);
  let vlan = await runPrintedCommand();
  // The API tells of a verdict at once; the edge hears of it a moment later.
  for (let tries = 0; vlan === "99" && tries < 20; tries++) vlan = await runPrintedCommand();
  expect(vlan).toBe("20");
});

test("Ctrl-C stops everything, last started first, and takes endpoints.json away", async () => {
  run.signal("SIGINT");
  expect(await run.exited).toBe(0);
  const stopped = [...run.output().matchAll(/stopped: (.+) \(/g)].map(([, name]) => name);
  expect(stopped).toEqual(["endpoints.json", "sandbox", "edge", "api", "relay", "worker", "Temporal", "Postgres"]);
  expect(existsSync(join(stateFolder, "endpoints.json"))).toBe(false);
});

test("no log, and no line on the screen but the printed command, holds a secret", () => {
  const read = (...path: readonly string[]): string => readFileSync(join(stateFolder, ...path), "utf8");
  const keepsakes = JSON.parse(read("sandbox", "keepsakes.json")) as Keepsakes;
  const { mdmSecret, fleetSecret, newcomerSecret, server, newcomer, clients } = keepsakes;
  const keys = [server, newcomer, ...Object.values(clients)].map(({ keyPem }) => keyPem.split("\n")[1]!);
  const password = decodeURIComponent(new URL(endpoints.database).password);
  const masterKey = read("master-key").trim().split(":")[1]!;
  const secrets = [mdmSecret, fleetSecret, endpoints.token, password, masterKey, ...keys];
  const names = readdirSync(stateFolder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".log"));
  expect(names).toEqual(expect.arrayContaining(["api", "edge", "relay", "worker"].map((role) => `logs/${role}.log`)));
  for (const name of names) {
    const log = read(name);
    for (const secret of [...secrets, newcomerSecret])
      expect({ name, holds: log.includes(secret) }).toEqual({ name, holds: false });
  }
  for (const secret of secrets) expect(run.output()).not.toContain(secret);
});
