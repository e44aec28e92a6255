import type { Bench } from "../bench.ts";
import type { IdentityKey } from "../../domain/identity.ts";
import type { MacAddress } from "../../domain/mac-address.ts";
import { HOUR_MS } from "../../domain/time.ts";
import { createVerdictTable } from "../../radius-edge/snapshot/verdict-table.ts";
import { CLIENTS as GENERATED, macOf } from "../load/requests.ts";
import { firstAnswer } from "../load/probe.ts";
import { residentOctets, treeOf } from "../machine/processes.ts";
import { contamination, watch } from "../machine/company.ts";
import { untilQuiet } from "../machine/host.ts";
import { figureOf, type Figure } from "../report/figure.ts";
import { newEdgePorts, spawnEdge, type EdgePorts, type EdgeProcess } from "../servers/edge.ts";
import { untilSnapshotIsSaved } from "../servers/saved-snapshot.ts";
import { makeOrganization } from "../servers/organization.ts";
import { fillVerdicts } from "../servers/verdicts.ts";

const CLIENTS = 1_000_000;
const MEGABYTE = 1_000_000;
/** No entry is smaller: how a snapshot of a million is told from one of an empty installation. */
const SNAPSHOT_OCTETS_AT_LEAST = 10 * CLIENTS;

/** What a million clients cost in memory, and how long an edge that was killed with them takes to answer again. */
export async function measureMillion(bench: Bench): Promise<readonly Figure[]> {
  const { installation, say } = bench;
  const { id } = await makeOrganization(installation.store, { address: "127.0.0.1" });
  const ports = await newEdgePorts();
  say("a million verdicts are written");
  await fillVerdicts(installation.database.url, id, CLIENTS);
  await installation.database.run("checkpoint");

  const cold = await start(bench, ports);
  say(`the first start, from Postgres alone: ${cold.seconds.toFixed(2)} s`);
  const resident: Resident[] = [await residentUnderLoad(bench, cold.edge)];
  await untilSnapshotIsSaved(installation.folder, SNAPSHOT_OCTETS_AT_LEAST);
  await cold.edge.kill();

  const withPostgres = await restarts(bench, ports, "Postgres up", resident);
  await installation.database.stop();
  const withoutPostgres = await restarts(bench, ports, "Postgres down", resident);
  await installation.database.start();
  return figures({ resident, cold: cold.seconds, withPostgres, withoutPostgres });
}

function figures(found: {
  readonly resident: readonly Resident[];
  readonly cold: number;
  readonly withPostgres: readonly Start[];
  readonly withoutPostgres: readonly Start[];
}): readonly Figure[] {
  const goal = { better: "less", reach: 5, aim: 2 } as const;
  const restart = "restart with a million clients to the first right answer";
  return [
    figureOf([octetsOfClient()], {
      title: "octets a cached client",
      unit: " B",
      goal: { better: "less", reach: 64, aim: 32 },
      remarks: ["the table of a million, and nothing else"],
    }),
    figureOf(
      found.resident.map(({ octets }) => octets / MEGABYTE),
      {
        title: "resident memory of the edge with a million clients, after load",
        unit: " MB",
        goal: { better: "less", reach: 300, aim: 150 },
        remarks: [`first start and restarts; ${letIn(found.resident)} clients let in before it was read`],
      },
    ),
    figureOf(found.withPostgres.map(secondsOf), {
      title: `${restart}, Postgres up`,
      unit: " s",
      goal,
      remarks: contamination(found.withPostgres.map(({ others }) => others)),
    }),
    figureOf(found.withoutPostgres.map(secondsOf), {
      title: `${restart}, Postgres down, from the disk`,
      unit: " s",
      goal,
      remarks: [
        `first start of all, from Postgres alone: ${found.cold.toFixed(2)} s`,
        ...contamination(found.withoutPostgres.map(({ others }) => others)),
      ],
    }),
  ];
}

/** As the edge's table itself counts it, here in this process: from outside it cannot be told from garbage. */
function octetsOfClient(): number {
  const table = createVerdictTable();
  const [checkedAt, dueAt] = [Date.now() - HOUR_MS, Date.now() + HOUR_MS];
  for (let client = 0; client < CLIENTS; client++) {
    const matchedMac = macOf(client) as MacAddress;
    const verdict = {
      status: "compliant",
      reason: "reported",
      matchedBy: "mac",
      matchedMac,
      checkedAt,
      dueAt,
    } as const;
    table.set(`mac:${matchedMac}` as IdentityKey, { ...verdict, revision: client + 1 });
  }
  return table.octets / table.size;
}

/** What an edge had in memory, and of how many clients it remembered what was said and answered. */
interface Resident {
  readonly octets: number;
  readonly clients: number;
}

/** The least and the most. */
function letIn(resident: readonly Resident[]): string {
  const clients = resident.map((each) => each.clients);
  return [Math.min(...clients), Math.max(...clients)].map((count) => count.toLocaleString("en-US")).join(" to ");
}

/** From the start of the process to a right answer. */
interface Start {
  readonly edge: EdgeProcess;
  readonly seconds: number;
  /** What others used of a core meanwhile. */
  readonly others: number;
}

const secondsOf = ({ seconds }: Start): number => seconds;

async function start({ installation, patience }: Bench, ports: EdgePorts): Promise<Start> {
  await untilQuiet(patience.gateMs);
  const startedAt = performance.now();
  const edge = spawnEdge(installation, ports);
  const { others } = await watch(
    () => [edge.pid, installation.database.pid],
    () => firstAnswer(edge.port),
  );
  return { edge, others, seconds: (performance.now() - startedAt) / 1_000 };
}

async function restarts(
  bench: Bench,
  ports: EdgePorts,
  title: string,
  resident: Resident[],
): Promise<readonly Start[]> {
  const starts: Start[] = [];
  for (let round = 1; round <= bench.rounds; round++) {
    const again = await start(bench, ports);
    starts.push(again);
    bench.say(`restart with a million clients, ${title}, round ${round}: ${again.seconds.toFixed(2)} s`);
    if (round === 1) resident.push(await residentUnderLoad(bench, again.edge));
    await again.edge.kill();
  }
  return starts;
}

/** Garbage of the start is gone by then, and that of requests has come. */
async function residentUnderLoad({ generator, say }: Bench, edge: EdgeProcess): Promise<Resident> {
  const traffic = { kind: "closed", window: 64, warmUpMs: 0, measuredMs: 3_000 } as const;
  const { bad, answered } = await generator.run({ port: edge.port, expects: "accept", traffic });
  if (bad > 0) throw new Error(`${bad} answers were wrong`);
  const octets = residentOctets(treeOf(edge.pid));
  const clients = Math.min(answered, GENERATED);
  say(`resident with a million clients, ${clients} let in: ${(octets / MEGABYTE).toFixed(0)} MB`);
  return { octets, clients };
}
