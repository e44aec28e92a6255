import type { LabelId, OrganizationId, RuleId } from "../../domain/identifiers.ts";
import { createPolicy } from "../../domain/policy.ts";
import { createLabel, deleteLabel, findLabel, listLabels, updateLabel } from "../../store/labels.ts";
import type { LabelDraft } from "../../store/labels.ts";
import { findOrganization, listOrganizations } from "../../store/organizations.ts";
import { loadPolicy } from "../../store/policies.ts";
import { createRule, deleteRule, findRule, listRules, updateRule } from "../../store/rules.ts";
import type { RuleDraft } from "../../store/rules.ts";
import { conditions } from "../support/domain-values.ts";
import { newId } from "../support/edge-records.ts";
import { newOrganization, openTestStore } from "../support/store.ts";
import type { TestStore } from "../support/store.ts";

let store: TestStore;
let organizationId: OrganizationId;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());
beforeEach(async () => {
  organizationId = await newOrganization(store);
});

const corporate: LabelDraft = { name: "Corporate", type: "vlan", values: ["20"] };

function draft(change: Partial<RuleDraft> = {}): RuleDraft {
  return {
    name: "Corp",
    order: 0,
    enabled: true,
    action: "allow",
    matching: conditions([], { auth_type: ["eap-tls"] }),
    notMatching: conditions(),
    applyLabels: [],
    ...change,
  };
}

async function labelCalled(name: string): Promise<LabelId> {
  return (await listLabels(store, organizationId)).find(({ label }) => label.name === name)!.label.id;
}

async function saved<Result extends { readonly kind: string }>(change: Promise<Result>) {
  const result = await change;
  if (result.kind !== "ok") throw new Error(`refused: ${result.kind}`);
  return result as Extract<Result, { readonly kind: "ok" }>;
}

test("behaviour 7.3: a new organization has the labels Compliant, Non-Compliant and Unknown, in its first policy", async () => {
  const labels = (await listLabels(store, organizationId)).map(({ label }) => label);
  expect(labels.map((label) => [label.name, label.type === "match" && label.match, label.values])).toEqual([
    ["Compliant", "mdm_status", ["compliant"]],
    ["Non-Compliant", "mdm_status", ["noncompliant"]],
    ["Unknown", "mdm_status", ["unknown"]],
  ]);
  expect(await findOrganization(store, organizationId)).toMatchObject({ policyVersion: 1, revision: 1 });
  expect((await listOrganizations(store)).map(({ id }) => id)).toContain(organizationId);
  expect(await loadPolicy(store, organizationId)).toEqual(createPolicy(organizationId, 1, [], labels));
});

test("every change of a rule or label makes a version that never changes, and reloads to an equal policy", async () => {
  const { label } = await saved(createLabel(store, organizationId, { ...corporate, extra: { vlan: 20 } }));
  const unknown = await labelCalled("Unknown");
  const first = await saved(
    createRule(store, organizationId, draft({ matching: conditions([unknown]), applyLabels: [label.id] })),
  );
  const labels = (await listLabels(store, organizationId)).map((stored) => stored.label);
  const third = createPolicy(organizationId, 3, [first.rule], labels);
  expect(await loadPolicy(store, organizationId)).toEqual(third);

  await saved(updateRule(store, organizationId, first.rule.id, draft({ name: "Renamed", action: "block" })));
  await saved(updateLabel(store, organizationId, label.id, { ...corporate, values: ["30"] }));
  await saved(deleteRule(store, organizationId, first.rule.id));
  expect(await loadPolicy(store, organizationId)).toMatchObject({ version: 6, rules: [] });
  expect(await loadPolicy(store, organizationId, 3)).toEqual(third);
  expect((await loadPolicy(store, organizationId, 4))?.rules).toEqual([
    expect.objectContaining({ name: "Renamed", action: "block", id: first.rule.id, createdAt: first.rule.createdAt }),
  ]);
  expect(await loadPolicy(store, organizationId, 7)).toBeUndefined();
  expect(await findOrganization(store, organizationId)).toMatchObject({ policyVersion: 6, revision: 6 });
});

test("fields of Mist's that policy does not read are kept with label and rule", async () => {
  const { label } = await saved(createLabel(store, organizationId, { ...corporate, extra: { portal: "x" } }));
  const { rule } = await saved(createRule(store, organizationId, draft({ extra: { guest_auth_state: "unknown" } })));
  expect(await findLabel(store, organizationId, label.id)).toEqual({ label, extra: { portal: "x" } });
  expect(await findRule(store, organizationId, rule.id)).toEqual({ rule, extra: { guest_auth_state: "unknown" } });
});

