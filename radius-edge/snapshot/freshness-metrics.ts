import { Gauge } from "prom-client";
import { SECOND_MS } from "../../domain/time.ts";
import type { Metrics } from "../../runtime/metrics.ts";
import type { Freshness } from "./freshness.ts";

/** How old what the edge answers by is, as `/readyz` says it: an old snapshot is no reason to send clients elsewhere. */
export function describeFreshness(freshness: Freshness): object {
  return {
    status: "ok",
    snapshot_age_seconds: Math.round(freshness.ageMs() / SECOND_MS),
    clock_jump_seconds: Math.round(freshness.jumpMs() / SECOND_MS),
  };
}

export function watchFreshness(registry: Metrics, freshness: Freshness): void {
  const gauge = (name: string, help: string, readMs: () => number): void => {
    const made: Gauge = new Gauge({
      name,
      help,
      registers: [registry],
      collect: () => made.set(readMs() / SECOND_MS),
    });
  };
  gauge("portcullis_edge_snapshot_age_seconds", "Time since this edge was in step with Postgres", () =>
    freshness.ageMs(),
  );
  gauge("portcullis_edge_clock_jump_seconds", "How far the clock has jumped; while not 0 no verdict ages", () =>
    freshness.jumpMs(),
  );
}
