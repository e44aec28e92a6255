import type { LabelId } from "../../domain/identifiers.ts";
import { createLabel, deleteLabel, findLabel, listLabels, updateLabel } from "../../store/labels.ts";
import type { LabelDraft, LabelSaved } from "../../store/labels.ts";
import type { Api, ApiDependencies, RadiusKnowledge } from "../dependencies.ts";
import { ApiFailure, badRequest, notFound } from "../failure.ts";
import { mistOperation } from "../operation.ts";
import { pageOf } from "../paging.ts";
import { Empty, OrganizationPath, ref } from "../schemas/common.ts";
import { Label, LabelChange, LabelFilter, LabelPath, NewLabel } from "../schemas/label.ts";
import type { LabelFields } from "../schemas/label.ts";
import { labelDraft, mistLabel } from "../shapes/label.ts";
import { pathId } from "../shapes/parsed.ts";
import { Type } from "typebox";

const tags = ["policy"];

/** Mist's nactags. */
export function labelRoutes(app: Api, deps: ApiDependencies): void {
  collection(app, deps);
  single(app, deps);
}

function collection(app: Api, { store, radius }: ApiDependencies): void {
  app.get(
    "/orgs/:org_id/nactags",
    mistOperation({
      operationId: "listLabels",
      summary: "Labels, oldest first",
      tags,
      params: OrganizationPath,
      querystring: LabelFilter,
      answer: Type.Array(ref(Label)),
    }),
    async ({ caller, query }, reply) => {
      const wanted = (list: readonly string[] | undefined, value: string | undefined): boolean =>
        list === undefined || (value !== undefined && list.includes(value));
      const labels = (await listLabels(store, caller.organizationId)).map(mistLabel);
      const found = labels.filter(
        ({ type, name, match }) => wanted(query.type, type) && wanted(query.name, name) && wanted(query.match, match),
      );
      return pageOf(found, query, reply);
    },
  );

  app.post(
    "/orgs/:org_id/nactags",
    mistOperation({
      operationId: "createLabel",
      summary: "Make a label",
      tags,
      params: OrganizationPath,
      body: NewLabel,
      answer: ref(Label),
    }),
    async ({ caller, body }) =>
      answerOf(await createLabel(store, caller.organizationId, draftOf(body, radius)), body.name),
  );
}

function single(app: Api, { store, radius }: ApiDependencies): void {
  app.get(
    "/orgs/:org_id/nactags/:nactag_id",
    mistOperation({ operationId: "getLabel", summary: "One label", tags, params: LabelPath, answer: ref(Label) }),
    async ({ caller, params }) => {
      const found = await findLabel(store, caller.organizationId, idOf(params.nactag_id));
      if (found === undefined) throw notFound("nactag", params.nactag_id);
      return mistLabel(found);
    },
  );

  app.put(
    "/orgs/:org_id/nactags/:nactag_id",
    mistOperation({
      operationId: "updateLabel",
      summary: "Change a label; absent fields stay",
      tags,
      params: LabelPath,
      body: LabelChange,
      answer: ref(Label),
    }),
    async ({ caller, params, body }) => {
      const id = idOf(params.nactag_id);
      const current = await findLabel(store, caller.organizationId, id);
      if (current === undefined) throw notFound("nactag", params.nactag_id);
      const draft = draftOf({ ...mistLabel(current), ...body }, radius);
      const saved = await updateLabel(store, caller.organizationId, id, draft);
      if (saved.kind === "notFound") throw notFound("nactag", params.nactag_id);
      return answerOf(saved, draft.name);
    },
  );

  app.delete(
    "/orgs/:org_id/nactags/:nactag_id",
    mistOperation({
      operationId: "deleteLabel",
      summary: "Delete a label that no rule uses",
      tags,
      params: LabelPath,
      answer: Empty,
    }),
    async ({ caller, params }, reply) => {
      const deleted = await deleteLabel(store, caller.organizationId, idOf(params.nactag_id));
      if (deleted.kind === "notFound") throw notFound("nactag", params.nactag_id);
      if (deleted.kind === "inUse") {
        const rules = deleted.rules.map(({ id, name }) => ({ id, name }));
        const names = rules.map(({ name }) => `"${name}"`).join(", ");
        throw new ApiFailure(409, "labelInUse", `the label is in use by ${names}`, { rules });
      }
      return reply.send(undefined);
    },
  );
}

function draftOf(fields: LabelFields, { attributeFault }: RadiusKnowledge): LabelDraft {
  const draft = labelDraft(fields, attributeFault);
  if (draft.kind === "faulty") throw badRequest("invalidLabel", draft.faults.join("; "));
  return draft.value;
}

function idOf(text: string): LabelId {
  return pathId("nactag", text);
}

function answerOf(saved: LabelSaved, name: string) {
  if (saved.kind === "nameTaken") throw badRequest("nameTaken", `there is another label named "${name}"`);
  return mistLabel(saved);
}
