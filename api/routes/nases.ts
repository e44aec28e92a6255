import { Type } from "typebox";
import type { NasId } from "../../domain/identifiers.ts";
import { AUTOMATIC_PROFILE } from "../../domain/nas-profile.ts";
import { createNas, deleteNas, findNas, findUnopened, listNases, updateNas } from "../../store/nases.ts";
import type { NasDraft } from "../../store/nas-columns.ts";
import type { NasSaved } from "../../store/nases.ts";
import type { Api, ApiDependencies, RadiusKnowledge } from "../dependencies.ts";
import { ApiFailure, badRequest, notFound } from "../failure.ts";
import { ownOperation } from "../operation.ts";
import { pageOf } from "../paging.ts";
import { Empty, OrganizationPath, ref } from "../schemas/common.ts";
import { Nas, NasChange, NasFilter, NasPath, NewNas } from "../schemas/nas.ts";
import type { NasFields } from "../schemas/nas.ts";
import { changedNas, nasAnswer, nasDraft } from "../shapes/nas.ts";
import { pathId } from "../shapes/parsed.ts";

const tags = ["installation"];

/** The registry of APs and switches that may speak to the edges. */
export function nasRoutes(app: Api, deps: ApiDependencies): void {
  collection(app, deps);
  single(app, deps);
}

function collection(app: Api, { store, radius }: ApiDependencies): void {
  app.get(
    "/orgs/:org_id/nases",
    ownOperation({
      operationId: "listNases",
      summary: "NASes, by name",
      tags,
      params: OrganizationPath,
      querystring: NasFilter,
      answer: Type.Array(ref(Nas)),
    }),
    async ({ caller, query }, reply) => {
      const page = pageOf(await listNases(store, caller.organizationId), query, reply);
      const unopened = await findUnopened(
        store,
        page.map(({ id }) => id),
      );
      return page.map((nas) => nasAnswer(nas, unopened));
    },
  );

  app.post(
    "/orgs/:org_id/nases",
    ownOperation({
      operationId: "createNas",
      summary: "Register a NAS: the edges answer it from now on",
      tags,
      params: OrganizationPath,
      body: NewNas,
      answer: ref(Nas),
    }),
    async ({ caller, body }) => answerOf(await createNas(store, caller.organizationId, draftOf(body, radius))),
  );
}

function single(app: Api, { store, radius }: ApiDependencies): void {
  app.get(
    "/orgs/:org_id/nases/:nas_id",
    ownOperation({ operationId: "getNas", summary: "One NAS", tags, params: NasPath, answer: ref(Nas) }),
    async ({ caller, params }) => {
      const found = await findNas(store, caller.organizationId, idOf(params.nas_id));
      if (found === undefined) throw notFound("nas", params.nas_id);
      return nasAnswer(found, await findUnopened(store, [found.id]));
    },
  );

  app.put(
    "/orgs/:org_id/nases/:nas_id",
    ownOperation({
      operationId: "updateNas",
      summary: "Change a NAS; absent fields stay, its secrets among them",
      tags,
      params: NasPath,
      body: NasChange,
      answer: ref(Nas),
    }),
    async ({ caller, params, body }) => {
      const id = idOf(params.nas_id);
      const saved = await updateNas(store, caller.organizationId, id, (current) =>
        draftOf(changedNas(current, body), radius),
      );
      if (saved.kind === "notFound") throw notFound("nas", params.nas_id);
      return answerOf(saved);
    },
  );

  app.delete(
    "/orgs/:org_id/nases/:nas_id",
    ownOperation({
      operationId: "deleteNas",
      summary: "Forget a NAS: the edges drop what it sends",
      tags,
      params: NasPath,
      answer: Empty,
    }),
    async ({ caller, params }, reply) => {
      if (!(await deleteNas(store, caller.organizationId, idOf(params.nas_id)))) throw notFound("nas", params.nas_id);
      return reply.send(undefined);
    },
  );
}

function draftOf(fields: NasFields, { profiles }: RadiusKnowledge): NasDraft {
  const draft = nasDraft(fields, [AUTOMATIC_PROFILE, ...profiles.map(({ name }) => name)]);
  if (draft.kind === "faulty") throw badRequest("invalidNas", draft.faults.join("; "));
  return draft.value;
}

function idOf(text: string): NasId {
  return pathId("nas", text);
}

function answerOf(saved: NasSaved) {
  switch (saved.kind) {
    case "ok":
      return nasAnswer(saved.nas);
    case "invalidAddress":
      throw badRequest("invalidAddress", saved.message);
    case "duplicate":
      throw new ApiFailure(409, "duplicateNas", `${saved.address} is registered already under that nas_identifier`);
    case "overlap":
      throw new ApiFailure(409, "addressOverlap", `${saved.address} overlaps an address of another organization`);
    case "radsecTaken":
      throw new ApiFailure(409, "radsecTaken", `a NAS with the RadSec identity ${saved.san} is registered already`);
    case "unprovable":
      throw badRequest("invalidNas", "a NAS needs an address with a secret, or a radsec identity, to be known by");
  }
}
