import { isIPv6 } from "node:net";
import { parseId } from "../domain/identifiers.ts";
import type { EdgeId } from "../domain/identifiers.ts";
import type { Settings } from "./settings.ts";

export interface EdgeConfig {
  /** `undefined`: made once and kept. */
  readonly id: EdgeId | undefined;
  /** `host:port` at which workers reach the edge. */
  readonly internalAddress: string;
  /** How many edges `portcullis edge` is to run on the RADIUS ports. */
  readonly processes: number;
  /** Which of them this is, from 0. */
  readonly index: number;
  /** Whether others may listen on its RADIUS ports too. */
  readonly sharesPorts: boolean;
  /** Threads for EAP; `undefined`: as many as the machine has room for. */
  readonly eapThreads: number | undefined;
}

export function edgeConfig(settings: Settings): EdgeConfig {
  return {
    id: parseId<EdgeId>(settings.PORTCULLIS_EDGE_ID ?? ""),
    internalAddress: settings.PORTCULLIS_INTERNAL_ADDRESS ?? internalAddressOf(settings),
    processes: settings.PORTCULLIS_EDGE_PROCESSES,
    index: 0,
    sharesPorts: false,
    eapThreads: settings.PORTCULLIS_EAP_THREADS,
  };
}

export function edgeFaults(settings: Settings): string[] {
  const { PORTCULLIS_EDGE_ID: id, PORTCULLIS_EDGE_PROCESSES: processes } = settings;
  if (id === undefined) return [];
  if (parseId<EdgeId>(id) === undefined) return ["PORTCULLIS_EDGE_ID must be a UUID"];
  return processes === 1 ? [] : ["PORTCULLIS_EDGE_ID names one edge, and PORTCULLIS_EDGE_PROCESSES asks for several"];
}

interface Ported {
  readonly edge: EdgeConfig;
  readonly ports: { readonly internal: number; readonly metrics: number | undefined };
}

/**
 * The configuration of one of several processes: the RADIUS ports are everybody's, and of the others each has its own,
 * counted up from those that are set. Id, journal and snapshot are its own as well.
 */
export function ofProcess<C extends Ported>(config: C, index: number): C {
  const { ports, edge } = config;
  const metrics = ports.metrics === undefined ? undefined : ports.metrics + index;
  const [, host = "", port = ""] = /^(.*):(\d+)$/.exec(edge.internalAddress) ?? [];
  return {
    ...config,
    ports: { ...ports, internal: ports.internal + index, metrics },
    edge: { ...edge, index, sharesPorts: true, internalAddress: `${host}:${Number(port) + index}` },
  };
}

function internalAddressOf(settings: Settings): string {
  const host = settings.PORTCULLIS_HOST;
  return `${isIPv6(host) ? `[${host}]` : host}:${settings.PORTCULLIS_INTERNAL_PORT}`;
}
