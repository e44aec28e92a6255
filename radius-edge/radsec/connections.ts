import type { NasId } from "../../domain/identifiers.ts";
import type { CoaTransport } from "../coa/transport.ts";
import { coaNotSent } from "../coa/outcome.ts";
import type { RadsecConnection } from "./connection.ts";

/** The RadSec connections that are open, by their NAS. */
export interface RadsecConnections {
  readonly size: number;
  /** Whether one more of this NAS may be opened. */
  hasRoom(nasId: NasId): boolean;
  add(nasId: NasId, connection: RadsecConnection): void;
  delete(nasId: NasId, connection: RadsecConnection): void;
  all(): readonly RadsecConnection[];
  readonly coa: CoaTransport;
}

/** A proxy or a controller opens one for each of its processes. */
const MOST_OF_ONE_NAS = 64;

export function createRadsecConnections(): RadsecConnections {
  const byNas = new Map<NasId, Set<RadsecConnection>>();
  let size = 0;
  /** The youngest is the one that is surely alive. */
  const connectionOf = (nasId: NasId): RadsecConnection | undefined => [...(byNas.get(nasId) ?? [])].at(-1);
  return {
    get size() {
      return size;
    },
    hasRoom: (nasId) => (byNas.get(nasId)?.size ?? 0) < MOST_OF_ONE_NAS,
    add(nasId, connection) {
      const open = byNas.get(nasId) ?? new Set<RadsecConnection>();
      byNas.set(nasId, open.add(connection));
      size++;
    },
    delete(nasId, connection) {
      const open = byNas.get(nasId);
      if (open?.delete(connection) !== true) return;
      size--;
      if (open.size === 0) byNas.delete(nasId);
    },
    all: () => [...byNas.values()].flatMap((open) => [...open]),
    coa: {
      reaches: (nasId) => byNas.has(nasId),
      send: (nasId, request) =>
        connectionOf(nasId)?.coa.send(request) ??
        Promise.resolve(coaNotSent("the NAS has no RadSec connection to this edge")),
    },
  };
}
