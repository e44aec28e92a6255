import { setTimeout as sleep } from "node:timers/promises";
import { SECOND_MS } from "../../domain/time.ts";
import type { Http } from "../../outbound/http.ts";
import { liveEdges } from "../../store/edges.ts";
import type { Edge } from "../../store/edges.ts";
import type { Organization } from "../../store/organizations.ts";
import type { Store } from "../../store/pool.ts";
import { fault, good, warning } from "./finding.ts";
import type { Finding } from "./finding.ts";

/** An edge tells its revisions every few seconds: what it learned a moment ago is not behind. */
const PATIENCE_MS = 8 * SECOND_MS;

/** The edges that live by the database: whether workers reach them, and whether they are as new as it is. */
export async function examineEdges(
  store: Store,
  http: Http,
  organizations: readonly Organization[],
): Promise<readonly Finding[]> {
  const lags = ({ revisions }: Edge): boolean =>
    organizations.some(({ id, revision }) => (revisions[id] ?? -1) < revision);
  let edges = await liveEdges(store);
  for (const end = Date.now() + PATIENCE_MS; edges.some(lags) && Date.now() < end; await sleep(500))
    edges = await liveEdges(store);
  if (edges.length === 0) return [fault("no edge is alive: nobody answers RADIUS", "start one with `portcullis edge`")];
  return Promise.all(edges.map((edge) => examineEdge(edge, http, lags(edge))));
}

/** The machines that edges are on, each once. */
export function hostsOf(edges: readonly Pick<Edge, "internalAddress">[]): readonly string[] {
  return [...new Set(edges.map(({ internalAddress }) => new URL(internalAddress).hostname.replaceAll(/^\[|\]$/g, "")))];
}

/** `undefined`: it is well; else why it is not reached. */
async function whyNotReached(http: Http, internalAddress: string): Promise<string | undefined> {
  const answer = await askForHealth(http, internalAddress);
  if (answer.kind === "failed") return answer.detail;
  return answer.status === 200 ? undefined : `it answered ${answer.status}`;
}

/** Those that answer at all. Who waited for the others at each NAS would wait for hours, and what they lack is told of them. */
export async function edgesInReach(store: Store, http: Http): Promise<readonly Edge[]> {
  const edges = await liveEdges(store);
  const answers = await Promise.all(edges.map(({ internalAddress }) => askForHealth(http, internalAddress)));
  return edges.filter((_, n) => answers[n]!.kind === "answer");
}

const askForHealth = (http: Http, internalAddress: string) =>
  http.request({ method: "GET", url: `${internalAddress}/healthz`, deadlineMs: 5 * SECOND_MS });

/** Whether an edge has this internal address. */
export async function isAnswering(http: Http, internalAddress: string): Promise<boolean> {
  return (await whyNotReached(http, internalAddress)) === undefined;
}

async function examineEdge({ id, internalAddress }: Edge, http: Http, isBehind: boolean): Promise<Finding> {
  const why = await whyNotReached(http, internalAddress);
  if (why !== undefined) {
    const text = `edge ${id} at ${internalAddress} is not reached from here: ${why}`;
    return fault(text, "workers need that way for CoA: open it, or set PORTCULLIS_INTERNAL_ADDRESS at the edge");
  }
  return isBehind
    ? warning(`edge ${id} is behind the database`, "it does not reach Postgres: see its log")
    : good(`edge ${id} at ${internalAddress} answers, and is up to date`);
}
