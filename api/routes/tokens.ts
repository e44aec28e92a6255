import { Type } from "typebox";
import { reveal } from "../../domain/secret.ts";
import { findOrganization } from "../../store/organizations.ts";
import { createToken, deleteToken, listTokens } from "../../store/tokens.ts";
import type { ApiToken } from "../../store/tokens.ts";
import type { Caller } from "../plugins/authentication.ts";
import type { Api, ApiDependencies } from "../dependencies.ts";
import { notFound } from "../failure.ts";
import { mistOperation } from "../operation.ts";
import { Empty, OrganizationPath, ref } from "../schemas/common.ts";
import { NewToken, Self, Token, TokenPath } from "../schemas/token.ts";
import { pathId } from "../shapes/parsed.ts";
import { seconds } from "../shapes/present.ts";

const tags = ["session"];

/** Who am I, and the organization's other tokens. */
export function tokenRoutes(app: Api, deps: ApiDependencies): void {
  self(app, deps);
  tokens(app, deps);
}

function self(app: Api, { store }: ApiDependencies): void {
  app.get(
    "/self",
    mistOperation({
      operationId: "getSelf",
      summary: "Whom this token speaks for",
      tags,
      params: Type.Object({}),
      answer: ref(Self),
    }),
    async ({ caller }) => {
      const organization = await findOrganization(store, caller.organizationId);
      const name = organization?.name ?? "";
      return { name: caller.name, email: "", privileges: [{ ...privilegeOf(caller), name }] };
    },
  );
}

function tokens(app: Api, { store, now }: ApiDependencies): void {
  app.get(
    "/orgs/:org_id/apitokens",
    mistOperation({
      operationId: "listTokens",
      summary: "Tokens, without their text",
      tags,
      params: OrganizationPath,
      answer: Type.Array(ref(Token)),
    }),
    async ({ caller }) =>
      (await listTokens(store, caller.organizationId)).map((token) => mistToken(caller, token, `…${token.lastFour}`)),
  );

  app.post(
    "/orgs/:org_id/apitokens",
    mistOperation({
      operationId: "createToken",
      summary: "Make a token; its text is shown this once",
      tags,
      params: OrganizationPath,
      body: NewToken,
      answer: ref(Token),
    }),
    async ({ caller, body: { name } }) => {
      const { organizationId } = caller;
      const { id, token } = await createToken(store, { organizationId, name, createdBy: caller.name });
      const made = { id, name, createdBy: caller.name, lastFour: "", createdAt: now(), lastUsedAt: undefined };
      return mistToken(caller, made, reveal(token));
    },
  );

  app.delete(
    "/orgs/:org_id/apitokens/:apitoken_id",
    mistOperation({
      operationId: "deleteToken",
      summary: "Delete a token: it is refused from now on",
      tags,
      params: TokenPath,
      answer: Empty,
    }),
    async ({ caller, params }, reply) => {
      const id = pathId<string>("apitoken", params.apitoken_id);
      if (!(await deleteToken(store, caller.organizationId, id))) throw notFound("apitoken", id);
      return reply.send(undefined);
    },
  );
}

/** Every token has its whole organization. */
function privilegeOf({ organizationId }: Caller) {
  return { scope: "org", role: "admin", org_id: organizationId } as const;
}

function mistToken(caller: Caller, token: ApiToken, key: string) {
  return {
    id: token.id,
    org_id: caller.organizationId,
    name: token.name,
    key,
    created_by: token.createdBy,
    created_time: seconds(token.createdAt),
    last_used: token.lastUsedAt === undefined ? null : seconds(token.lastUsedAt),
    privileges: [privilegeOf(caller)],
  };
}
