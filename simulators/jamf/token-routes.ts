import { randomUUID } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { MdmApp } from "../mdm-server.ts";
import { sendApiError, sendJson } from "./api-error.ts";
import type { JamfTenant } from "./tenant.ts";
import { hasRoute } from "./versions.ts";

const SCOPE = "api-role:1";
const ERROR_URI = "https://datatracker.ietf.org/doc/html/rfc6749#section-5.2";

interface OAuthError {
  readonly error: "invalid_request" | "invalid_client" | "unsupported_grant_type";
  readonly error_description: string;
}

function refusal(form: unknown, { settings }: JamfTenant): OAuthError | undefined {
  if (!(form instanceof URLSearchParams)) {
    return { error: "invalid_request", error_description: "OAuth 2.0 Parameter: grant_type" };
  }
  if (form.get("grant_type") !== "client_credentials") {
    return { error: "unsupported_grant_type", error_description: "OAuth 2.0 Parameter: grant_type" };
  }
  if (form.get("client_id") !== settings.clientId || form.get("client_secret") !== settings.clientSecret) {
    return { error: "invalid_client", error_description: "Client authentication failed" };
  }
  return undefined;
}

/** Claims of a client-credentials token, from Jamf's description of them. */
function claims(clientId: string, issuer: string): Record<string, unknown> {
  return {
    sub: clientId,
    aud: clientId,
    iss: issuer,
    scope: SCOPE,
    "token-uuid": randomUUID(),
    "subject-type": "REGISTERED_CLIENT_ID",
    "authentication-type": "CLIENT_CREDENTIALS",
  };
}

/** Both token paths: the original one and version 1, which newer servers add. Errors follow RFC 6749 §5.2, not ApiError. */
export function tokenRoutes(app: MdmApp, tenant: JamfTenant): void {
  const grant = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    if (!hasRoute(tenant.settings, request.routeOptions.url ?? "")) return sendApiError(reply, 404);
    const error = refusal(request.body, tenant);
    if (error !== undefined) return sendJson(reply.code(400), { ...error, error_uri: ERROR_URI });
    const { clientId, tokenLifetimeSeconds } = tenant.settings;
    return sendJson(reply, {
      access_token: tenant.tokens.issue(
        tokenLifetimeSeconds,
        claims(clientId, `${request.protocol}://${request.host}`),
      ),
      token_type: "Bearer",
      scope: SCOPE,
      expires_in: tokenLifetimeSeconds,
    });
  };
  app.post("/api/oauth/token", grant);
  app.post("/api/v1/oauth/token", grant);
}
