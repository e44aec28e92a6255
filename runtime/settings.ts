import envSchema from "env-schema";
import { Type } from "typebox";
import type { Static } from "typebox";
import { secret } from "../domain/secret.ts";
import type { Secret } from "../domain/secret.ts";

const port = (standard: number, description: string) =>
  Type.Integer({ minimum: 1, maximum: 65_535, default: standard, description });
const text = (description: string) => Type.String({ minLength: 1, description });
const textOr = (standard: string, description: string) => Type.String({ minLength: 1, default: standard, description });
const optional = (description: string) => Type.Optional(text(description));
const optionalSecret = (description: string) =>
  Type.Optional(Type.String({ minLength: 1, description, writeOnly: true }));

/** Every environment variable that is read, with its check, its default and the line that `portcullis config` shows. */
export const Settings = Type.Object({
  DATABASE_URL: optionalSecret("Postgres to use, as postgres:// URL; without it `npm start` runs an embedded one"),
  PORTCULLIS_STATE_DIR: textOr(
    ".portcullis",
    "folder of what the installation keeps: keys, embedded databases, journals",
  ),
  PORTCULLIS_HOST: textOr("127.0.0.1", "address on which all ports listen"),
  PORTCULLIS_API_PORT: port(8080, "REST API and its documentation"),
  PORTCULLIS_AUTH_PORT: port(1812, "RADIUS authentication, UDP"),
  PORTCULLIS_ACCT_PORT: port(1813, "RADIUS accounting, UDP"),
  PORTCULLIS_RADSEC_PORT: port(2083, "RADIUS over TLS (RadSec), TCP; on with the three files below"),
  PORTCULLIS_RADSEC_CERT_FILE: optional("PEM file of the certificate, with its chain, that NASes meet over RadSec"),
  PORTCULLIS_RADSEC_KEY_FILE: optional("PEM file of that certificate's private key"),
  PORTCULLIS_RADSEC_CA_FILE: optional("PEM file of the CAs whose NASes may connect over RadSec"),
  PORTCULLIS_INTERNAL_PORT: port(
    8090,
    "the edge's internal port: CoA requests of the workers, health, metrics; TLS off loopback",
  ),
  PORTCULLIS_INTERNAL_ADDRESS: optional(
    "host:port under which workers reach this edge; default: host and internal port",
  ),
  PORTCULLIS_METRICS_PORT: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 65_535,
      description: "health and metrics of edge, worker and relay, in clear text; none when unset",
    }),
  ),
  PORTCULLIS_POSTGRES_PORT: port(5433, "embedded Postgres"),
  PORTCULLIS_TEMPORAL_PORT: port(7233, "embedded Temporal"),
  PORTCULLIS_TEMPORAL_UI_PORT: port(8233, "web page of the embedded Temporal"),
  PORTCULLIS_TEMPORAL_CLI: optional("path of the `temporal` command for the embedded server"),
  TEMPORAL_ADDRESS: optional("Temporal server to use, host:port; without it `npm start` runs an embedded one"),
  TEMPORAL_NAMESPACE: textOr("default", "Temporal namespace"),
  TEMPORAL_API_KEY: optionalSecret("API key of Temporal Cloud; switches TLS on"),
  TEMPORAL_TLS: Type.Optional(Type.Boolean({ description: "TLS to Temporal" })),
  TEMPORAL_TLS_CLIENT_CERT_PATH: optional("client certificate for Temporal, PEM file; switches TLS on"),
  TEMPORAL_TLS_CLIENT_KEY_PATH: optional("private key of that certificate, PEM file"),
  TEMPORAL_TLS_SERVER_CA_CERT_PATH: optional("CA of the Temporal server, PEM file; switches TLS on"),
  TEMPORAL_TLS_SERVER_NAME: optional("name expected in the Temporal server's certificate"),
  PORTCULLIS_MASTER_KEYS: optionalSecret(
    "kid:key,… (32 bytes, base64); the first seals, all open; default: a file in the state folder",
  ),
  PORTCULLIS_EDGE_ID: optional("UUID of this edge; default: made once and kept in the state folder"),
  PORTCULLIS_EDGE_PROCESSES: Type.Integer({
    minimum: 1,
    maximum: 16,
    default: 1,
    description: "edges on the RADIUS ports, where Node (23.1 or newer) and system can share them; else one",
  }),
  PORTCULLIS_EAP_THREADS: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 16,
      description: "threads for EAP in each edge, 0: none; default: one for each further core, 4 at most",
    }),
  ),
  PORTCULLIS_JOURNAL_MAX_BYTES: Type.Integer({
    minimum: 1_048_576,
    default: 1_073_741_824,
    description: "most that an edge's journal holds while Postgres is away, in bytes",
  }),
  PORTCULLIS_JOURNAL_STRICT: Type.Boolean({
    default: false,
    description: "no answer without a record: a full journal silences the edge, where else it leaves a gap",
  }),
  PORTCULLIS_MDM_ALLOWED_NETWORKS: optional(
    "private prefixes on which MDM and CRL servers may be called, and loopback or link-local ones of directories, comma-separated",
  ),
  PORTCULLIS_MDM_CA_FILE: optional("PEM file of private CAs that sign MDM servers' certificates"),
  PORTCULLIS_COMPLIANCE_INTERVAL: textOr("2h", "sleep between two look-ups of a device: 90s, 15m, 2h"),
  PORTCULLIS_EVENT_RETENTION_DAYS: Type.Integer({
    minimum: 1,
    maximum: 36_500,
    default: 90,
    description: "days that events are kept",
  }),
  PORTCULLIS_LOG_LEVEL: Type.Enum(["fatal", "error", "warn", "info", "debug", "trace"], {
    default: "info",
    description: "least severe lines that are logged",
  }),
});
export type Settings = Static<typeof Settings>;
type SettingName = keyof Settings;

