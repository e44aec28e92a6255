import { loadPolicy } from "../../store/policies.ts";
import { openTestApi } from "../support/api.ts";
import type { Answer, Tenant, TestApi } from "../support/api.ts";

let api: TestApi;
let acme: Tenant;
let labels: Record<string, string>;
beforeAll(async () => {
  api = await openTestApi();
});
beforeEach(async () => {
  acme = await api.tenant();
  await acme.ask("POST", "nactags", { name: "corp", type: "vlan", vlan: "20" });
  const { json } = await acme.ask("GET", "nactags");
  labels = Object.fromEntries(json.map(({ name, id }: { name: string; id: string }) => [name, id]));
});
afterAll(() => api.close());

const make = (fields: object): Promise<Answer> => acme.ask("POST", "nacrules", { action: "allow", ...fields });

test("a rule survives the way in and out, and is in force as the next policy version", async () => {
  const fields = {
    name: "Staff",
    order: 3,
    enabled: true,
    matching: { auth_type: "eap-tls", nactags: [labels["Compliant"]], port_types: ["wireless"], vendor: ["cisco"] },
    not_matching: { nactags: [labels["Unknown"]] },
    apply_tags: [labels["corp"]],
  };
  const before = await loadPolicy(api.store, acme.organizationId);
  const made = await make(fields);
  expect(made).toMatchObject({ status: 200, json: { ...fields, action: "allow", org_id: acme.organizationId } });
  expect(await acme.ask("GET", `nacrules/${made.json.id}`)).toMatchObject({ json: made.json });
  const after = await loadPolicy(api.store, acme.organizationId);
  expect(after!.version).toBe(before!.version + 1);
  expect(after!.rules).toMatchObject([{ name: "Staff", matching: { fields: { auth_type: ["eap-tls"] } } }]);
});

test("behaviour 7.2: two rules with one order are accepted, tried by creation, and reported", async () => {
  const first = await make({ name: "First", order: 1 });
  const second = await make({ name: "Second", order: 1 });
  expect(first.json.warnings).toBeUndefined();
  expect(second.json.warnings).toEqual(['order 1 is also that of "First": the rule created first is tried first']);
  const { json } = await acme.ask("GET", "nacrules");
  expect(json).toMatchObject([
    { name: "First", warnings: [expect.stringContaining('"Second"')] },
    { name: "Second", warnings: [expect.stringContaining('"First"')] },
  ]);
  // Mist's clients reorder by single PUTs.
  expect((await acme.ask("PUT", `nacrules/${first.json.id}`, { order: 2 })).json).toMatchObject({
    name: "First",
    order: 2,
  });
  const reordered = await acme.ask("GET", "nacrules");
  expect(reordered.json.map(({ name }: { name: string }) => name)).toEqual(["Second", "First"]);
  expect(reordered.text).not.toContain("warnings");
});

test("behaviour 7.1: a field that has no source is stored with a warning", async () => {
  const made = await make({ name: "Macs", order: 1, matching: { os_type: ["macos"], auth_type: "eap-peap" } });
  expect(made.json).toMatchObject({
    matching: { os_type: ["macos"], auth_type: "eap-peap" },
    warnings: [expect.stringContaining("does not speak eap-peap"), expect.stringContaining("no source for os_type")],
  });
});

test.each([
  [
    "an unknown label",
    { matching: { nactags: ["0198b5a0-0000-7000-8000-00000000dead"] } },
    "matching.nactags: there is no nactag",
  ],
  ["a label id that is none", { apply_tags: ["corp"] }, "apply_tags: there is no nactag corp"],
  ["a negative order", { order: -1 }, 'field "order" must be >= 0'],
  ["an order that is none", { order: "first" }, 'field "order" must be integer'],
  ["an unknown condition", { matching: { os_types: ["macos"] } }, 'unknown field "matching.os_types"'],
  ["a dry run", { dry_run: true }, "dry_run is not supported"],
  ["a guest state", { guest_auth_state: "authorized" }, "guest_auth_state is not supported"],
])("%s is refused with a sentence", async (_, fields, sentence) => {
  const refused = await make({ name: "Bad", order: 1, ...fields });
  expect(refused.status).toBe(400);
  expect(refused.json.detail).toContain(sentence);
});

test("a result as condition and a condition as result are refused", async () => {
  const refused = await make({
    name: "Bad",
    order: 1,
    matching: { nactags: [labels["corp"]] },
    apply_tags: [labels["Compliant"]],
  });
  expect(refused.json.detail).toContain("is of type vlan, which is no condition");
  expect(refused.json.detail).toContain("is of type match, which is no result");
});

test("booleans as Python prints them and numbers as text are understood", async () => {
  const made = await make({
    name: "Loose",
    order: "4",
    enabled: "False",
    apply_tags: `['${labels["corp"]}']`,
    matching: null,
  });
  expect(made).toMatchObject({ status: 200, json: { order: 4, enabled: false, apply_tags: [labels["corp"]] } });
});

test("a deleted rule is gone; DELETE answers 200 with an empty body, JSON content type or not", async () => {
  const { json: rule } = await make({ name: "Gone", order: 1 });
  expect(await acme.ask("DELETE", `nacrules/${rule.id}`, "")).toMatchObject({ status: 200, text: "" });
  expect(await acme.ask("GET", `nacrules/${rule.id}`)).toMatchObject({ status: 404 });
  expect(await acme.ask("GET", "nacrules/not-an-id")).toMatchObject({
    status: 404,
    json: { detail: "there is no nacrule not-an-id" },
  });
});
