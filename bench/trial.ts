import type { Generator } from "./load/generator.ts";
import type { Outcome, Plan } from "./load/plan.ts";
import { hostBusy, QUIET, untilQuiet } from "./machine/host.ts";
import { cpuBetween, readCpuTimes, treeOf, type CpuTimes } from "./machine/processes.ts";

/** Whose CPU is counted: roots of process trees. */
export interface Measured {
  readonly server: number;
  readonly database?: number;
}

export interface Trial extends Outcome {
  readonly answersPerSecond: number;
  /** CPU microseconds for each request sent, of the server's processes and of Postgres'. */
  readonly serverMicros: number;
  readonly databaseMicros: number;
  /** What others used of one core meanwhile. */
  readonly others: number;
  /** Why the figure is not worth much; empty when it is. */
  readonly faults: readonly string[];
}

/** How patient a run is with a machine that others use. */
export interface Patience {
  readonly gateMs: number;
  readonly tries: number;
}

/** Runs a plan until a trial is clean, or the tries are over; answers with the cleanest. Throws when an answer was wrong. */
export async function runTrial(
  generator: Generator,
  plan: Plan,
  measured: Measured,
  patience: Patience,
): Promise<Trial> {
  const trials: Trial[] = [];
  for (let attempt = 0; attempt < patience.tries; attempt++) {
    await untilQuiet(patience.gateMs);
    const trial = await runOnce(generator, plan, measured);
    if (trial.faults.length === 0) return trial;
    trials.push(trial);
  }
  return trials.toSorted((a, b) => a.others - b.others)[0]!;
}

async function runOnce(generator: Generator, plan: Plan, measured: Measured): Promise<Trial> {
  let before = look(measured, generator);
  const outcome = await generator.run(plan, () => (before = look(measured, generator)));
  const after = look(measured, generator);
  if (outcome.bad > 0) throw new Error(`${outcome.bad} answers were wrong: nothing of this run counts`);
  const server = cpuBetween(before.server, after.server);
  const database = cpuBetween(before.database, after.database);
  const ours = server + database + cpuBetween(before.harness, after.harness);
  const others = Math.max(0, after.hostBusy - before.hostBusy - ours) / 1e6 / (after.at - before.at);
  const requests = Math.max(1, outcome.sent);
  return {
    ...outcome,
    answersPerSecond: outcome.answered / outcome.seconds,
    serverMicros: server / 1_000 / requests,
    databaseMicros: database / 1_000 / requests,
    others,
    faults: faultsOf(plan, outcome, others),
  };
}

interface Look {
  readonly at: number;
  readonly hostBusy: number;
  readonly server: CpuTimes;
  readonly database: CpuTimes;
  readonly harness: CpuTimes;
}

function look({ server, database }: Measured, generator: Generator): Look {
  return {
    at: performance.now(),
    hostBusy: hostBusy(),
    server: readCpuTimes(treeOf(server)),
    database: database === undefined ? new Map() : readCpuTimes(treeOf(database)),
    harness: readCpuTimes([process.pid, generator.pid]),
  };
}

function faultsOf({ traffic }: Plan, { lag99, latency }: Outcome, others: number): readonly string[] {
  const used = Math.round(others * 100);
  return [
    ...(others > QUIET.during ? [`contaminated: others used ${used} % of a core`] : []),
    ...(traffic.kind === "open" && lag99 > latency.p50
      ? [`the generator itself was late by ${lag99.toFixed(0)} µs`]
      : []),
  ];
}
