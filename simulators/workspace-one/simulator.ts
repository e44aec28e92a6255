import type { FastifyReply, FastifyRequest } from "fastify";
import type { Call } from "../call-log.ts";
import type { NewDevice } from "../mdm-device.ts";
import { type ListenOptions, type MdmApp, type RunningServer, serveMdm } from "../mdm-server.ts";
import { sendError, sendNotFoundPage, stampAnswer } from "./answer.ts";
import { bulkRoutes } from "./bulk-routes.ts";
import { detailRoutes } from "./detail-routes.ts";
import { deviceRoutes } from "./device-routes.ts";
import { BAD_CREDENTIALS, otherFailure, unknownTenantCode } from "./errors.ts";
import { DailyQuota } from "./quota.ts";
import { searchRoutes } from "./search-routes.ts";
import { systemRoutes } from "./system-routes.ts";
import { createTenant, type WorkspaceOneTenant } from "./tenant.ts";
import { TOKEN_PATH, tokenRoutes } from "./token-routes.ts";

export interface WorkspaceOneOptions extends ListenOptions {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly devices?: readonly NewDevice[];
  /** Epoch milliseconds; tests that let tokens and quotas run out pass their own clock. */
  readonly now?: () => number;
}

export interface WorkspaceOneSimulator extends RunningServer {
  readonly tokenUrl: string;
  readonly tenant: WorkspaceOneTenant;
  /** Every request but those to `/__control`, in order of arrival. */
  readonly calls: readonly Call[];
}

/** A Workspace ONE UEM tenant and its token service on one loopback port. */
export async function startWorkspaceOne(options: WorkspaceOneOptions): Promise<WorkspaceOneSimulator> {
  const { clientId, clientSecret, devices = [], now = Date.now } = options;
  const tenant = createTenant({ clientId, clientSecret }, now);
  for (const device of devices) tenant.devices.add(device);
  const quota = new DailyQuota(tenant);
  const fail = (request: FastifyRequest, reply: FastifyReply, status: number): FastifyReply => {
    if (status === 429) reply.headers(quota.headers(0));
    return sendError(request, reply, otherFailure(status));
  };
  const routes = (app: MdmApp): void => vendorRoutes(app, tenant, quota);
  const server = await serveMdm({ ...options, caseSensitive: false }, tenant, fail, routes);
  return { ...server, tokenUrl: server.url + TOKEN_PATH, tenant, calls: tenant.calls.all };
}

function vendorRoutes(app: MdmApp, tenant: WorkspaceOneTenant, quota: DailyQuota): void {
  tokenRoutes(app, tenant);
  const api = async (scope: MdmApp): Promise<void> => {
    guard(scope, tenant, quota);
    for (const routes of [deviceRoutes, bulkRoutes, searchRoutes, detailRoutes, systemRoutes]) routes(scope, tenant);
  };
  app.register(api, { prefix: "/API" });
  app.register(api, { prefix: "/API/v:version(^\\d+$)" });
  app.setNotFoundHandler((_request, reply) => sendNotFoundPage(reply));
}

/** What every call of the API passes: headers, quota, token, tenant code. */
function guard(app: MdmApp, tenant: WorkspaceOneTenant, quota: DailyQuota): void {
  app.addHook("onRequest", async (request, reply) => {
    stampAnswer(reply);
    const within = quota.spend();
    reply.headers(quota.headers());
    if (!within) return sendError(request, reply, otherFailure(429));
    if (!tenant.tokens.admits(request.headers.authorization)) return sendError(request, reply, BAD_CREDENTIALS);
    const code = request.headers["aw-tenant-code"];
    const { requireTenantCode } = tenant.settings;
    if (requireTenantCode === null || code === requireTenantCode) return undefined;
    // A code that is missing fails as a bad credential does; one that is wrong is named.
    return sendError(request, reply, code === undefined ? BAD_CREDENTIALS : unknownTenantCode(String(code)));
  });
}
