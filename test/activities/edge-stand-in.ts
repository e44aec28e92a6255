import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { CoaOutcome, CoaStep } from "../../domain/coa.ts";
import type { NasEvidence } from "../../domain/evidence.ts";
import type { EdgeId, NasId, OrganizationId, SessionId } from "../../domain/identifiers.ts";
import type { MacAddress } from "../../domain/mac-address.ts";
import { registerEdge, releaseEdge } from "../../store/edges.ts";
import type { Store } from "../../store/pool.ts";

/** What an edge's internal port is asked. */
interface CoaRequest {
  readonly organizationId: OrganizationId;
  readonly nasId: NasId;
  readonly minimumRevision: number;
  readonly step: CoaStep;
  readonly mayUseUdp?: true;
  readonly session: {
    readonly nas: NasEvidence;
    readonly mac: MacAddress;
    readonly userName: string;
    readonly acctSessionId?: string;
    readonly sessionId: SessionId;
  };
}

/** An edge's internal port over real HTTP, with a NAS behind it that does as told. */
export interface EdgeStandIn {
  readonly asked: CoaRequest[];
  /** What becomes of the next CoAs; asked after it was written down. */
  nas: (request: CoaRequest) => CoaOutcome | Promise<CoaOutcome>;
  /** It has not heard yet of what the next CoAs rest on. */
  isBehind: boolean;
  /** It is killed with the next order in its hands: the connection breaks. */
  dies: boolean;
  stop(): Promise<void>;
}

const NONCE = "0198b5a0-0000-7000-8000-0000000000ff";

export async function startEdge(store: Store, id: EdgeId, token: string): Promise<EdgeStandIn> {
  const server = createServer((request, response) => {
    void (async () => {
      if (request.headers.authorization !== `Bearer ${token}`) return response.writeHead(401).end();
      if (request.method !== "POST" || request.url !== "/internal/v1/coa") return response.writeHead(404).end();
      const asked = JSON.parse(await text(request)) as CoaRequest;
      if (edge.isBehind) return response.writeHead(409).end();
      edge.asked.push(asked);
      if (edge.dies) return request.socket.destroy();
      const outcome = JSON.stringify(await edge.nas(asked));
      return response.setHeader("content-type", "application/json").end(outcome);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await registerEdge(store, { id, internalAddress: `http://127.0.0.1:${port}`, nonce: NONCE });
  const edge: EdgeStandIn = {
    asked: [],
    nas: () => ({ kind: "acknowledged" }),
    isBehind: false,
    dies: false,
    stop: async () => {
      await releaseEdge(store, { id, nonce: NONCE });
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return edge;
}
