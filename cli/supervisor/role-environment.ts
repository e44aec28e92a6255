import { join } from "node:path";
import type { Config, Role } from "../../runtime/config.ts";
import { METRICS_OFFSETS } from "./wanted-ports.ts";

/** Where the sandbox's MDM servers listen. */
const SIMULATORS_NETWORK = "127.0.0.0/8";

/** What OpenSSL must be told of where an edge starts; the Docker image says the same. */
const OPENSSL_SETTINGS = join(import.meta.dirname, "../../radius-edge/eap/openssl.cnf");
/** MB. Node 24 takes four times as much by itself (docs/scale.md); the image says the same. */
const YOUNG_GENERATION = "--max-semi-space-size=16";

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
  const given = config.temporal.embedded ? withoutTemporal(env) : env;
  return {
    ...given,
    ...(role === "edge" ? edgeProcess(given) : {}),
    PORTCULLIS_STATE_DIR: config.stateFolder,
    DATABASE_URL: databaseUrl,
    TEMPORAL_ADDRESS: temporalAddress,
    ...(hasSandbox && !env["PORTCULLIS_MDM_ALLOWED_NETWORKS"]
      ? { PORTCULLIS_MDM_ALLOWED_NETWORKS: SIMULATORS_NETWORK }
      : {}),
    ...(metrics === undefined ? {} : { PORTCULLIS_METRICS_PORT: String(metrics + METRICS_OFFSETS[role]) }),
  };
}

/** How the Node of an edge starts. What the operator says counts: of one option that is given twice Node takes the last. */
function edgeProcess({ OPENSSL_CONF, NODE_OPTIONS }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return {
    OPENSSL_CONF: OPENSSL_CONF ?? OPENSSL_SETTINGS,
    NODE_OPTIONS: [YOUNG_GENERATION, NODE_OPTIONS].filter(Boolean).join(" "),
  };
}

/** Namespace, key and TLS are for the operator's own server: the embedded one has none of them. */
function withoutTemporal(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("TEMPORAL_")));
}
