import { alternate, faultsOf, type Bench, type Side } from "../bench.ts";
import type { TrafficPlan } from "../load/plan.ts";
import { moveTo, type Cores } from "../machine/cores.ts";
import { figureOf, ratioOf, type Figure, type Goal } from "../report/figure.ts";
import { median } from "../report/statistics.ts";
import type { Contest } from "../contest.ts";
import type { Trial } from "../trial.ts";

/** MAC authentications a second with their event durable, on both cores, then on one with Postgres beside. */
export async function measureMab(bench: Bench, contest: Contest): Promise<readonly Figure[]> {
  const { us, freeRadius } = contest;
  const { database } = bench.installation;
  const sides = [us, freeRadius.usersFile].filter((side) => side !== undefined);
  const place = (servers: Cores, generator: Cores): void => {
    for (const { server } of sides) moveTo(servers, server.pid);
    database.moveTo(servers);
    bench.generator.moveTo(generator);
  };
  // Answers, of whichever side, wake the generator on the server's core, and it would take that at once.
  bench.generator.schedule("batch");
  try {
    const both = await compare(bench, "both cores", us, freeRadius.oneQuery, { better: "more", reach: 5, aim: 10 });
    place(0, 1);
    const goal: Goal = { better: "more", reach: 5, aim: 8 };
    return [...both, ...(await compare(bench, "one core with Postgres", us, freeRadius.usersFile, goal))];
  } finally {
    place("all", "all");
    bench.generator.schedule("other");
  }
}

async function compare(bench: Bench, where: string, us: Side, peer: Side | undefined, goal: Goal): Promise<Figure[]> {
  const traffic: TrafficPlan = { kind: "closed", window: bench.window, warmUpMs: 1_000, measuredMs: bench.measuredMs };
  const sides = peer === undefined ? [us] : [us, peer];
  const [ours = [], theirs] = await alternate(bench, `MAC authentication, ${where}`, sides, () => traffic);
  const title = `MAC authentications/s, event durable before the answer, ${where}`;
  const figures = [figureOf(ours.map(rate), { title, unit: "/s", remarks: [costs(ours), ...faultsOf(ours)] })];
  if (theirs === undefined) return figures;
  const remarks = [`theirs ${median(theirs.map(rate)).toFixed(0)}/s, ${costs(theirs)}`, ...faultsOf(ours, theirs)];
  const versus = `the same against ${peer?.server.name ?? ""}`;
  return [...figures, ratioOf(ours.map(rate), theirs.map(rate), { title: versus, goal, remarks })];
}

const rate = ({ answersPerSecond }: Trial): number => answersPerSecond;

function costs(trials: readonly Trial[]): string {
  const of = (read: (trial: Trial) => number): string => median(trials.map(read)).toFixed(1);
  const cpu = `CPU µs ${of((trial) => trial.serverMicros)} server, ${of((trial) => trial.databaseMicros)} Postgres`;
  const lost = trials.reduce((sum, trial) => sum + trial.lost, 0);
  return lost === 0 ? cpu : `${cpu}, ${lost} lost`;
}
