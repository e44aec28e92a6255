import { setTimeout as sleep } from "node:timers/promises";
import type { Bench } from "../bench.ts";
import type { Outcome } from "../load/plan.ts";
import { figureOf, type Figure } from "../report/figure.ts";
import { query } from "../servers/database.ts";
import { newEdgePorts, startEdge, type EdgePorts, type EdgeProcess } from "../servers/edge.ts";
import { untilSnapshotIsSaved } from "../servers/saved-snapshot.ts";

const VICTIMS = ["the edge", "Postgres", "both"] as const;
const LOAD = { perSecond: 2_000, ms: 1_200 } as const;
/** When the blow falls: load is on, and goes on behind it. */
const BLOW_MS = { earliest: 200, latest: 700 } as const;
/** How long the journal may take to be delivered at the end. */
const DELIVERED_WITHIN_MS = 60_000;

/**
 * Kills edge, Postgres or both (SIGKILL) at a random moment under load, starts them again, and asks at the end for the event
 * of every answer that a NAS has received.
 */
export async function measureKill(bench: Bench): Promise<readonly Figure[]> {
  const { installation, say } = bench;
  const ports = await newEdgePorts();
  let edge = await startEdge(installation, ports);
  await untilSnapshotIsSaved(installation.folder, 1);
  const answered = new Set<string>();
  for (let run = 1; run <= bench.kills; run++) {
    const victim = VICTIMS[run % VICTIMS.length]!;
    const struck = sleep(BLOW_MS.earliest + Math.random() * (BLOW_MS.latest - BLOW_MS.earliest)).then(() =>
      strike(bench, victim, edge, ports),
    );
    const [events, next] = await Promise.all([loadOf(bench, ports), struck]);
    edge = next;
    const before = answered.size;
    for (const event of events) answered.add(event);
    say(`kill ${run} of ${bench.kills}, ${victim}: ${answered.size - before} answers`);
  }
  const missing = await missingEvents(installation.database.url, [...answered]);
  const [{ count } = {}] = await installation.database.run("select count(*) from events");
  await edge.stop();
  const title = `answered but not recorded, ${bench.kills} kills of edge, of Postgres, of both in turn`;
  const remarks = [`${answered.size} answers received, ${String(count)} events recorded`];
  return [figureOf([missing], { title, unit: "", goal: { better: "less", reach: 0, aim: 0 }, remarks })];
}

/** The events that the answers of one run name. */
async function loadOf({ generator }: Bench, { authentication }: EdgePorts): Promise<readonly string[]> {
  const traffic = { kind: "open", perSecond: LOAD.perSecond, warmUpMs: 0, measuredMs: LOAD.ms } as const;
  const plan = { port: authentication, expects: "accept", traffic, collectsEvents: true, patienceMs: 500 } as const;
  return eventsOf(await generator.run(plan));
}

/** What the answers of a run name. Throws where one was wrong, or where none came, so that none of its events can be missing. */
export function eventsOf({ bad, events }: Pick<Outcome, "bad" | "events">): readonly string[] {
  if (bad > 0) throw new Error(`${bad} answers were wrong`);
  if (events.length === 0) throw new Error("a run had no answer: it proves nothing");
  return events;
}

/** Answers with the edge that lives after it, once it answers again. */
async function strike(
  { installation }: Bench,
  victim: (typeof VICTIMS)[number],
  edge: EdgeProcess,
  ports: EdgePorts,
): Promise<EdgeProcess> {
  const { database } = installation;
  const hits = { edge: victim !== "Postgres", database: victim !== "the edge" };
  await Promise.all([hits.edge ? edge.kill() : undefined, hits.database ? database.kill() : undefined]);
  const [next] = await Promise.all([
    hits.edge ? startEdge(installation, ports) : edge,
    hits.database ? database.start() : undefined,
  ]);
  return next;
}

/** Counts those without a row, until there is none, or no hope of more: the journal is delivered in the background. */
async function missingEvents(databaseUrl: string, events: readonly string[]): Promise<number> {
  const statement = `
    select count(*)::int as missing from unnest($1::uuid[]) as answered(id)
    where not exists (select from events where events.id = answered.id)`;
  for (const end = performance.now() + DELIVERED_WITHIN_MS; ; await sleep(500)) {
    const [row] = await query(databaseUrl, statement, [events]);
    const missing = Number(row?.["missing"]);
    if (missing === 0 || performance.now() > end) return missing;
  }
}
