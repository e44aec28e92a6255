import { randomUUID } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Call } from "../call-log.ts";
import type { NewDevice } from "../mdm-device.ts";
import { type ListenOptions, type MdmApp, type RunningServer, serveMdm } from "../mdm-server.ts";
import { sendApiError, sendInvalidToken, sendJson } from "./api-error.ts";
import { sendStatusPage } from "./classic/answer.ts";
import { classicDeviceRoutes } from "./classic/device-routes.ts";
import { classicGroupRoutes } from "./classic/group-routes.ts";
import { computerGroupRoutes } from "./computer-group-routes.ts";
import { computerRoutes } from "./computer-routes.ts";
import { groupRoutes } from "./group-routes.ts";
import { mobileGroupRoutes } from "./mobile-group-routes.ts";
import { mobileRoutes } from "./mobile-routes.ts";
import { createTenant, type JamfTenant } from "./tenant.ts";
import { tokenRoutes } from "./token-routes.ts";
import { hasRoute } from "./versions.ts";

export interface JamfOptions extends ListenOptions {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Of the smart group whose members are the compliant devices, among computers and among mobile devices. */
  readonly smartGroupName: string;
  readonly devices?: readonly NewDevice[];
  /** Epoch milliseconds; tests that let tokens run out pass their own clock. */
  readonly now?: () => number;
}

export interface JamfSimulator extends RunningServer {
  readonly tokenUrl: string;
  readonly tenant: JamfTenant;
  /** Every request but those to `/__control`, in order of arrival. */
  readonly calls: readonly Call[];
}

const CLASSIC_PREFIX = "/JSSResource";

/** A Jamf Pro server, reached directly, on a loopback port. */
export async function startJamf(options: JamfOptions): Promise<JamfSimulator> {
  const { clientId, clientSecret, smartGroupName, devices = [], now = Date.now } = options;
  const tenant = createTenant({ clientId, clientSecret, smartGroupName }, now);
  for (const device of devices) tenant.devices.add(device);
  const server = await serveMdm({ ...options, caseSensitive: true }, tenant, fail, (app) => vendorRoutes(app, tenant));
  return { ...server, tokenUrl: `${server.url}/api/v1/oauth/token`, tenant, calls: tenant.calls.all };
}

function isClassic(request: FastifyRequest): boolean {
  return request.originalUrl.startsWith(CLASSIC_PREFIX);
}

function fail(request: FastifyRequest, reply: FastifyReply, status: number): FastifyReply {
  if (isClassic(request)) return sendStatusPage(reply, status);
  return status === 401 ? sendInvalidToken(reply) : sendApiError(reply, status);
}

function vendorRoutes(app: MdmApp, tenant: JamfTenant): void {
  app.addHook("onRequest", async (_request, reply) => stampAnswer(reply));
  tokenRoutes(app, tenant);
  app.register(
    async (scope) => {
      guard(scope, tenant);
      scope.get("/v1/jamf-pro-version", async (_request, reply) =>
        sendJson(reply, { version: tenant.settings.serverVersion }),
      );
      for (const routes of [computerRoutes, computerGroupRoutes, mobileRoutes, mobileGroupRoutes, groupRoutes]) {
        routes(scope, tenant);
      }
    },
    { prefix: "/api" },
  );
  app.register(
    async (scope) => {
      scope.addHook("onRequest", async (request, reply) =>
        tenant.tokens.admits(request.headers.authorization) ? undefined : sendStatusPage(reply, 401),
      );
      classicDeviceRoutes(scope, tenant);
      classicGroupRoutes(scope, tenant);
    },
    { prefix: CLASSIC_PREFIX },
  );
  app.setNotFoundHandler((request, reply) => fail(request, reply, 404));
}

/** A living token, then a route that this server's version has. */
function guard(app: MdmApp, tenant: JamfTenant): void {
  app.addHook("onRequest", async (request, reply) => {
    if (!tenant.tokens.admits(request.headers.authorization)) return sendInvalidToken(reply);
    if (!hasRoute(tenant.settings, request.routeOptions.url ?? "")) return sendApiError(reply, 404);
    return undefined;
  });
}

/** Headers and cookies of a Jamf Cloud node, from the graph-jamf recordings (MPL-2.0), January 2023. */
function stampAnswer(reply: FastifyReply): void {
  reply.header("server", "Jamf Cloud Node");
  reply.header("strict-transport-security", "max-age=31536000 ; includeSubDomains");
  reply.header("cache-control", "no-cache, no-store, must-revalidate");
  reply.header("x-frame-options", "DENY");
  reply.header("set-cookie", [
    "APBALANCEID=simulator.node-1; path=/; HttpOnly",
    "jpro-ingress=1; path=/; HttpOnly",
    `JSESSIONID=${randomUUID()}; path=/; HttpOnly`,
  ]);
}
