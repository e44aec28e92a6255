import type { TlsOptions } from "node:tls";
import Fastify from "fastify";
import type { CoaOutcome } from "../domain/coa.ts";
import { isLoopback } from "../runtime/edge-access.ts";
import type { Metrics } from "../runtime/metrics.ts";
import type { CoaOrder } from "./coa/request.ts";

/** The edge's own HTTP port, for our workers and for health checks; never for the world. */
export interface InternalPort {
  /** `https` on every host but loopback. */
  readonly scheme: "http" | "https";
  /** `host:port`. */
  readonly address: string;
  close(): Promise<void>;
}

export interface InternalPortOptions {
  readonly host: string;
  readonly port: number;
  readonly metrics: Metrics;
  /** The answer of `/readyz`; the port opens once the edge can answer. */
  readonly readiness: () => object;
  /** Whether an Authorization header is our workers' (runtime/edge-access.ts). */
  readonly isAuthorized: (authorization: string | undefined) => boolean;
  /** The pre-shared key of that identity (runtime/edge-access.ts). */
  readonly channelKey: (identity: string) => Uint8Array | undefined;
  readonly carryOut: (order: CoaOrder) => Promise<CoaOutcome>;
}

const text = { type: "string" } as const;
const ORDER = {
  type: "object",
  required: ["organizationId", "nasId", "minimumRevision", "step", "session"],
  properties: {
    organizationId: text,
    nasId: text,
    minimumRevision: { type: "integer", minimum: 0 },
    step: { enum: ["reauthenticate", "disconnect"] },
    mayUseUdp: { type: "boolean" },
    session: {
      type: "object",
      required: ["nas", "userName"],
      properties: {
        nas: { type: "object", required: ["nasId", "sourceAddress"], properties: { sourceAddress: text } },
        userName: text,
        acctSessionId: text,
      },
    },
  },
} as const;

/**
 * TLS 1.3 with a pre-shared key and no certificate (RFC 8446 §2.2): who does not know the master key ends in the
 * handshake, before an octet of HTTP. OpenSSL's callback takes keys for SHA-256 alone, hence the one cipher suite.
 */
function tlsOptions(channelKey: InternalPortOptions["channelKey"]): TlsOptions {
  return {
    minVersion: "TLSv1.3",
    ciphers: "TLS_AES_128_GCM_SHA256",
    pskCallback: (_socket, identity) => channelKey(identity) ?? null,
  };
}

/** Starts the port. Throws an error that names it, and the variable that changes it, when it is taken. */
export async function startInternalPort(options: InternalPortOptions): Promise<InternalPort> {
  const scheme = isLoopback(options.host) ? "http" : "https";
  const app = Fastify({
    forceCloseConnections: true,
    ...(scheme === "https" ? { https: tlsOptions(options.channelKey) } : {}),
  });
  app.get("/healthz", () => ({ status: "ok" }));
  app.get("/readyz", () => options.readiness());
  app.get("/metrics", async (_request, reply) =>
    reply.type(options.metrics.contentType).send(await options.metrics.metrics()),
  );
  app.post<{ Body: CoaOrder }>(
    "/internal/v1/coa",
    {
      schema: { body: ORDER },
      onRequest: async (request, reply) => {
        if (!options.isAuthorized(request.headers.authorization)) {
          await reply.code(401).send({ detail: "the token is not that of this installation's master key" });
        }
      },
    },
    (request) => options.carryOut(request.body),
  );
  try {
    const url = await app.listen({ host: options.host, port: options.port });
    return { scheme, address: url.replace(/^https?:\/\//, ""), close: () => app.close() };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    const sentence = `port ${options.port} on ${options.host} is taken: set PORTCULLIS_INTERNAL_PORT to a free one`;
    throw new Error(sentence, { cause: error });
  }
}
