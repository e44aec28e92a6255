import { loadavg } from "node:os";
import type { Bench } from "./bench.ts";
import { makeFleet, openContest, type Contest } from "./contest.ts";
import { measureBurst } from "./figures/burst.ts";
import { measureCoa } from "./figures/coa.ts";
import { measureEap } from "./figures/eap.ts";
import { measureEcho } from "./figures/echo.ts";
import { measureKill } from "./figures/kill.ts";
import { measureLatency } from "./figures/latency.ts";
import { measureMab } from "./figures/mab.ts";
import { measureMillion } from "./figures/million.ts";
import { startGenerator } from "./load/generator.ts";
import { readConditions, type Conditions } from "./machine/conditions.ts";
import type { Figure } from "./report/figure.ts";
import { describeConditions, describeFigures } from "./report/table.ts";
import { openInstallation } from "./servers/installation.ts";

/** What a measurement needs to stand ready, besides the bench: nothing, the fleet's rows, or the servers with it. */
type Measurement =
  | { readonly on: "bench" | "fleet"; readonly measure: (bench: Bench) => Promise<readonly Figure[]> }
  | { readonly on: "contest"; readonly measure: (bench: Bench, contest: Contest) => Promise<readonly Figure[]> };

const MEASUREMENTS = {
  mab: { on: "contest", measure: measureMab },
  latency: { on: "contest", measure: measureLatency },
  burst: { on: "contest", measure: measureBurst },
  echo: { on: "fleet", measure: measureEcho },
  coa: { on: "fleet", measure: measureCoa },
  kill: { on: "fleet", measure: measureKill },
  eap: { on: "bench", measure: measureEap },
  million: { on: "bench", measure: measureMillion },
} as const satisfies Record<string, Measurement>;

export type MeasurementName = keyof typeof MEASUREMENTS;

export interface Wishes {
  readonly rounds: number;
  readonly seconds: number;
  readonly kills: number;
  readonly hurry: boolean;
}

/** Runs the measurements named, each kind of ground in an installation of its own, and prints the table. */
export async function runMeasurements(names: readonly MeasurementName[], wishes: Wishes): Promise<void> {
  const startedAt = performance.now();
  const generator = await startGenerator();
  const figures: Figure[] = [];
  let conditions: Conditions = {};
  try {
    for (const ground of ["contest", "fleet", "bench"] as const) {
      const chosen = names.map((name): Measurement => MEASUREMENTS[name]).filter(({ on }) => on === ground);
      if (chosen.length === 0) continue;
      const bench = await openBench(generator, wishes);
      try {
        conditions = await readConditions(bench.installation.folder, bench.installation.database.version);
        figures.push(...(await measureOn(bench, ground, chosen)));
      } finally {
        await bench.installation.close();
      }
    }
  } finally {
    await generator.close();
  }
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0);
  const took = `took ${seconds} s; load average at the end ${loadavg()[0]!.toFixed(2)}`;
  process.stdout.write(`${describeConditions(conditions)}\n- ${took}\n\n${describeFigures(figures)}\n`);
}

async function openBench(generator: Bench["generator"], { rounds, seconds, kills, hurry }: Wishes): Promise<Bench> {
  return {
    installation: await openInstallation(),
    generator,
    rounds,
    kills,
    measuredMs: seconds * 1_000,
    patience: hurry ? { gateMs: 0, tries: 1 } : { gateMs: 20_000, tries: 4 },
    say: (sentence) => process.stderr.write(`bench: ${sentence}\n`),
  };
}

async function measureOn(bench: Bench, ground: Measurement["on"], chosen: readonly Measurement[]): Promise<Figure[]> {
  if (ground !== "bench") await makeFleet(bench);
  const contest = ground === "contest" ? await openContest(bench) : undefined;
  try {
    const figures: Figure[] = [];
    for (const each of chosen) {
      figures.push(...(each.on === "contest" ? await each.measure(bench, contest!) : await each.measure(bench)));
    }
    return figures;
  } finally {
    await contest?.close();
  }
}
