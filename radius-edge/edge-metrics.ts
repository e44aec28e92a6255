import { Counter, Gauge, Histogram } from "prom-client";
import type { Metrics } from "../runtime/metrics.ts";
import { DROP_REASONS } from "./wire/drop-reason.ts";
import type { DropReason } from "./wire/drop-reason.ts";
import type { PacketCode } from "./wire/packet-code.ts";

/** What an edge counts. */
export interface EdgeMetrics {
  dropped(reason: DropReason): void;
  /** `seconds` from arrival to the answer's departure. */
  answered(code: PacketCode, seconds: number): void;
  coa(step: string, outcome: string): void;
}

export function createEdgeMetrics(
  registry: Metrics,
  gauges: { readonly journaled: () => number; readonly conversations: () => number },
): EdgeMetrics {
  const registers = [registry];
  const drops = new Counter({
    name: "portcullis_radius_drops_total",
    help: "Datagrams without answer, by reason",
    labelNames: ["reason"],
    registers,
  });
  for (const reason of DROP_REASONS) drops.inc({ reason }, 0);
  const answers = new Histogram({
    name: "portcullis_radius_answer_seconds",
    help: "Time from request to answer, by answer",
    labelNames: ["code"],
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1],
    registers,
  });
  const coas = new Counter({
    name: "portcullis_coa_total",
    help: "CoA and Disconnect, by step and outcome",
    labelNames: ["step", "outcome"],
    registers,
  });
  const gauge = (name: string, help: string, read: () => number): void => {
    const made: Gauge = new Gauge({
      name,
      help,
      registers,
      collect: () => {
        made.set(read());
      },
    });
  };
  gauge("portcullis_journal_records", "Records that wait in the journal for Postgres", gauges.journaled);
  gauge("portcullis_eap_conversations", "EAP conversations that are open", gauges.conversations);
  return {
    dropped: (reason) => drops.inc({ reason }),
    answered: (code, seconds) => answers.observe({ code }, seconds),
    coa: (step, outcome) => coas.inc({ step, outcome }),
  };
}
