import { openWayToEdges } from "../../cli/roles/way-out.ts";
import type { CoaOutcome } from "../../domain/coa.ts";
import { reveal } from "../../domain/secret.ts";
import { loadConfig } from "../../runtime/config.ts";
import { makeInternalToken } from "../../runtime/edge-access.ts";
import { macOf } from "../load/requests.ts";
import type { Installation } from "../servers/installation.ts";
import type { Organization } from "../servers/organization.ts";

/** Orders CoAs at an edge's internal port, by the way that workers take: one HTTP request each. */
export interface CoaOrders {
  send(client: number): Promise<CoaOutcome["kind"]>;
  close(): Promise<void>;
}

export async function openCoaOrders(
  internalPort: number,
  { environment, keys }: Pick<Installation, "environment" | "keys">,
  { id, nasId }: Organization,
): Promise<CoaOrders> {
  const http = await openWayToEdges(loadConfig(environment, "worker"));
  const headers = {
    authorization: `Bearer ${reveal(makeInternalToken(keys))}`,
    "content-type": "application/json",
  };
  const url = `http://127.0.0.1:${internalPort}/internal/v1/coa`;
  return {
    async send(client) {
      const body = JSON.stringify(orderOf(client, { id, nasId }));
      const answer = await http.request({ method: "POST", url, headers, body });
      if (answer.kind === "failed") throw new Error(answer.detail);
      return (JSON.parse(answer.text) as Pick<CoaOutcome, "kind">).kind;
    },
    close: () => http.close(),
  };
}

function orderOf(client: number, { id, nasId }: Organization): object {
  const nas = {
    nasId,
    sourceAddress: "127.0.0.1",
    callingStationId: macOf(client),
    auditSessionId: `0A0A0A01${client.toString(16).toUpperCase().padStart(8, "0")}`,
    profile: "cisco",
  };
  const session = { nas, userName: macOf(client) };
  return { organizationId: id, nasId, minimumRevision: 0, step: "reauthenticate", session };
}