/** Settings as they may be shown: a secret prints as [redacted]. */
export type ShownSettings = Readonly<Partial<Record<SettingName, string | number | boolean | Secret>>>;

/** Reads and checks the environment, defaults filled in; every fault is a sentence that names its variable. */
export function readSettings(
  env: Readonly<Record<string, string | undefined>>,
):
  | { readonly settings: Settings; readonly faults: readonly [] }
  | { readonly settings: undefined; readonly faults: readonly string[] } {
  // `NAME=` in an env file means "not set" to everyone but a schema.
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ""));
  try {
    return { settings: envSchema<Settings>({ schema: Settings, data: given, env: false }), faults: [] };
  } catch (error) {
    return { settings: undefined, faults: faultsOf(error) };
  }
}

interface SchemaFault {
  readonly instancePath: string;
  readonly keyword: string;
  readonly message?: string;
  readonly params: Readonly<Record<string, unknown>>;
}

function faultsOf(error: unknown): readonly string[] {
  const { errors } = error as { errors?: readonly SchemaFault[] };
  if (errors === undefined) throw error;
  return errors.map(({ instancePath, keyword, message = "is invalid", params }) => {
    const name = instancePath.slice(1);
    const values = keyword === "enum" ? `: ${(params["allowedValues"] as string[]).join(", ")}` : "";
    return `${name} ${message}${values}`;
  });
}

/** The settings with each secret wrapped. */
export function withoutSecrets(settings: Settings): ShownSettings {
  const entries = Object.entries(settings).map(([name, value]) => [
    name,
    "writeOnly" in Settings.properties[name as SettingName] ? secret(String(value)) : value,
  ]);
  return Object.fromEntries(entries) as ShownSettings;
}

/** One line of `portcullis config`. */
export interface SettingLine {
  readonly name: SettingName;
  /** `undefined` where it is neither given nor has a default. */
  readonly value: string | undefined;
  readonly isDefault: boolean;
  readonly description: string;
}

interface Described {
  readonly default?: string | number | boolean;
  readonly description: string;
}

/** Every setting with its value, in the order of the schema. */
export function describeSettings(shown: ShownSettings): readonly SettingLine[] {
  return Object.entries(Settings.properties).map(([key, schema]) => {
    const { default: standard, description } = schema as object as Described;
    const name = key as SettingName;
    const value = shown[name] === undefined ? undefined : String(shown[name]);
    return { name, value, isDefault: value === (standard === undefined ? undefined : String(standard)), description };
  });
}
