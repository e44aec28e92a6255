import type { Generator } from "./load/generator.ts";
import type { Outcome, Plan } from "./load/plan.ts";
import { watch } from "./machine/company.ts";
import { QUIET, untilQuiet } from "./machine/host.ts";

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

async function runOnce(generator: Generator, plan: Plan, { server, database }: Measured): Promise<Trial> {
  const trees = [server, generator.pid, ...(database === undefined ? [] : [database])];
  const run = generator.begin(plan);
  await run.measuring;
  const {
    value: outcome,
    micros,
    others,
  } = await watch(
    () => trees,
    () => run.done,
  );
  if (outcome.bad > 0) throw new Error(`${outcome.bad} answers were wrong: nothing of this run counts`);
  const [serverMicros = 0, , databaseMicros = 0] = micros.map((used) => used / Math.max(1, outcome.sent));
  return {
    ...outcome,
    answersPerSecond: outcome.answered / outcome.seconds,
    serverMicros,
    databaseMicros,
    others,
    faults: faultsOf(plan, outcome, others),
  };
}

function faultsOf({ traffic }: Plan, { lag, latency }: Outcome, others: number): readonly string[] {
  const used = Math.round(others * 100);
  return [
    ...(others > QUIET.during ? [`contaminated: others used ${used} % of a core`] : []),
    ...(traffic.kind === "open" && lag.p99 > latency.p50
      ? [`the generator itself was late by ${lag.p99.toFixed(0)} µs`]
      : []),
  ];
}
