import type { Generator } from "./load/generator.ts";
import type { Plan, TrafficPlan } from "./load/plan.ts";
import type { Installation } from "./servers/installation.ts";
import type { Server } from "./servers/server.ts";
import { runTrial, type Patience, type Trial } from "./trial.ts";

/** What all measurements of a run share. */
export interface Bench {
  readonly installation: Installation;
  readonly generator: Generator;
  readonly rounds: number;
  /** Requests under way where a peak is sought. */
  readonly window: number;
  /** Runs of the kill measurement. */
  readonly kills: number;
  /** Length of the measured part of a trial under load. */
  readonly measuredMs: number;
  readonly patience: Patience;
  /** Told to people while they wait. */
  readonly say: (sentence: string) => void;
}

/** One of the sides that are compared. */
export interface Side {
  readonly server: Server;
  readonly expects?: Plan["expects"];
  /** Whether it uses Postgres, whose CPU then counts too. */
  readonly usesDatabase: boolean;
}

/**
 * Measures each side once a round, one after the other, so that what drifts in the machine drifts for all: A, B, A, B. All
 * servers stand ready meanwhile, idle. Answers with the trials of each side, in the order of the rounds.
 */
export async function alternate(
  bench: Bench,
  title: string,
  sides: readonly Side[],
  trafficOf: (side: Side) => TrafficPlan,
): Promise<readonly (readonly Trial[])[]> {
  const trials = sides.map((): Trial[] => []);
  for (let round = 1; round <= bench.rounds; round++) {
    for (const [i, side] of sides.entries()) {
      const trial = await measure(bench, side, trafficOf(side));
      trials[i]!.push(trial);
      bench.say(`${title}, round ${round}, ${side.server.name}: ${describe(trial)}`);
    }
  }
  return trials;
}

async function measure(bench: Bench, { server, expects = "accept", usesDatabase }: Side, traffic: TrafficPlan) {
  const { database } = bench.installation;
  // A checkpoint that falls into one side's trial and not into the other's would decide the comparison.
  if (usesDatabase) await database.run("checkpoint");
  const measured = { server: server.pid, ...(usesDatabase ? { database: database.pid } : {}) };
  return runTrial(bench.generator, { port: server.port, expects, traffic }, measured, bench.patience);
}

function describe(trial: Trial): string {
  const { latency, lost, serverMicros, databaseMicros, faults } = trial;
  const cpu = `CPU µs ${serverMicros.toFixed(1)} + ${databaseMicros.toFixed(1)}`;
  const times = `p50 ${latency.p50.toFixed(0)} µs, p99 ${latency.p99.toFixed(0)} µs`;
  return [`${trial.answersPerSecond.toFixed(0)}/s`, times, cpu, `${lost} lost`, ...faults].join(", ");
}

/** What speaks against figures that were made of these trials. */
export function faultsOf(...trials: readonly (readonly Trial[])[]): readonly string[] {
  const faulty = trials.flat().filter(({ faults }) => faults.length > 0).length;
  return faulty === 0 ? [] : [`**${faulty} of ${trials.flat().length} trials contaminated**`];
}
