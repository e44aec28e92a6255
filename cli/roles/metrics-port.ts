import type { Config } from "../../runtime/config.ts";
import type { CloseStep } from "../../runtime/lifecycle.ts";
import { createMetrics, serveMetrics } from "../../runtime/metrics.ts";

/** Health and metrics of a role without a port of its own, where PORTCULLIS_METRICS_PORT asks for them. */
export async function openMetricsPort(
  role: "worker" | "relay",
  { host, ports }: Config,
): Promise<readonly CloseStep[]> {
  if (ports.metrics === undefined) return [];
  const served = await serveMetrics(createMetrics(role), { host, port: ports.metrics });
  return [{ name: "metrics", close: () => served.close() }];
}
