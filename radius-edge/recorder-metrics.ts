import { Counter, Gauge } from "prom-client";
import type { Metrics } from "../runtime/metrics.ts";
import type { JournalFault } from "./journal.ts";

/** What is counted of the record that an edge keeps. */
export interface RecorderMetrics {
  fault(kind: JournalFault["kind"]): void;
  /** Reads gauges from here on. */
  watch(read: { readonly unrecorded: () => number; readonly bytes: () => number }): void;
}

export function createRecorderMetrics(registry: Metrics): RecorderMetrics {
  const registers = [registry];
  const faults = new Counter({
    name: "portcullis_journal_faults_total",
    help: "Journal records that were not delivered: torn by a crash, damaged on the disk, refused by Postgres",
    labelNames: ["kind"],
    registers,
  });
  for (const kind of ["torn", "damaged", "refused"] satisfies JournalFault["kind"][]) faults.inc({ kind }, 0);
  const gauge = (name: string, help: string, read: () => number): void => {
    const made: Gauge = new Gauge({ name, help, registers, collect: () => made.set(read()) });
  };
  return {
    fault: (kind) => faults.inc({ kind }),
    watch({ unrecorded, bytes }) {
      gauge("portcullis_unrecorded", "Records since the start that neither Postgres nor the journal took", unrecorded);
      gauge("portcullis_journal_bytes", "Size of the journal on the disk", bytes);
    },
  };
}
