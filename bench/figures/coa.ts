import type { Bench } from "../bench.ts";
import { openCoaOrders } from "../coa/orders.ts";
import { ROUND_TRIP_MS } from "../coa/round-trip.ts";
import { secret } from "../../domain/secret.ts";
import { openCoaClient } from "../../radius-edge/dynamic-authorization.ts";
import { writeCallingStationId, writeCiscoAvPair } from "../../radius-edge/wire/attribute-writers.ts";
import { macOf, SECRET } from "../load/requests.ts";
import { untilQuiet } from "../machine/host.ts";
import { figureOf, type Figure } from "../report/figure.ts";
import { newEdgePorts, startEdge } from "../servers/edge.ts";
import { makeOrganization } from "../servers/organization.ts";
import { startProgram } from "../servers/program.ts";

const COAS = 10_000;
const NAS_ADDRESS = "127.0.0.21";

/**
 * 10,000 CoAs to one NAS at a round trip of 20 ms, nothing lost: what the edge's CoA client takes by itself, and what it
 * takes when each is ordered over the internal port. The pacer of enforcement, above both, is not in the way here.
 */
export async function measureCoa(bench: Bench): Promise<readonly Figure[]> {
  const nas = await startProgram("coa-nas", "a NAS");
  try {
    const byClient = await throughClient(bench, nas.port);
    const byOrder = await throughInternalPort(bench, nas.port);
    const title = `${COAS.toLocaleString("en-US")} CoAs acknowledged by one NAS, round trip ${ROUND_TRIP_MS} ms`;
    const goal = { better: "less", reach: 1, aim: 0.25 } as const;
    return [
      figureOf(byClient, { title: `${title}, pacing lifted`, unit: " s", goal, remarks: ["the edge's CoA client"] }),
      figureOf(byOrder, { title: `${title}, ordered one by one over the internal port`, unit: " s", remarks: [] }),
    ];
  } finally {
    await nas.stop();
  }
}

async function throughClient(bench: Bench, port: number): Promise<readonly number[]> {
  const client = await openCoaClient("127.0.0.1");
  const send = async (device: number): Promise<string> => {
    const attributes = [
      writeCiscoAvPair(`audit-session-id=0A0A0A01${device.toString(16).toUpperCase().padStart(8, "0")}`),
      writeCallingStationId(macOf(device)),
      writeCiscoAvPair("subscriber:command=reauthenticate"),
    ];
    const request = { address: "127.0.0.1", port, secret: secret(SECRET), code: "CoA-Request", attributes } as const;
    return (await client.send(request)).kind;
  };
  try {
    return await rounds(bench, "CoA client", send);
  } finally {
    client.close();
  }
}

async function throughInternalPort(bench: Bench, coaPort: number): Promise<readonly number[]> {
  const { installation } = bench;
  const organization = await makeOrganization(installation.store, { address: NAS_ADDRESS, coaPort });
  // The NAS takes CoA where the session's requests came from.
  const ports = await newEdgePorts();
  const edge = await startEdge(installation, ports);
  const orders = openCoaOrders(ports.internal, installation.keys, organization);
  try {
    return await rounds(bench, "CoA over the internal port", (device) => orders.send(device));
  } finally {
    orders.close();
    await edge.stop();
  }
}

/** Seconds of each round, after one that warms up. */
async function rounds(bench: Bench, title: string, send: (device: number) => Promise<string>) {
  const seconds: number[] = [];
  for (let round = 0; round <= bench.rounds; round++) {
    await untilQuiet(bench.patience.gateMs);
    const startedAt = performance.now();
    const outcomes = await Promise.all(Array.from({ length: COAS }, (_, device) => send(device)));
    const took = (performance.now() - startedAt) / 1_000;
    const unacknowledged = outcomes.filter((kind) => kind !== "acknowledged");
    if (unacknowledged.length > 0) throw new Error(`${unacknowledged.length} CoAs were ${unacknowledged[0]}`);
    if (round === 0) continue;
    seconds.push(took);
    bench.say(`${title}, round ${round}: ${took.toFixed(2)} s`);
  }
  return seconds;
}
