import type { FastifyReply, FastifyRequest } from "fastify";
import type { MdmApp } from "../mdm-server.ts";
import type { WorkspaceOneTenant } from "./tenant.ts";

/** Omnissa's token service (`https://na.uemauth.workspaceone.com/connect/token` and its regional siblings). */
export const TOKEN_PATH = "/connect/token";
/** On-premises servers issue tokens themselves. */
const ON_PREMISES_TOKEN_PATH = "/oauth/token";

/** RFC 6749 §5.2 error codes that the service uses, in the bare form of IdentityServer: no description. */
type TokenError = "invalid_request" | "invalid_client" | "unsupported_grant_type";

function refusal(form: unknown, tenant: WorkspaceOneTenant): TokenError | undefined {
  if (!(form instanceof URLSearchParams)) return "invalid_request";
  if (form.get("grant_type") !== "client_credentials") return "unsupported_grant_type";
  const { clientId, clientSecret } = tenant.settings;
  if (form.get("client_id") !== clientId || form.get("client_secret") !== clientSecret) return "invalid_client";
  return undefined;
}

export function tokenRoutes(app: MdmApp, tenant: WorkspaceOneTenant): void {
  const grant = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    reply.header("cache-control", "no-store");
    const error = refusal(request.body, tenant);
    if (error !== undefined) return reply.code(400).send({ error });
    const { clientId, tokenLifetimeSeconds } = tenant.settings;
    const token = tenant.tokens.issue(tokenLifetimeSeconds, { client_id: clientId });
    return reply.send({ access_token: token, expires_in: tokenLifetimeSeconds, token_type: "Bearer" });
  };
  app.post(TOKEN_PATH, grant);
  app.post(ON_PREMISES_TOKEN_PATH, grant);
}
