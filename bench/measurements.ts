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
  readonly window: number;
  readonly kills: number;
  readonly hurry: boolean;
}

type Found = Map<MeasurementName, readonly Figure[]>;

/** Runs the measurements named, each kind of ground in an installation of its own, and prints the table in their order. */
export async function runMeasurements(names: readonly MeasurementName[], wishes: Wishes): Promise<void> {
  const generator = await startGenerator();
  const found: Found = new Map();
  let conditions: Conditions = {};
  try {
    for (const ground of ["contest", "fleet", "bench"] as const) {
      const chosen = names.filter((name) => MEASUREMENTS[name].on === ground);
      if (chosen.length === 0) continue;
      const bench = await openBench(generator, wishes);
      try {
        conditions = await readConditions(bench.installation.folder, bench.installation.database.version);
        await measureOn(bench, ground, chosen, found);
      } finally {
        await bench.installation.close();
      }
    }
  } finally {
    await generator.close();
  }
  const took = `took ${elapsed()} s; load average at the end ${loadavg()[0]!.toFixed(2)}`;
  const table = describeFigures(names.flatMap((name) => found.get(name) ?? []));
  process.stdout.write(`${describeConditions(conditions)}\n- ${took}\n\n${table}\n`);
}

/** Whole seconds of this process' life. */
const elapsed = (): string => (performance.now() / 1_000).toFixed(0);

async function openBench(
  generator: Bench["generator"],
  { rounds, seconds, window, kills, hurry }: Wishes,
): Promise<Bench> {
  return {
    installation: await openInstallation(),
    generator,
    rounds,
    kills,
    window,
    measuredMs: seconds * 1_000,
    patience: hurry ? { gateMs: 0, tries: 1 } : { gateMs: 20_000, tries: 4 },
    say: (sentence) => process.stderr.write(`bench: ${elapsed()} s: ${sentence}\n`),
  };
}

async function measureOn(bench: Bench, ground: Measurement["on"], names: readonly MeasurementName[], found: Found) {
  if (ground !== "bench") await makeFleet(bench);
  const contest = ground === "contest" ? await openContest(bench) : undefined;
  try {
    for (const name of names) {
      const each: Measurement = MEASUREMENTS[name];
      found.set(name, each.on === "contest" ? await each.measure(bench, contest!) : await each.measure(bench));
    }
  } finally {
    await contest?.close();
  }
}
