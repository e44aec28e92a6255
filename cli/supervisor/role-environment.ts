import { join } from "node:path";
import type { Config, Role } from "../../runtime/config.ts";
import { METRICS_OFFSETS } from "./wanted-ports.ts";

/** Where the sandbox's MDM servers listen. */
const SIMULATORS_NETWORK = "127.0.0.0/8";

/** What OpenSSL must be told of where an edge starts; the Docker image says the same. */
const OPENSSL_SETTINGS = join(import.meta.dirname, "../../radius-edge/eap/openssl.cnf");

/** What the supervisor knows and a role must be told. */
export interface Surroundings {
  readonly config: Config;
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  readonly hasSandbox: boolean;
}

/** The environment of a role: ours, and where the embedded parts are. */
export function roleEnvironment(env: NodeJS.ProcessEnv, role: Role, around: Surroundings): NodeJS.ProcessEnv {
  const { config, databaseUrl, temporalAddress, hasSandbox } = around;
  const { metrics } = config.ports;
  return {
    ...(role === "edge" ? { OPENSSL_CONF: OPENSSL_SETTINGS } : {}),
    ...(config.temporal.embedded ? withoutTemporal(env) : env),
    PORTCULLIS_STATE_DIR: config.stateFolder,
    DATABASE_URL: databaseUrl,
    TEMPORAL_ADDRESS: temporalAddress,
    ...(hasSandbox && !env["PORTCULLIS_MDM_ALLOWED_NETWORKS"]
      ? { PORTCULLIS_MDM_ALLOWED_NETWORKS: SIMULATORS_NETWORK }
      : {}),
    ...(metrics === undefined ? {} : { PORTCULLIS_METRICS_PORT: String(metrics + METRICS_OFFSETS[role]) }),
  };
}

/** Namespace, key and TLS are for the operator's own server: the embedded one has none of them. */
function withoutTemporal(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("TEMPORAL_")));
}
