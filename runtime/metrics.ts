import { createServer } from "node:http";
import type { Server, ServerResponse } from "node:http";
import { once } from "node:events";
import { collectDefaultMetrics, Registry } from "prom-client";
import type { Lack } from "./readiness.ts";

/** The measurements of one process, with its role as label. */
export type Metrics = Registry;

export function createMetrics(role: string): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ role });
  collectDefaultMetrics({ register: registry });
  return registry;
}

/**
 * `/metrics`, `/healthz` (the process is alive) and `/readyz` (it can do its work) of a process that has no HTTP port of
 * its own. Resolves once it listens; throws an error that names the port, and the setting that changes it, when it is
 * taken. `close` ends open connections too.
 */
export async function serveMetrics(
  metrics: Metrics,
  at: {
    readonly host: string;
    readonly port: number;
    readonly lack: Lack;
    /** What `/readyz` says while nothing is lacking; `ready` unless told. */
    readonly describe?: (() => object) | undefined;
  },
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    if (request.url === "/healthz") return void response.end("ok\n");
    if (request.url === "/readyz") return void answerReady(response, at);
    if (request.url !== "/metrics") return void response.writeHead(404).end();
    metrics.metrics().then(
      (text) => response.setHeader("content-type", metrics.contentType).end(text),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  server.listen(at.port, at.host);
  await once(server, "listening").catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EADDRINUSE") throw error;
    const sentence = `port ${at.port} on ${at.host} is taken: set PORTCULLIS_METRICS_PORT to a free one`;
    throw new Error(sentence, { cause: error });
  });
  return { port: portOf(server), close: () => closeServer(server) };
}

async function answerReady(
  response: ServerResponse,
  { lack, describe }: { readonly lack: Lack; readonly describe?: (() => object) | undefined },
): Promise<void> {
  const sentence = await lack().catch(String);
  if (sentence !== undefined) return void response.writeHead(503).end(`${sentence}\n`);
  if (describe === undefined) return void response.end("ready\n");
  response.setHeader("content-type", "application/json").end(JSON.stringify(describe()));
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
