import type { Config } from "../../runtime/config.ts";
import type { CloseStep } from "../../runtime/lifecycle.ts";
import { serveMetrics } from "../../runtime/metrics.ts";
import type { Metrics } from "../../runtime/metrics.ts";
import type { Readiness } from "../../runtime/readiness.ts";

/**
 * Health and metrics in clear text, where PORTCULLIS_METRICS_PORT asks for them: for roles without a port of their own, and
 * for the edge, whose own port is closed to all but our workers when it is off loopback.
 */
export async function openMetricsPort(
  metrics: Metrics,
  { host, ports }: Config,
  { lack, describe }: Pick<Readiness, "lack"> & { readonly describe?: () => object },
): Promise<readonly CloseStep[]> {
  if (ports.metrics === undefined) return [];
  const served = await serveMetrics(metrics, { host, port: ports.metrics, lack, describe });
  return [{ name: "metrics", close: () => served.close() }];
}
