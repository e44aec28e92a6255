import { Type } from "typebox";
import type { DirectoryId } from "../../domain/identifiers.ts";
import { secret } from "../../domain/secret.ts";
import {
  createDirectory,
  deleteDirectory,
  findDirectory,
  findUnopenedDirectories,
  listDirectories,
  updateDirectory,
} from "../../store/directories.ts";
import type { DirectorySaved } from "../../store/directories.ts";
import type { Api, ApiDependencies } from "../dependencies.ts";
import { badRequest, notFound } from "../failure.ts";
import { mistOperation } from "../operation.ts";
import { pageOf } from "../paging.ts";
import { Empty, OrganizationPath, ref } from "../schemas/common.ts";
import { Sso, SsoChange, SsoFilter, SsoPath } from "../schemas/sso.ts";
import type { SsoFields } from "../schemas/sso.ts";
import { pathId } from "../shapes/parsed.ts";
import { directoryDraft, ssoAnswer } from "../shapes/sso.ts";

const tags = ["people"];

/** Mist's ssos: here, the directories that judge the passwords of EAP-TTLS. */
export function ssoRoutes(app: Api, deps: ApiDependencies): void {
  collection(app, deps);
  single(app, deps);
}

function collection(app: Api, { store }: ApiDependencies): void {
  app.get(
    "/orgs/:org_id/ssos",
    mistOperation({
      operationId: "listSsos",
      summary: "Directories, in the order in which they are asked",
      tags,
      params: OrganizationPath,
      querystring: SsoFilter,
      answer: Type.Array(ref(Sso)),
    }),
    async ({ caller: { organizationId }, query }, reply) => {
      const unopened = await findUnopenedDirectories(store, organizationId);
      const all = await listDirectories(store, organizationId);
      return pageOf(
        all.map((directory) => ssoAnswer(directory, unopened)),
        query,
        reply,
      );
    },
  );

  app.post(
    "/orgs/:org_id/ssos",
    mistOperation({
      operationId: "createSso",
      summary: "Add a directory: its users can authenticate by EAP-TTLS from now on",
      tags,
      params: OrganizationPath,
      body: SsoChange,
      answer: ref(Sso),
    }),
    async ({ caller, body }) => {
      const draft = draftOf(body);
      const { ldap_bind_password: given } = body;
      if (given === undefined) throw badRequest("invalidSso", 'field "ldap_bind_password" is required');
      const whole = { ...draft, bindPassword: secret(given) };
      return answerOf(await createDirectory(store, caller.organizationId, whole), draft.name);
    },
  );
}

function single(app: Api, { store }: ApiDependencies): void {
  app.get(
    "/orgs/:org_id/ssos/:sso_id",
    mistOperation({ operationId: "getSso", summary: "One directory", tags, params: SsoPath, answer: ref(Sso) }),
    async ({ caller, params }) => {
      const found = await findDirectory(store, caller.organizationId, idOf(params.sso_id));
      if (found === undefined) throw notFound("sso", params.sso_id);
      return ssoAnswer(found, await findUnopenedDirectories(store, caller.organizationId));
    },
  );

  app.put(
    "/orgs/:org_id/ssos/:sso_id",
    mistOperation({
      operationId: "updateSso",
      summary: "Change a directory; absent fields stay, the bind password among them",
      tags,
      params: SsoPath,
      body: SsoChange,
      answer: ref(Sso),
    }),
    async ({ caller, params, body }) => {
      const id = idOf(params.sso_id);
      const { ldap_bind_password: given } = body;
      const bindPassword = given === undefined ? undefined : secret(given);
      const saved = await updateDirectory(store, caller.organizationId, id, (current) => ({
        ...draftOf({ ...ssoAnswer(current), ...body }),
        bindPassword,
      }));
      if (saved.kind === "notFound") throw notFound("sso", params.sso_id);
      return answerOf(saved, body.name);
    },
  );

  app.delete(
    "/orgs/:org_id/ssos/:sso_id",
    mistOperation({
      operationId: "deleteSso",
      summary: "Forget a directory: its users are refused from the next authentication on",
      tags,
      params: SsoPath,
      answer: Empty,
    }),
    async ({ caller, params }, reply) => {
      const isDeleted = await deleteDirectory(store, caller.organizationId, idOf(params.sso_id));
      if (!isDeleted) throw notFound("sso", params.sso_id);
      return reply.send(undefined);
    },
  );
}

function draftOf(fields: SsoFields) {
  const draft = directoryDraft(fields);
  if (draft.kind === "faulty") throw badRequest("invalidSso", draft.faults.join("; "));
  return draft.value;
}

function idOf(text: string): DirectoryId {
  return pathId("sso", text);
}

function answerOf(saved: DirectorySaved, name: string | undefined) {
  if (saved.kind === "nameTaken") throw badRequest("nameTaken", `there is another sso named "${name}"`);
  return ssoAnswer(saved.directory);
}
