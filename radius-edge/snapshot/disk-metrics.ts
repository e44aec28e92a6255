import { Counter } from "prom-client";
import type { Metrics } from "../../runtime/metrics.ts";

/** Counts what the disk snapshot could not do: the edge goes on with what it has from Postgres. */
export interface DiskMetrics {
  failed(to: "read" | "write"): void;
}

export function createDiskMetrics(registry: Metrics): DiskMetrics {
  const faults = new Counter({
    name: "portcullis_edge_snapshot_faults_total",
    help: "Times that the snapshot on the disk could not be read or written",
    labelNames: ["to"],
    registers: [registry],
  });
  for (const to of ["read", "write"]) faults.inc({ to }, 0);
  return { failed: (to) => faults.inc({ to }) };
}
