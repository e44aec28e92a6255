import { inspect } from "node:util";
import { reveal } from "../../domain/secret.ts";
import { ConfigError, describeConfig, loadConfig } from "../../runtime/config.ts";
import { ofProcess } from "../../runtime/edge-config.ts";

test("an empty environment gives an installation on loopback with embedded parts", () => {
  const config = loadConfig({});
  expect(config).toMatchObject({
    stateFolder: ".portcullis",
    host: "127.0.0.1",
    databaseUrl: undefined,
    ports: { api: 8080, authentication: 1812, accounting: 1813, internal: 8090, postgres: 5433, temporal: 7233 },
    temporal: { embedded: true, address: "127.0.0.1:7233", namespace: "default", tls: undefined },
    edge: { id: undefined, internalAddress: "127.0.0.1:8090", processes: 1, index: 0, eapThreads: undefined },
    journal: { maxBytes: 1_073_741_824, isStrict: false },
    complianceIntervalMs: 7_200_000,
  });
});

test("each of several edges has the RADIUS ports in common, and the others by count", () => {
  const env = { PORTCULLIS_HOST: "::1", PORTCULLIS_METRICS_PORT: "9100", PORTCULLIS_EDGE_PROCESSES: "3" };
  const config = loadConfig(env);
  expect(ofProcess(config, 2)).toMatchObject({
    ports: { authentication: 1812, accounting: 1813, internal: 8092, metrics: 9102 },
    edge: { processes: 3, index: 2, sharesPorts: true, internalAddress: "[::1]:8092" },
  });
  const reached = loadConfig({ PORTCULLIS_INTERNAL_ADDRESS: "edge-1.example:9000" });
  expect(ofProcess(reached, 1)).toMatchObject({ edge: { internalAddress: "edge-1.example:9001" } });
  const id = "0190a5a0-0000-7000-8000-000000000001";
  expect(faultsOf({ PORTCULLIS_EDGE_ID: id, PORTCULLIS_EDGE_PROCESSES: "2" })).toEqual([
    "PORTCULLIS_EDGE_ID names one edge, and PORTCULLIS_EDGE_PROCESSES asks for several",
  ]);
});

test("all faults are told together, each naming its variable", () => {
  const env = {
    PORTCULLIS_API_PORT: "eighty",
    PORTCULLIS_AUTH_PORT: "70000",
    PORTCULLIS_LOG_LEVEL: "loud",
  };
  expect(faultsOf(env)).toEqual([
    "PORTCULLIS_API_PORT must be integer",
    "PORTCULLIS_AUTH_PORT must be <= 65535",
    "PORTCULLIS_LOG_LEVEL must be equal to one of the allowed values: fatal, error, warn, info, debug, trace",
  ]);
  const parsed = {
    DATABASE_URL: "mysql://somewhere",
    PORTCULLIS_COMPLIANCE_INTERVAL: "often",
    PORTCULLIS_EDGE_ID: "edge-1",
    PORTCULLIS_MDM_ALLOWED_NETWORKS: "10.0.0.0/8, 10.0.0.0/33",
    TEMPORAL_TLS_CLIENT_CERT_PATH: "/client.pem",
  };
  expect(faultsOf(parsed)).toEqual([
    "DATABASE_URL must be a postgres:// URL",
    "TEMPORAL_TLS_CLIENT_KEY_PATH is missing beside TEMPORAL_TLS_CLIENT_CERT_PATH",
    "PORTCULLIS_COMPLIANCE_INTERVAL must be a duration of a second or more, such as 90s, 15m or 2h",
    "PORTCULLIS_EDGE_ID must be a UUID",
    'PORTCULLIS_MDM_ALLOWED_NETWORKS: "10.0.0.0/33" is no prefix such as 10.1.0.0/16',
  ]);
});

test("RadSec is off until its three files are named, and one without the others is a fault", () => {
  const [cert, key, ca] = ["PORTCULLIS_RADSEC_CERT_FILE", "PORTCULLIS_RADSEC_KEY_FILE", "PORTCULLIS_RADSEC_CA_FILE"];
  expect(loadConfig({})).toMatchObject({ radsec: undefined, ports: { radsec: 2083 } });
  expect(loadConfig({ [cert!]: "/c.pem", [key!]: "/k.pem", [ca!]: "/ca.pem" }).radsec).toEqual({
    certificateFile: "/c.pem",
    keyFile: "/k.pem",
    authoritiesFile: "/ca.pem",
  });
  expect(faultsOf({ [cert!]: "/c.pem" })).toEqual([
    "PORTCULLIS_RADSEC_KEY_FILE is missing: RadSec needs all three files",
    "PORTCULLIS_RADSEC_CA_FILE is missing: RadSec needs all three files",
  ]);
});

test("a role that stands alone must be told its database; an empty value counts as absent", () => {
  expect(() => loadConfig({ DATABASE_URL: "" }, "edge")).toThrow("DATABASE_URL is missing: edge needs a Postgres");
  const config = loadConfig({ DATABASE_URL: "postgres://u:p@db/portcullis" }, "edge");
  expect(reveal(config.databaseUrl)).toBe("postgres://u:p@db/portcullis");
});

test("Temporal Cloud: an API key switches TLS on, and is never sent without", () => {
  const env = { TEMPORAL_ADDRESS: "ns.tmprl.cloud:7233", TEMPORAL_API_KEY: "k" };
  expect(loadConfig(env).temporal).toMatchObject({ embedded: false, address: "ns.tmprl.cloud:7233", tls: {} });
  expect(faultsOf({ ...env, TEMPORAL_TLS: "false" })).toEqual([
    "TEMPORAL_TLS is false, but TEMPORAL_API_KEY must not travel in clear text",
  ]);
});

test("the description lists every setting and masks secrets, and so does a printed configuration", () => {
  const config = loadConfig({ DATABASE_URL: "postgres://u:hunter2@db/x", PORTCULLIS_MASTER_KEYS: "k1:hunter3" });
  const lines = describeConfig(config);
  expect(lines.find(({ name }) => name === "DATABASE_URL")).toMatchObject({ value: "[redacted]", isDefault: false });
  expect(lines.find(({ name }) => name === "PORTCULLIS_API_PORT")).toMatchObject({ value: "8080", isDefault: true });
  expect(lines.every(({ description }) => description.length > 0)).toBe(true);
  expect(JSON.stringify(lines) + JSON.stringify(config) + inspect(config, { depth: 9 })).not.toMatch(/hunter/);
});

function faultsOf(env: Record<string, string>): readonly string[] {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  throw new Error("the configuration was accepted");
}