test("behaviour 7.1: a label in use is not deleted, and the rules that use it are named", async () => {
  const { label } = await saved(createLabel(store, organizationId, corporate));
  const unknown = await labelCalled("Unknown");
  const compliant = await labelCalled("Compliant");
  const { rule } = await saved(
    createRule(
      store,
      organizationId,
      draft({ matching: conditions([unknown]), notMatching: conditions([compliant]), applyLabels: [label.id] }),
    ),
  );
  const before = await findOrganization(store, organizationId);
  for (const id of [label.id, unknown, compliant]) {
    expect(await deleteLabel(store, organizationId, id)).toEqual({ kind: "inUse", rules: [rule] });
  }
  expect(await findOrganization(store, organizationId)).toEqual(before);
  await saved(deleteRule(store, organizationId, rule.id));
  expect(await deleteLabel(store, organizationId, label.id)).toEqual({ kind: "ok" });
  expect(await deleteLabel(store, organizationId, label.id)).toEqual({ kind: "notFound" });
});

test("a label that a rule takes up while it is deleted is either in use or unknown, never both gone and used", async () => {
  for (let round = 0; round < 10; round++) {
    const { label } = await saved(createLabel(store, organizationId, { ...corporate, name: `Race ${round}` }));
    const [deleted, created] = await Promise.all([
      deleteLabel(store, organizationId, label.id),
      createRule(store, organizationId, draft({ applyLabels: [label.id] })),
    ]);
    expect([
      ["ok", "unknownLabels"],
      ["inUse", "ok"],
    ]).toContainEqual([deleted.kind, created.kind]);
  }
});

test("behaviour 7.2: rules with one order are accepted; the one created first comes first, in list and policy", async () => {
  const rules = [
    await saved(createRule(store, organizationId, draft({ name: "second", order: 5 }))),
    await saved(createRule(store, organizationId, draft({ name: "third", order: 5 }))),
    await saved(createRule(store, organizationId, draft({ name: "first", order: 1 }))),
  ].map(({ rule }) => rule.name);
  expect(rules).toHaveLength(3);
  expect((await listRules(store, organizationId)).map(({ rule }) => rule.name)).toEqual(["first", "second", "third"]);
  expect((await loadPolicy(store, organizationId))?.rules.map(({ name }) => name)).toEqual([
    "first",
    "second",
    "third",
  ]);
});

test("unknown labels, a taken name and missing rows are refused by name and change nothing", async () => {
  const absent = newId<LabelId>();
  const before = await findOrganization(store, organizationId);
  expect(await createRule(store, organizationId, draft({ applyLabels: [absent] }))).toEqual({
    kind: "unknownLabels",
    labels: [absent],
  });
  expect(await createLabel(store, organizationId, { ...corporate, name: "Unknown" })).toEqual({ kind: "nameTaken" });
  const compliant = await labelCalled("Compliant");
  expect(await updateLabel(store, organizationId, compliant, { ...corporate, name: "Unknown" })).toEqual({
    kind: "nameTaken",
  });
  expect(await updateLabel(store, organizationId, absent, corporate)).toEqual({ kind: "notFound" });
  expect(await updateRule(store, organizationId, newId<RuleId>(), draft())).toEqual({ kind: "notFound" });
  expect(await deleteRule(store, organizationId, newId<RuleId>())).toEqual({ kind: "notFound" });
  expect(await findOrganization(store, organizationId)).toEqual(before);
});

test("another organization's labels and rules can be neither used nor changed", async () => {
  const other = await newOrganization(store, "Other");
  const { label } = await saved(createLabel(store, other, corporate));
  const { rule } = await saved(createRule(store, other, draft()));
  expect(await createRule(store, organizationId, draft({ applyLabels: [label.id] }))).toMatchObject({
    kind: "unknownLabels",
  });
  expect(await deleteLabel(store, organizationId, label.id)).toEqual({ kind: "notFound" });
  expect(await deleteRule(store, organizationId, rule.id)).toEqual({ kind: "notFound" });
  expect(await findRule(store, organizationId, rule.id)).toBeUndefined();
  expect(await findLabel(store, organizationId, label.id)).toBeUndefined();
});
