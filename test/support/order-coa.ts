import { reveal } from "../../domain/secret.ts";
import type { CoaOrder } from "../../radius-edge/coa/request.ts";
import { makeInternalToken } from "../../runtime/edge-access.ts";
import type { TestEdge } from "./edge.ts";

/** Asks an edge for a CoA as a worker does. */
export function orderCoa({ edge, keys }: Pick<TestEdge, "edge" | "keys">, order: CoaOrder): Promise<Response> {
  return fetch(`http://${edge.internal}/internal/v1/coa`, {
    method: "POST",
    headers: { authorization: `Bearer ${reveal(makeInternalToken(keys))}`, "content-type": "application/json" },
    body: JSON.stringify(order),
  });
}
