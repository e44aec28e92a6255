import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { controlRoutes } from "./control-routes.ts";
import type { Fault } from "./faults.ts";
import type { MdmTenant } from "./mdm-tenant.ts";

export interface ListenOptions {
  /** 0, the default, takes a free port. */
  readonly port?: number;
  /** HTTPS with this certificate; plain HTTP without. */
  readonly tls?: { readonly certificatePem: string; readonly keyPem: string };
}

/** A server that answers as a vendor does, and under `/__control` as the person who steers it. */
export interface RunningServer {
  /** Scheme, address and port, no trailing slash. */
  readonly url: string;
  /** Ends at once, half-open answers included. */
  stop(): Promise<void>;
}

/** How a vendor words a failure that the tenant was told to give. */
export type FaultAnswer = (request: FastifyRequest, reply: FastifyReply, status: number) => FastifyReply;

export type MdmApp = FastifyInstance;

const CONTROL_PREFIX = "/__control";
/** A bulk read of thousands of ids fits. */
const BODY_LIMIT_BYTES = 4 * 1024 * 1024;
const ADDRESS = "127.0.0.1";

function openApp(tls: ListenOptions["tls"], caseSensitive: boolean): MdmApp {
  const options = {
    bodyLimit: BODY_LIMIT_BYTES,
    forceCloseConnections: true,
    routerOptions: { caseSensitive, ignoreTrailingSlash: true, maxParamLength: 500 },
    ajv: { customOptions: { removeAdditional: false } },
  } as const;
  if (tls === undefined) return fastify(options);
  return fastify({ ...options, https: { cert: tls.certificatePem, key: tls.keyPem } });
}

/** Both vendors take token requests as forms (RFC 6749 §4.4.2) and see to malformed JSON themselves. */
function readBodies(app: MdmApp): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/x-www-form-urlencoded", { parseAs: "string" }, (_request, body, done) =>
    done(null, new URLSearchParams(String(body))),
  );
  app.addContentTypeParser("*", { parseAs: "string" }, (_request, body, done) =>
    done(null, parsedOrText(String(body))),
  );
}

function parsedOrText(text: string): unknown {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return text;
  }
}

async function suffer(
  fault: Fault,
  request: FastifyRequest,
  reply: FastifyReply,
  answer: FaultAnswer,
): Promise<unknown> {
  switch (fault.kind) {
    case "status":
      if (fault.retryAfterSeconds !== undefined) reply.header("retry-after", fault.retryAfterSeconds);
      return answer(request, reply, fault.status);
    case "slow":
      return sleep(fault.delayMs, undefined, { ref: false });
    case "html":
      return reply.type("text/html").send("<!DOCTYPE html><html><body><h1>Please wait</h1></body></html>");
    case "halfOpen":
      return reply.hijack();
    case "reset":
      reply.hijack();
      return request.raw.socket.destroy();
  }
}

function watch<S extends object>(app: MdmApp, tenant: MdmTenant<S>, answer: FaultAnswer): void {
  const isControl = (request: FastifyRequest): boolean => request.originalUrl.startsWith(CONTROL_PREFIX);
  app.addHook("onRequest", async (request, reply) => {
    if (isControl(request)) return;
    tenant.calls.begin(request, request.method, request.originalUrl, tenant.now());
    const fault = tenant.faults.meet(request.originalUrl);
    if (fault !== undefined) await suffer(fault, request, reply, answer);
  });
  app.addHook("onSend", async (request, reply) => {
    if (!isControl(request)) tenant.calls.answered(request, reply.statusCode);
  });
}

/** Starts a vendor's routes on loopback, with call log, faults and control surface around them. */
export async function serveMdm<S extends object>(
  options: ListenOptions & { readonly caseSensitive: boolean },
  tenant: MdmTenant<S>,
  answer: FaultAnswer,
  routes: (app: MdmApp) => void,
): Promise<RunningServer> {
  const app = openApp(options.tls, options.caseSensitive);
  readBodies(app);
  watch(app, tenant, answer);
  await app.register(async (scope) => controlRoutes(scope, tenant), { prefix: CONTROL_PREFIX });
  // A scope of its own keeps the vendor's hooks and headers away from the control surface.
  await app.register(async (scope) => routes(scope));
  await app.listen({ port: options.port ?? 0, host: ADDRESS });
  const { port } = app.server.address() as AddressInfo;
  return { url: `${options.tls === undefined ? "http" : "https"}://${ADDRESS}:${port}`, stop: () => app.close() };
}
