import { createServer } from "node:http";
import type { Server } from "node:http";
import { once } from "node:events";
import { collectDefaultMetrics, Registry } from "prom-client";

/** The measurements of one process, with its role as label. */
export type Metrics = Registry;

export function createMetrics(role: string): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ role });
  collectDefaultMetrics({ register: registry });
  return registry;
}

/**
 * `/metrics` and `/healthz` of a process that has no HTTP port of its own. Resolves once it listens; `close` ends
 * open connections too.
 */
export async function serveMetrics(
  metrics: Metrics,
  at: { readonly host: string; readonly port: number },
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    if (request.url === "/healthz") return void response.end("ok\n");
    if (request.url !== "/metrics") return void response.writeHead(404).end();
    metrics.metrics().then(
      (text) => response.setHeader("content-type", metrics.contentType).end(text),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  server.listen(at.port, at.host);
  await once(server, "listening");
  return { port: portOf(server), close: () => closeServer(server) };
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}
