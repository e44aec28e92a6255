import { Type } from "typebox";
import type { OrganizationId, RuleId } from "../../domain/identifiers.ts";
import type { Rule as DomainRule } from "../../domain/rule.ts";
import type { Store } from "../../store/pool.ts";
import { listLabels } from "../../store/labels.ts";
import { createRule, deleteRule, findRule, listRules, updateRule } from "../../store/rules.ts";
import type { RuleDraft, RuleSaved } from "../../store/rules.ts";
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
export function ruleRoutes(app: Api, deps: ApiDependencies): void {
  collection(app, deps);
  single(app, deps);
}

function collection(app: Api, { store }: ApiDependencies): void {
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
      const rules = await rulesOf(store, caller.organizationId);
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
      answerOf(
        store,
        organizationId,
        await createRule(store, organizationId, await draftOf(store, organizationId, body)),
      ),
  );
}

function single(app: Api, { store }: ApiDependencies): void {
  app.get(
    "/orgs/:org_id/nacrules/:nacrule_id",
    mistOperation({ operationId: "getRule", summary: "One rule", tags, params: RulePath, answer: ref(Rule) }),
    async ({ caller, params }) => {
      const found = await findRule(store, caller.organizationId, idOf(params.nacrule_id));
      if (found === undefined) throw notFound("nacrule", params.nacrule_id);
      return mistRule(found.rule, await rulesOf(store, caller.organizationId));
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
      const draft = await draftOf(store, organizationId, { ...mistRule(current.rule, []), ...body });
      const saved = await updateRule(store, organizationId, id, draft);
      if (saved.kind === "notFound") throw notFound("nacrule", params.nacrule_id);
      return answerOf(store, organizationId, saved);
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

async function draftOf(store: Store, organizationId: OrganizationId, fields: RuleFields): Promise<RuleDraft> {
  const labels = (await listLabels(store, organizationId)).map(({ label }) => label);
  const draft = ruleDraft(fields, labels);
  if (draft.kind === "faulty") throw badRequest("invalidRule", draft.faults.join("; "));
  return draft.value;
}

async function rulesOf(store: Store, organizationId: OrganizationId): Promise<readonly DomainRule[]> {
  return (await listRules(store, organizationId)).map(({ rule }) => rule);
}

async function answerOf(store: Store, organizationId: OrganizationId, saved: RuleSaved) {
  if (saved.kind === "ok") return mistRule(saved.rule, await rulesOf(store, organizationId));
  throw badRequest("invalidRule", `there is no nactag ${saved.labels.join(", ")}`);
}

function idOf(text: string): RuleId {
  return pathId("nacrule", text);
}
