import { Type } from "typebox";
import type { LocalUserId } from "../../domain/identifiers.ts";
import { secret } from "../../domain/secret.ts";
import { hashPassword } from "../../runtime/password-hash.ts";
import {
  createLocalUser,
  deleteLocalUser,
  findLocalUser,
  listLocalUsers,
  updateLocalUser,
} from "../../store/local-users.ts";
import type { LocalUserSaved } from "../../store/local-users.ts";
import type { Api, ApiDependencies } from "../dependencies.ts";
import { ApiFailure, badRequest, notFound } from "../failure.ts";
import { ownOperation } from "../operation.ts";
import { pageOf } from "../paging.ts";
import { Empty, OrganizationPath, ref } from "../schemas/common.ts";
import { LocalUser, LocalUserChange, LocalUserFilter, LocalUserPath, NewLocalUser } from "../schemas/local-user.ts";
import type { LocalUserFields } from "../schemas/local-user.ts";
import { localUserAnswer, localUserChange } from "../shapes/local-user.ts";
import { pathId } from "../shapes/parsed.ts";

const tags = ["people"];

/** The users whom the organization itself knows by a password, for EAP-TTLS. */
export function localUserRoutes(app: Api, deps: ApiDependencies): void {
  collection(app, deps);
  single(app, deps);
}

function collection(app: Api, { store }: ApiDependencies): void {
  app.get(
    "/orgs/:org_id/local_users",
    ownOperation({
      operationId: "listLocalUsers",
      summary: "Local users, by name",
      tags,
      params: OrganizationPath,
      querystring: LocalUserFilter,
      answer: Type.Array(ref(LocalUser)),
    }),
    async ({ caller, query }, reply) =>
      pageOf((await listLocalUsers(store, caller.organizationId)).map(localUserAnswer), query, reply),
  );

  app.post(
    "/orgs/:org_id/local_users",
    ownOperation({
      operationId: "createLocalUser",
      summary: "Make a user, who can authenticate by EAP-TTLS from now on",
      tags,
      params: OrganizationPath,
      body: NewLocalUser,
      answer: ref(LocalUser),
    }),
    async ({ caller, body }) => {
      const { name = body.name, labels = [] } = changeOf(body);
      const passwordHash = await hashPassword(secret(body.password));
      return answerOf(await createLocalUser(store, caller.organizationId, { name, passwordHash, labels }), name);
    },
  );
}

function single(app: Api, { store }: ApiDependencies): void {
  app.get(
    "/orgs/:org_id/local_users/:local_user_id",
    ownOperation({
      operationId: "getLocalUser",
      summary: "One local user",
      tags,
      params: LocalUserPath,
      answer: ref(LocalUser),
    }),
    async ({ caller, params }) => {
      const found = await findLocalUser(store, caller.organizationId, idOf(params.local_user_id));
      if (found === undefined) throw notFound("local user", params.local_user_id);
      return localUserAnswer(found);
    },
  );

  app.put(
    "/orgs/:org_id/local_users/:local_user_id",
    ownOperation({
      operationId: "updateLocalUser",
      summary: "Change a user; absent fields stay, the password among them",
      tags,
      params: LocalUserPath,
      body: LocalUserChange,
      answer: ref(LocalUser),
    }),
    async ({ caller, params, body }) => {
      const id = idOf(params.local_user_id);
      const change = changeOf(body);
      const rehashed = body.password === undefined ? {} : { passwordHash: await hashPassword(secret(body.password)) };
      const saved = await updateLocalUser(store, caller.organizationId, id, { ...change, ...rehashed });
      if (saved.kind === "notFound") throw notFound("local user", params.local_user_id);
      return answerOf(saved, body.name);
    },
  );

  app.delete(
    "/orgs/:org_id/local_users/:local_user_id",
    ownOperation({
      operationId: "deleteLocalUser",
      summary: "Forget a user, who is refused from the next authentication on",
      tags,
      params: LocalUserPath,
      answer: Empty,
    }),
    async ({ caller, params }, reply) => {
      const isDeleted = await deleteLocalUser(store, caller.organizationId, idOf(params.local_user_id));
      if (!isDeleted) throw notFound("local user", params.local_user_id);
      return reply.send(undefined);
    },
  );
}

function changeOf(fields: LocalUserFields) {
  const change = localUserChange(fields);
  if (change.kind === "faulty") throw badRequest("invalidLocalUser", change.faults.join("; "));
  return change.value;
}

function idOf(text: string): LocalUserId {
  return pathId("local user", text);
}

function answerOf(saved: LocalUserSaved, name: string | undefined) {
  if (saved.kind === "nameTaken") throw new ApiFailure(409, "nameTaken", `there is another local user named "${name}"`);
  return localUserAnswer(saved.user);
}
