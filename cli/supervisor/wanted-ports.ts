import { canSharePorts } from "../../radius-edge/shared-port.ts";
import { ConfigError } from "../../runtime/config.ts";
import type { Config, Role } from "../../runtime/config.ts";
import { requireFreePort } from "../embedded/ports.ts";
import type { WantedPort } from "../embedded/ports.ts";

/** Roles with a metrics port, and how far above PORTCULLIS_METRICS_PORT it is: all are on this machine. */
const WITH_METRICS = { worker: 0, relay: 1, edge: 2 } as const;
export const METRICS_OFFSETS: Readonly<Record<Role, number>> = { ...WITH_METRICS, api: 0, migrate: 0 };

/** How many edges there will be: several only where they can share the RADIUS ports. */
export async function countEdges({ edge: { processes } }: Config): Promise<number> {
  return processes === 1 || (await canSharePorts()) ? processes : 1;
}

/** Throws ConfigError when two parts are to share a port. */
export function requireDistinctPorts(config: Config, edges: number): void {
  const all = [...rolePorts(config, edges), ...embeddedPorts(config)];
  const faults = all.flatMap((wanted, index) => {
    const other = all.slice(0, index).find((earlier) => isSamePort(earlier, wanted));
    return other === undefined ? [] : [`${other.setting} and ${wanted.setting} are both ${wanted.port}`];
  });
  if (faults.length > 0) throw new ConfigError(faults);
}

/** Throws, naming each port of a role that is taken. The embedded servers look to theirs, once predecessors are gone. */
export async function requireFreePorts(config: Config, edges: number): Promise<void> {
  const looks = await Promise.allSettled(rolePorts(config, edges).map(requireFreePort));
  const sentences = looks.flatMap((look) => (look.status === "rejected" ? [(look.reason as Error).message] : []));
  if (sentences.length > 0) throw new Error(sentences.join("\n  "));
}

/** Each of several edges has an internal port and a metrics port of its own, counted up (runtime/edge-config.ts). */
function rolePorts({ host, ports, radsec }: Config, edges: number): readonly WantedPort[] {
  const { metrics } = ports;
  const counted = (wanted: WantedPort): readonly WantedPort[] =>
    Array.from({ length: edges }, (_, index) => ({ ...wanted, port: wanted.port + index }));
  const metricsPorts: readonly WantedPort[] =
    metrics === undefined
      ? []
      : Object.entries(WITH_METRICS).flatMap(([role, offset]) => {
          const setting = "PORTCULLIS_METRICS_PORT";
          const wanted = { service: `the ${role}'s metrics`, port: metrics + offset, setting, host };
          return role === "edge" ? counted(wanted) : [wanted];
        });
  return [
    { service: "the API", port: ports.api, setting: "PORTCULLIS_API_PORT", host },
    ...counted({
      service: "the edge's internal port",
      port: ports.internal,
      setting: "PORTCULLIS_INTERNAL_PORT",
      host,
    }),
    { service: "authentication", port: ports.authentication, setting: "PORTCULLIS_AUTH_PORT", host, protocol: "udp" },
    { service: "accounting", port: ports.accounting, setting: "PORTCULLIS_ACCT_PORT", host, protocol: "udp" },
    ...(radsec === undefined
      ? []
      : [{ service: "RadSec", port: ports.radsec, setting: "PORTCULLIS_RADSEC_PORT", host }]),
    ...metricsPorts,
  ];
}

function embeddedPorts({ databaseUrl, temporal, ports }: Config): readonly WantedPort[] {
  const postgres = { service: "Postgres", port: ports.postgres, setting: "PORTCULLIS_POSTGRES_PORT" };
  const frontend = { service: "Temporal", port: ports.temporal, setting: "PORTCULLIS_TEMPORAL_PORT" };
  const ui = { service: "Temporal's web UI", port: ports.temporalUi, setting: "PORTCULLIS_TEMPORAL_UI_PORT" };
  return [...(databaseUrl === undefined ? [postgres] : []), ...(temporal.embedded ? [frontend, ui] : [])];
}

function isSamePort(one: WantedPort, other: WantedPort): boolean {
  return one.port === other.port && (one.protocol ?? "tcp") === (other.protocol ?? "tcp");
}
