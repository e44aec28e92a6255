import type { Bench } from "../bench.ts";
import { startCoaNas } from "../coa/nas.ts";
import type { CoaNas } from "../coa/nas.ts";
import { openCoaOrders } from "../coa/orders.ts";
import { ROUND_TRIP_MS } from "../coa/round-trip.ts";
import { secret } from "../../domain/secret.ts";
import { openCoaClient } from "../../radius-edge/coa/client.ts";
import { writeCallingStationId, writeCiscoAvPair } from "../../radius-edge/wire/attribute-writers.ts";
import { macOf, SECRET } from "../load/requests.ts";
import { contamination, watch } from "../machine/company.ts";
import { untilQuiet } from "../machine/host.ts";
import { figureOf, mostOf, type Figure } from "../report/figure.ts";
import { newEdgePorts, startEdge } from "../servers/edge.ts";
import { makeOrganization } from "../servers/organization.ts";

const COAS = 10_000;
const NAS_ADDRESS = "127.0.0.21";

/**
 * 10,000 CoAs to one NAS at a round trip of 20 ms, nothing lost: what the edge's CoA client takes by itself, and what it
 * takes when each is ordered over the internal port; and how many it sent again, though nothing was lost.
 */
export async function measureCoa(bench: Bench): Promise<readonly Figure[]> {
  const nas = await startCoaNas();
  try {
    const byClient = await throughClient(bench, nas);
    const byOrder = await throughInternalPort(bench, nas);
    const title = `${COAS.toLocaleString("en-US")} CoAs acknowledged by one NAS, round trip ${ROUND_TRIP_MS} ms`;
    const goal = { better: "less", reach: 1, aim: 0.25 } as const;
    return [
      figureOf(byClient.seconds, {
        title,
        unit: " s",
        goal,
        remarks: ["the edge's CoA client", ...contamination(byClient.others)],
      }),
      figureOf(byOrder.seconds, {
        title: `${title}, ordered one by one over the internal port`,
        unit: " s",
        remarks: contamination(byOrder.others),
      }),
      mostOf([...byClient.again, ...byOrder.again], {
        title: `${title}: sent again in a round, by either way (the most)`,
        unit: "",
        goal: { better: "less", reach: 0, aim: 0 },
        remarks: contamination([...byClient.others, ...byOrder.others]),
      }),
    ];
  } finally {
    await nas.stop();
  }
}

async function throughClient(bench: Bench, nas: CoaNas): Promise<Rounds> {
  const client = await openCoaClient("127.0.0.1");
  const shared = secret(SECRET);
  const send = async (device: number): Promise<string> => {
    const attributes = [
      writeCiscoAvPair(`audit-session-id=0A0A0A01${device.toString(16).toUpperCase().padStart(8, "0")}`),
      writeCallingStationId(macOf(device)),
      writeCiscoAvPair("subscriber:command=reauthenticate"),
    ];
    const request = { address: "127.0.0.1", port: nas.port, secret: shared, code: "CoA-Request", attributes } as const;
    return (await client.send(request)).kind;
  };
  try {
    return await rounds(bench, "CoA client", nas, [nas.pid], send);
  } finally {
    client.close();
  }
}

async function throughInternalPort(bench: Bench, nas: CoaNas): Promise<Rounds> {
  const { installation } = bench;
  const organization = await makeOrganization(installation.store, { address: NAS_ADDRESS, coaPort: nas.port });
  // The NAS takes CoA where the session's requests came from.
  const ports = await newEdgePorts();
  const edge = await startEdge(installation, ports);
  const orders = await openCoaOrders(ports.internal, installation, organization);
  try {
    return await rounds(bench, "CoA over the internal port", nas, [nas.pid, edge.pid], (device) => orders.send(device));
  } finally {
    await orders.close();
    await edge.stop();
  }
}

/** Of each round: how long it took, how many CoAs were sent again, and what others used of a core meanwhile. */
interface Rounds {
  readonly seconds: readonly number[];
  readonly again: readonly number[];
  readonly others: readonly number[];
}

/** After one round that warms up. */
async function rounds(
  bench: Bench,
  title: string,
  nas: CoaNas,
  pids: readonly number[],
  send: (device: number) => Promise<string>,
): Promise<Rounds> {
  const found: { readonly seconds: number; readonly again: number; readonly others: number }[] = [];
  for (let round = 0; round <= bench.rounds; round++) {
    await untilQuiet(bench.patience.gateMs);
    const { value: seconds, others } = await watch(
      () => pids,
      () => sendAll(send),
    );
    const again = (await nas.received()) - COAS;
    if (round === 0) continue;
    found.push({ seconds, again, others });
    bench.say(`${title}, round ${round}: ${seconds.toFixed(2)} s, ${again} sent again`);
  }
  return {
    seconds: found.map(({ seconds }) => seconds),
    again: found.map(({ again }) => again),
    others: found.map(({ others }) => others),
  };
}

/** Seconds until all are acknowledged. */
async function sendAll(send: (device: number) => Promise<string>): Promise<number> {
  const startedAt = performance.now();
  const outcomes = await Promise.all(Array.from({ length: COAS }, (_, device) => send(device)));
  const unacknowledged = outcomes.filter((kind) => kind !== "acknowledged");
  if (unacknowledged.length > 0) throw new Error(`${unacknowledged.length} CoAs were ${unacknowledged[0]}`);
  return (performance.now() - startedAt) / 1_000;
}
