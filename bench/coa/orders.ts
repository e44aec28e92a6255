import { Agent, request } from "node:http";
import { reveal } from "../../domain/secret.ts";
import type { CoaOutcome } from "../../domain/coa.ts";
import { makeInternalToken } from "../../runtime/edge-access.ts";
import type { MasterKeys } from "../../runtime/master-keys.ts";
import { macOf } from "../load/requests.ts";
import type { Organization } from "../servers/organization.ts";

/** Orders CoAs at an edge's internal port, as workers do: one HTTP request each. */
export interface CoaOrders {
  send(client: number): Promise<CoaOutcome["kind"]>;
  close(): void;
}

const CONNECTIONS = 64;

export function openCoaOrders(internalPort: number, keys: MasterKeys, { id, nasId }: Organization): CoaOrders {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const headers = {
    authorization: `Bearer ${reveal(makeInternalToken(keys))}`,
    "content-type": "application/json",
  };
  const at = { host: "127.0.0.1", port: internalPort, path: "/internal/v1/coa", method: "POST", agent, headers };
  return {
    send: (client) =>
      new Promise((resolve, reject) => {
        const asked = request(at, (answer) => {
          let text = "";
          answer.on("data", (part: Buffer) => (text += part.toString()));
          answer.on("end", () => resolve((JSON.parse(text) as Pick<CoaOutcome, "kind">).kind));
        });
        asked.on("error", reject);
        asked.end(JSON.stringify(orderOf(client, { id, nasId })));
      }),
    close: () => agent.destroy(),
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
