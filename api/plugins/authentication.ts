import type { FastifyRequest } from "fastify";
import type { OrganizationId } from "../../domain/identifiers.ts";
import type { Store } from "../../store/pool.ts";
import { findToken } from "../../store/tokens.ts";
import type { Api } from "../dependencies.ts";
import { ApiFailure } from "../failure.ts";

/** Whom the request's token speaks for. */
export interface Caller {
  readonly organizationId: OrganizationId;
  readonly tokenId: string;
  readonly name: string;
  readonly createdBy: string;
}

declare module "fastify" {
  interface FastifyRequest {
    /** Set on every route under /api/v1 before its handler runs. */
    caller: Caller;
  }
}

/**
 * Every route of the scope wants `Authorization: Token …` (Mist; `Bearer` is taken too), and a path that names an
 * organization wants the token to be that organization's.
 */
export function requireToken(app: Api, store: Store): void {
  app.decorateRequest("caller", null as unknown as Caller);
  app.addHook("onRequest", async (request) => {
    const caller = await callerOf(request, store);
    const { org_id: organization } = request.params as { org_id?: string };
    if (organization !== undefined && organization.toLowerCase() !== caller.organizationId) {
      // The same whether that organization exists or not.
      throw new ApiFailure(403, "forbidden", "this token gives no access to that organization");
    }
    request.caller = caller;
  });
}

async function callerOf(request: FastifyRequest, store: Store): Promise<Caller> {
  const token = /^(?:token|bearer) +(\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
  if (token === undefined) {
    throw new ApiFailure(401, "unauthenticated", 'a token is needed: send "Authorization: Token …"');
  }
  const bearer = await findToken(store, token);
  if (bearer === undefined) throw new ApiFailure(401, "unauthenticated", "the token is unknown or was deleted");
  return bearer;
}
