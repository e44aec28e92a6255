import type { CoaOutcome } from "../../domain/coa.ts";
import type { NasEvidence } from "../../domain/evidence.ts";
import type { EdgeId } from "../../domain/identifiers.ts";
import type { Nas } from "../../domain/nas.ts";
import { reveal } from "../../domain/secret.ts";
import type { Secret } from "../../domain/secret.ts";
import { SECOND_MS } from "../../domain/time.ts";
import type { Http } from "../../outbound/http.ts";
import type { CoaOrder } from "../../radius-edge/coa/request.ts";
import type { Edge } from "../../store/edges.ts";

/** No NAS has it: one that answers says so, and with what it signs that the secret is shown to be the same at both ends. */
const NOBODYS_SESSION = "portcullis-doctor";
const DEADLINE_MS = 25 * SECOND_MS;

/** How our processes ask edges. */
export interface WayToEdges {
  readonly http: Http;
  readonly token: Secret;
  readonly edges: readonly Edge[];
}

/** What is asked of one NAS. */
export interface Probe {
  readonly nas: Nas;
  /** Where it is; empty: only its own connection leads there. */
  readonly address: string;
  /** What it said of itself last, if anything: its kind, and the proxy before it. */
  readonly seen: NasEvidence | undefined;
  readonly mayUseUdp: boolean;
  /** What the edge must have heard of. */
  readonly revision: number;
}

/** What came of it through one edge; a text: why the edge was not asked. */
export interface Probed {
  readonly edgeId: EdgeId;
  readonly outcome: CoaOutcome | string;
}

/** Has a NAS asked by every edge to end a session of nobody's: each may have to, and has a way and an address of its own. */
export function askThroughAll(way: WayToEdges, probe: Probe): Promise<readonly Probed[]> {
  const order = disconnectOfNobody(probe);
  return Promise.all(
    way.edges.map(async ({ id, internalAddress }) => ({ edgeId: id, outcome: await ask(way, internalAddress, order) })),
  );
}

function disconnectOfNobody({ nas, address, seen, mayUseUdp, revision }: Probe): CoaOrder {
  const absent = { nasIpAddress: undefined, nasIpv6Address: undefined, nasIdentifier: nas.nasIdentifier };
  const port = { nasPort: undefined, nasPortId: undefined, callingStationId: undefined, calledStationId: undefined };
  const session = { acctSessionId: NOBODYS_SESSION, auditSessionId: undefined };
  const { profile = "standard", throughProxy, operatorNasIdentifier } = seen ?? {};
  const way = {
    profile,
    ...(throughProxy && { throughProxy }),
    ...(operatorNasIdentifier !== undefined && { operatorNasIdentifier }),
  };
  return {
    organizationId: nas.organizationId,
    nasId: nas.id,
    minimumRevision: revision,
    step: "disconnect",
    mayUseUdp,
    session: {
      nas: { nasId: nas.id, siteId: nas.siteId, sourceAddress: address, ...absent, ...port, ...session, ...way },
      userName: NOBODYS_SESSION,
      acctSessionId: NOBODYS_SESSION,
    },
  };
}

async function ask({ http, token }: WayToEdges, edgeUrl: string, order: CoaOrder): Promise<CoaOutcome | string> {
  const answer = await http.request({
    method: "POST",
    url: `${edgeUrl}/internal/v1/coa`,
    headers: { authorization: `Bearer ${reveal(token)}`, "content-type": "application/json" },
    body: JSON.stringify(order),
    deadlineMs: DEADLINE_MS,
  });
  if (answer.kind === "failed") return answer.detail;
  if (answer.status === 409) return "the edge has not heard of the last changes yet";
  return answer.status === 200 ? (JSON.parse(answer.text) as CoaOutcome) : `the edge answered ${answer.status}`;
}
