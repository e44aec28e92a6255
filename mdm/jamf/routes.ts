import type { LRUCache } from "lru-cache";
import type { Unreachable } from "../unreachable.ts";
import type { VendorAnswer, VendorApi } from "../vendor-api.ts";

/** Routes of one purpose, newest first: Jamf adds versions every few months, and withdraws them a year after. */
export interface RouteFamily {
  readonly name: string;
  readonly paths: readonly string[];
  /** Statuses that mean "not on this server": 404, and 400 where an old version lacks a parameter. */
  readonly absent: readonly number[];
}

export interface Routed {
  readonly answer: VendorAnswer | Unreachable;
  /** Index of the path that answered. */
  readonly index: number;
}

/**
 * Asks the route that answered last time under `key`, else the newest, and on from there to whichever the server has.
 * The last answer stands when it has none.
 */
export async function callNegotiated(
  api: VendorApi,
  memory: LRUCache<string, number>,
  key: string,
  family: RouteFamily,
  query: string,
): Promise<Routed> {
  const remembered = memory.get(`${key} ${family.name}`);
  const all = family.paths.map((_, index) => index);
  const order = remembered === undefined ? all : [remembered, ...all.filter((index) => index !== remembered)];
  let last: Routed | undefined;
  for (const index of order) {
    const answer = await api.call(family.paths[index]! + query);
    last = { answer, index };
    if (answer.kind === "answer" && family.absent.includes(answer.status)) continue;
    if (answer.kind === "answer") memory.set(`${key} ${family.name}`, index);
    return last;
  }
  return last!;
}
