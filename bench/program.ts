import { Command } from "commander";
import { runMeasurements, type MeasurementName, type Wishes } from "./measurements.ts";

interface BenchCommand {
  readonly does: string;
  readonly measures: readonly MeasurementName[];
}

/** In the order of the table. */
const COMMANDS: Readonly<Record<string, BenchCommand>> = {
  mab: { does: "MAC authentications a second, on both cores and on one, against FreeRADIUS", measures: ["mab"] },
  echo: { does: "CPU of a MAC authentication without event, in units of a bare Node echo", measures: ["echo"] },
  latency: { does: "p50 and p99 at 2,000/s, against FreeRADIUS", measures: ["latency"] },
  eap: { does: "CPU of a full EAP-TLS 1.3 handshake, against FreeRADIUS", measures: ["eap"] },
  memory: { does: "octets a cached client, and resident memory with a million of them", measures: ["million"] },
  restart: {
    does: "restart with a million clients to the first right answer (the same run as memory)",
    measures: ["million"],
  },
  burst: { does: "requests back to back without one lost", measures: ["burst"] },
  kill: { does: "answered but not recorded, over kill -9 of edge, of Postgres, of both", measures: ["kill"] },
  coa: { does: "10,000 CoAs at a round trip of 20 ms", measures: ["coa"] },
  edge: {
    does: "the whole table",
    measures: ["mab", "echo", "latency", "eap", "million", "burst", "kill", "coa"],
  },
};

export function createBenchProgram(): Command {
  const program = new Command("bench").description("Measures the edge; bench/README.md says how.");
  for (const [name, { does, measures }] of Object.entries(COMMANDS)) {
    program
      .command(name)
      .description(does)
      .option("--rounds <number>", "rounds of each comparison", Number, 3)
      .option("--seconds <number>", "measured part of a trial", Number, 4)
      .option("--window <number>", "requests under way where a peak is sought", Number, 64)
      .option("--kills <number>", "runs of kill", Number, 100)
      .option("--hurry", "do not wait for a quiet machine, and do not try again: to prove the harness", false)
      .action((wishes: Wishes) => runMeasurements(measures, wishes));
  }
  return program;
}
