import { isIP } from "node:net";
import { secret } from "../domain/secret.ts";
import type { Secret } from "../domain/secret.ts";
import { parseDurationMs, SECOND_MS } from "../domain/time.ts";
import { edgeConfig, edgeFaults } from "./edge-config.ts";
import type { EdgeConfig } from "./edge-config.ts";
import { radsecConfig, radsecFaults } from "./radsec-config.ts";
import type { RadsecConfig } from "./radsec-config.ts";
import { describeSettings, readSettings, withoutSecrets } from "./settings.ts";
import type { SettingLine, Settings, ShownSettings } from "./settings.ts";
import { temporalConfig, temporalFaults } from "./temporal-config.ts";
import type { TemporalConfig } from "./temporal-config.ts";

/** The roles that run as processes of their own. */
export type Role = "edge" | "api" | "worker" | "relay" | "migrate";

export interface Config {
  readonly stateFolder: string;
  readonly host: string;
  readonly logLevel: Settings["PORTCULLIS_LOG_LEVEL"];
  /** Always present when the configuration was loaded for a role. */
  readonly databaseUrl: Secret | undefined;
  readonly masterKeys: Secret | undefined;
  readonly ports: Ports;
  readonly temporal: TemporalConfig;
  readonly edge: EdgeConfig;
  readonly journal: { readonly maxBytes: number; readonly isStrict: boolean };
  /** `undefined`: off. */
  readonly radsec: RadsecConfig | undefined;
  readonly mdm: { readonly allowedNetworks: readonly string[]; readonly caFile: string | undefined };
  readonly complianceIntervalMs: number;
  /** Whole days after which events are dropped. */
  readonly eventRetentionDays: number;
  /** As given or by default, for `portcullis config`; secrets print as [redacted]. */
  readonly settings: ShownSettings;
}

interface Ports {
  readonly api: number;
  readonly authentication: number;
  readonly accounting: number;
  readonly radsec: number;
  readonly internal: number;
  readonly metrics: number | undefined;
  readonly postgres: number;
  readonly temporal: number;
  readonly temporalUi: number;
}

/** Every fault of a configuration, each naming its variable. */
export class ConfigError extends Error {
  readonly faults: readonly string[];
  constructor(faults: readonly string[]) {
    super(
      `the configuration has ${faults.length === 1 ? "a fault" : `${faults.length} faults`}:\n  ${faults.join("\n  ")}`,
    );
    this.name = "ConfigError";
    this.faults = faults;
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the environment. With a role, what that role cannot do without must be there; without one, the embedded parts
 * fill the gaps. Throws ConfigError with all faults at once.
 */
export function loadConfig(env: Environment, role: Role): Config & { readonly databaseUrl: Secret };
export function loadConfig(env: Environment, role?: Role): Config;
export function loadConfig(env: Environment, role?: Role): Config {
  const { settings, faults } = readSettings(env);
  if (settings === undefined) throw new ConfigError(faults);
  const own = [...databaseFaults(settings, role), ...temporalFaults(settings), ...radsecFaults(settings)];
  const intervalMs = parseDurationMs(settings.PORTCULLIS_COMPLIANCE_INTERVAL);
  if (intervalMs === undefined || intervalMs < SECOND_MS) {
    own.push("PORTCULLIS_COMPLIANCE_INTERVAL must be a duration of a second or more, such as 90s, 15m or 2h");
  }
  own.push(...edgeFaults(settings));
  const allowedNetworks = listOf(settings.PORTCULLIS_MDM_ALLOWED_NETWORKS);
  for (const network of allowedNetworks) {
    if (!isPrefix(network)) own.push(`PORTCULLIS_MDM_ALLOWED_NETWORKS: "${network}" is no prefix such as 10.1.0.0/16`);
  }
  if (own.length > 0 || intervalMs === undefined) throw new ConfigError(own);
  return {
    stateFolder: settings.PORTCULLIS_STATE_DIR,
    host: settings.PORTCULLIS_HOST,
    logLevel: settings.PORTCULLIS_LOG_LEVEL,
    databaseUrl: wrap(settings.DATABASE_URL),
    masterKeys: wrap(settings.PORTCULLIS_MASTER_KEYS),
    ports: portsOf(settings),
    temporal: temporalConfig(settings),
    edge: edgeConfig(settings),
    journal: { maxBytes: settings.PORTCULLIS_JOURNAL_MAX_BYTES, isStrict: settings.PORTCULLIS_JOURNAL_STRICT },
    radsec: radsecConfig(settings),
    mdm: { allowedNetworks, caFile: settings.PORTCULLIS_MDM_CA_FILE },
    complianceIntervalMs: intervalMs,
    eventRetentionDays: settings.PORTCULLIS_EVENT_RETENTION_DAYS,
    settings: withoutSecrets(settings),
  };
}

function databaseFaults(settings: Settings, role: Role | undefined): string[] {
  const url = settings.DATABASE_URL;
  if (url === undefined) return role === undefined ? [] : [`DATABASE_URL is missing: ${role} needs a Postgres`];
  return /^postgres(ql)?:\/\//.test(url) && URL.canParse(url) ? [] : ["DATABASE_URL must be a postgres:// URL"];
}

function portsOf(settings: Settings): Ports {
  return {
    api: settings.PORTCULLIS_API_PORT,
    authentication: settings.PORTCULLIS_AUTH_PORT,
    accounting: settings.PORTCULLIS_ACCT_PORT,
    radsec: settings.PORTCULLIS_RADSEC_PORT,
    internal: settings.PORTCULLIS_INTERNAL_PORT,
    metrics: settings.PORTCULLIS_METRICS_PORT,
    postgres: settings.PORTCULLIS_POSTGRES_PORT,
    temporal: settings.PORTCULLIS_TEMPORAL_PORT,
    temporalUi: settings.PORTCULLIS_TEMPORAL_UI_PORT,
  };
}

function listOf(text: string | undefined): readonly string[] {
  return (text ?? "").split(/[\s,]+/).filter((part) => part !== "");
}

/** An IP address, alone or with a prefix length. */
function isPrefix(text: string): boolean {
  const [address = "", length, more] = text.split("/");
  const version = isIP(address);
  if (version === 0 || more !== undefined) return false;
  return length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= (version === 4 ? 32 : 128));
}

function wrap(text: string | undefined): Secret | undefined {
  return text === undefined ? undefined : secret(text);
}

/** Every setting, its value and what it is for, secrets masked. */
export function describeConfig(config: Config): readonly SettingLine[] {
  return describeSettings(config.settings);
}
