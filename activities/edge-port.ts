import type { CoaOutcome, CoaStep } from "../domain/coa.ts";
import { reveal } from "../domain/secret.ts";
import type { Session } from "../domain/session.ts";
import { SECOND_MS } from "../domain/time.ts";
import { liveEdges } from "../store/edges.ts";
import type { Edge } from "../store/edges.ts";
import { mayHaveArrived } from "../outbound/failure.ts";
import { isLoopback } from "../runtime/edge-access.ts";
import type { ActivityDeps } from "./deps.ts";

/** No edge said what became of the request: it may be made again. */
export interface Unreachable {
  readonly kind: "unreachable";
  readonly text: string;
  /** It lives, and catches up with what the request rests on. */
  readonly isBehind?: boolean;
  /** The edge took the request, or may have, and was not heard again: the CoA may be on its way. */
  readonly mayHaveSent?: boolean;
}

/** What an order says besides its session (radius-edge/coa/request.ts). */
interface Wanted {
  readonly step: CoaStep;
  readonly minimumRevision: number;
  readonly mayUseUdp?: true;
}

/** Longer than the edge's wait for the revision (1 s) and its retransmissions to the NAS together (behaviour 5.6: 15 s). */
const DEADLINE_MS = 25 * SECOND_MS;

/**
 * Has a CoA sent by the edge that holds the session, for the NAS trusts its address; where that edge is gone, by another
 * that lives, or to which the NAS has connected since. A NAS that speaks RadSec is sent UDP once every living edge has said
 * that it holds no connection of it. The edge sends nothing before it holds `minimumRevision`: else the client could come
 * back to an older verdict (behaviour 5.3).
 */
export async function sendByEdge(
  deps: ActivityDeps,
  session: Session,
  step: CoaStep,
  minimumRevision: number,
): Promise<CoaOutcome | Unreachable> {
  const living = await liveEdges(deps.store);
  const ordered = living.toSorted((a, b) => Number(b.id === session.edgeId) - Number(a.id === session.edgeId));
  const outcome = await askInTurn(deps, ordered, session, { step, minimumRevision });
  if (outcome.kind !== "noPath") return outcome;
  return askInTurn(deps, ordered, session, { step, minimumRevision, mayUseUdp: true });
}

/** The first that is more than "no way from here". `noPath`: all of `edges` said so. */
async function askInTurn(
  deps: ActivityDeps,
  edges: readonly Edge[],
  session: Session,
  wanted: Wanted,
): Promise<CoaOutcome | Unreachable> {
  let failure: Unreachable | undefined;
  let noPath: CoaOutcome | undefined;
  for (const edge of edges) {
    const outcome = await askEdge(deps, edge, session, wanted);
    if (outcome.kind === "noPath") {
      noPath = outcome;
      continue;
    }
    // Another edge would send it a second time.
    if (outcome.kind !== "unreachable" || outcome.mayHaveSent === true) return outcome;
    // What the NAS trusts is this edge: another may have no way to it at all.
    if (outcome.isBehind === true && edge.id === session.edgeId) return outcome;
    failure = outcome;
  }
  return failure ?? noPath ?? { kind: "unreachable", text: "no edge is alive" };
}

async function askEdge(
  { edgeHttp, internalToken }: ActivityDeps,
  edge: Edge,
  session: Session,
  wanted: Wanted,
): Promise<CoaOutcome | Unreachable> {
  if (isExposed(edge.internalAddress)) {
    return {
      kind: "unreachable",
      text: `edge ${edge.id} is at ${edge.internalAddress}: our token would leave this machine in clear text`,
    };
  }
  const answer = await edgeHttp.request({
    method: "POST",
    url: `${edge.internalAddress}/internal/v1/coa`,
    headers: { authorization: `Bearer ${reveal(internalToken)}`, "content-type": "application/json" },
    body: JSON.stringify({
      organizationId: session.organizationId,
      nasId: session.evidence.nas.nasId,
      ...wanted,
      session: {
        nas: session.evidence.nas,
        mac: session.mac,
        userName: session.evidence.userName,
        acctSessionId: session.acctSessionId,
        sessionId: session.id,
      },
    }),
    deadlineMs: DEADLINE_MS,
  });
  if (answer.kind === "failed") {
    if (answer.cause !== "tls") {
      return { kind: "unreachable", text: `edge ${edge.id}: ${answer.detail}`, mayHaveSent: mayHaveArrived(answer) };
    }
    const text = `edge ${edge.id} at ${edge.internalAddress} does not prove this worker's master key (${answer.code})`;
    return { kind: "unreachable", text };
  }
  if (answer.status === 409) {
    return { kind: "unreachable", text: `edge ${edge.id} is not as new as the verdict yet`, isBehind: true };
  }
  if (answer.status === 503) return { kind: "unreachable", text: `edge ${edge.id} is stopping` };
  const outcome = answer.status === 200 ? parseOutcome(answer.text) : undefined;
  return (
    outcome ?? { kind: "notSent", text: `edge ${edge.id} answered ${answer.status}: ${answer.text.slice(0, 200)}` }
  );
}

/** Whether our token would travel in clear text: whoever wrote that address, it was no edge of this version. */
function isExposed(internalAddress: string): boolean {
  if (!URL.canParse(internalAddress)) return true;
  const { protocol, hostname } = new URL(internalAddress);
  return protocol !== "https:" && !isLoopback(hostname);
}

const KINDS: ReadonlySet<unknown> = new Set<CoaOutcome["kind"]>([
  "acknowledged",
  "sessionGone",
  "refused",
  "noAnswer",
  "atReauthentication",
  "noPath",
  "busy",
  "notSent",
]);

/** Our own edge wrote it; a proxy's error page in between is no outcome. */
function parseOutcome(text: string): CoaOutcome | undefined {
  try {
    const parsed = JSON.parse(text) as { kind?: unknown } | null;
    return KINDS.has(parsed?.kind) ? (parsed as CoaOutcome) : undefined;
  } catch {
    return undefined;
  }
}
