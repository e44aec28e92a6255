import { Type } from "typebox";
import type { OrganizationId, RuleId } from "../../domain/identifiers.ts";
import { listLabels } from "../../store/labels.ts";
import { createRule, deleteRule, findRule, listRules, updateRule } from "../../store/rules.ts";
import type { RuleSaved } from "../../store/rules.ts";
import type { Api, ApiDependencies } from "../dependencies.ts";
import { badRequest, notFound } from "../failure.ts";
import { mistOperation } from "../operation.ts";
import { pageOf } from "../paging.ts";
import { Empty, OrganizationPath, ref } from "../schemas/common.ts";
import { NewRule, Rule, RuleChange, RuleFilter, RulePath } from "../schemas/rule.ts";
import type { RuleFields } from "../schemas/rule.ts";
import { pathId } from "../shapes/parsed.ts";
import { mistRule, ruleDraft } from "../shapes/rule.ts";

const tags = ["policy"];

/** Mist's nacrules. A rule edit publishes a policy version and sends no CoA (behaviour 7.2). */
export function ruleRoutes(app: Api, { store }: ApiDependencies): void {
  const draftOf = async (organizationId: OrganizationId, fields: RuleFields) => {
    const labels = (await listLabels(store, organizationId)).map(({ label }) => label);
    const draft = ruleDraft(fields, labels);
    if (draft.kind === "faulty") throw badRequest("invalidRule", draft.faults.join("; "));
    return draft.value;
  };
  const rulesOf = async (organizationId: OrganizationId) =>
    (await listRules(store, organizationId)).map(({ rule }) => rule);
  const answerOf = async (saved: RuleSaved, organizationId: OrganizationId) => {
    if (saved.kind === "ok") return mistRule(saved.rule, await rulesOf(organizationId));
    throw badRequest("invalidRule", `there is no nactag ${saved.labels.join(", ")}`);
  };
  const idOf = (text: string): RuleId => pathId("nacrule", text);

  app.get(
    "/orgs/:org_id/nacrules",
    mistOperation({
      operationId: "listRules",
      summary: "Rules, in the order in which they are tried",
      tags,
      params: OrganizationPath,
      querystring: RuleFilter,
      answer: Type.Array(ref(Rule)),
    }),
    async ({ caller, query }, reply) => {
      const rules = await rulesOf(caller.organizationId);
      return pageOf(
        rules.map((rule) => mistRule(rule, rules)),
        query,
        reply,
      );
    },
  );

  app.post(
    "/orgs/:org_id/nacrules",
    mistOperation({
      operationId: "createRule",
      summary: "Make a rule",
      tags,
      params: OrganizationPath,
      body: NewRule,
      answer: ref(Rule),
    }),
    async ({ caller: { organizationId }, body }) =>
      answerOf(await createRule(store, organizationId, await draftOf(organizationId, body)), organizationId),
  );

  app.get(
    "/orgs/:org_id/nacrules/:nacrule_id",
    mistOperation({ operationId: "getRule", summary: "One rule", tags, params: RulePath, answer: ref(Rule) }),
    async ({ caller, params }) => {
      const found = await findRule(store, caller.organizationId, idOf(params.nacrule_id));
      if (found === undefined) throw notFound("nacrule", params.nacrule_id);
      return mistRule(found.rule, await rulesOf(caller.organizationId));
    },
  );

  app.put(
    "/orgs/:org_id/nacrules/:nacrule_id",
    mistOperation({
      operationId: "updateRule",
      summary: "Change a rule; absent fields stay",
      tags,
      params: RulePath,
      body: RuleChange,
      answer: ref(Rule),
    }),
    async ({ caller: { organizationId }, params, body }) => {
      const id = idOf(params.nacrule_id);
      const current = await findRule(store, organizationId, id);
      if (current === undefined) throw notFound("nacrule", params.nacrule_id);
      const draft = await draftOf(organizationId, { ...mistRule(current.rule, []), ...body });
      const saved = await updateRule(store, organizationId, id, draft);
      if (saved.kind === "notFound") throw notFound("nacrule", params.nacrule_id);
      return answerOf(saved, organizationId);
    },
  );

  app.delete(
    "/orgs/:org_id/nacrules/:nacrule_id",
    mistOperation({ operationId: "deleteRule", summary: "Delete a rule", tags, params: RulePath, answer: Empty }),
    async ({ caller, params }, reply) => {
      const deleted = await deleteRule(store, caller.organizationId, idOf(params.nacrule_id));
      if (deleted.kind === "notFound") throw notFound("nacrule", params.nacrule_id);
      return reply.send(undefined);
    },
  );
}
