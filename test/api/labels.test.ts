import { openTestApi } from "../support/api.ts";
import type { Answer, Tenant, TestApi } from "../support/api.ts";

let api: TestApi;
let acme: Tenant;
beforeAll(async () => {
  api = await openTestApi();
});
beforeEach(async () => void (acme = await api.tenant()));
afterAll(() => api.close());

const make = (fields: object): Promise<Answer> => acme.ask("POST", "nactags", fields);

test("behaviour 7.3: a new organization has the labels Compliant, Non-Compliant and Unknown", async () => {
  const { json } = await acme.ask("GET", "nactags?match=mdm_status");
  expect(json).toMatchObject([
    { name: "Compliant", type: "match", match: "mdm_status", values: ["compliant"] },
    { name: "Non-Compliant", values: ["noncompliant"] },
    { name: "Unknown", values: ["unknown"] },
  ]);
});

test("every type of label survives the way in and out in Mist's fields", async () => {
  const labels = [
    { name: "staff ssid", type: "match", match: "ssid", values: ["staff*", "corp"], match_all: false },
    { name: "corp", type: "vlan", vlan: "20", allow_usermac_override: true },
    { name: "role", type: "radius_group", radius_group: "employee" },
    { name: "hour", type: "session_timeout", session_timeout: 3600 },
    {
      name: "tag",
      type: "gbp_tag",
      gbp_tag: "17",
      warnings: ["gbp_tag is stored, and changes no Access-Accept"],
    },
    { name: "egress", type: "egress_vlan_names", egress_vlan_names: ["1voice", "2data"] },
    { name: "attrs", type: "radius_attrs", radius_attrs: ["Idle-Timeout=600"] },
    { name: "vendor attrs", type: "radius_vendor_attrs", radius_vendor_attrs: ["PaloAlto-Admin-Role=superuser"] },
    { name: "user name", type: "username_attr", username_attr: "cn" },
  ];
  for (const label of labels) {
    const made = await make(label);
    expect(made.status).toBe(200);
    expect(made.json).toMatchObject({ ...label, org_id: acme.organizationId });
    expect(await acme.ask("GET", `nactags/${made.json.id}`)).toMatchObject({ status: 200, json: made.json });
  }
});

test.each([
  ["vlan 0", { type: "vlan", vlan: "0" }, "vlan 0 is outside 1–4094"],
  ["vlan 4095", { type: "vlan", vlan: "4095" }, "vlan 4095 is outside 1–4094"],
  ["a vlan name of 33 octets", { type: "vlan", vlan: "é".repeat(16) + "x" }, "is 33 octets; the limit is 32"],
])("behaviour 6.2: %s is refused", async (_, fields, sentence) => {
  const refused = await make({ name: "bad", ...fields });
  expect(refused.status).toBe(400);
  expect(refused.json.detail).toContain(sentence);
});

test("behaviour 6.2: vlan 1, 4094 and a name of 32 octets are taken as they stand", async () => {
  for (const vlan of ["1", "4094", "0020", "é".repeat(16)]) {
    expect((await make({ name: `vlan ${vlan}`, type: "vlan", vlan })).json).toMatchObject({ vlan });
  }
});

test.each([
  ["no name", { type: "vlan", vlan: "20" }, 'field "name" is required'],
  ["an unknown field", { name: "x", type: "vlan", vlan: "20", vlam: "21" }, 'unknown field "vlam"'],
  [
    "an unknown type",
    { name: "x", type: "vlans" },
    'field "type" must be equal to one of the allowed values: match, vlan',
  ],
  ["a match label without match", { name: "x", type: "match", values: ["a"] }, "needs match"],
  ["a match label without values", { name: "x", type: "match", match: "ssid" }, "needs values"],
  [
    "a word that is no compliance",
    { name: "x", type: "match", match: "mdm_status", values: ["fine"] },
    'mdm_status "fine"',
  ],
  ["a value that is no MAC", { name: "x", type: "match", match: "client_mac", values: ["printer"] }, "no MAC address"],
  [
    "match_all where a client has one value",
    { name: "x", type: "match", match: "ssid", values: ["a"], match_all: true },
    "match_all means nothing",
  ],
  ["a result label without its result", { name: "x", type: "radius_group" }, "needs radius_group"],
  ["an attribute that is none", { name: "x", type: "radius_attrs", radius_attrs: ["Idle-Timeout"] }, "not Name=value"],
  [
    "an egress VLAN without tag indication",
    { name: "x", type: "egress_vlan_names", egress_vlan_names: ["voice"] },
    "must begin with 1 or 2",
  ],
])("%s is refused with a sentence", async (_, fields, sentence) => {
  const refused = await make(fields);
  expect(refused).toMatchObject({ status: 400 });
  expect(refused.json.detail).toContain(sentence);
});

test("a label of a kind that nothing here can tell is stored with a warning", async () => {
  const made = await make({ name: "template", type: "match", match: "cert_template", values: ["Workstation"] });
  expect(made.json.warnings).toEqual([expect.stringContaining("no source for cert_template")]);
});

test("PUT changes what it names and keeps the rest", async () => {
  const { json: label } = await make({ name: "corp", type: "vlan", vlan: "20" });
  const changed = await acme.ask("PUT", `nactags/${label.id}`, { vlan: "30" });
  expect(changed.json).toMatchObject({ id: label.id, name: "corp", vlan: "30", created_time: label.created_time });
  const echoed = await acme.ask("PUT", `nactags/${label.id}`, { ...changed.json, name: "corporate" });
  expect(echoed.json).toMatchObject({ name: "corporate", vlan: "30" });
});

test("a name that is taken is refused", async () => {
  expect(await make({ name: "Unknown", type: "vlan", vlan: "20" })).toMatchObject({
    status: 400,
    json: { detail: 'there is another label named "Unknown"' },
  });
});

test("behaviour 7.1: deleting a label in use is refused, naming the rules", async () => {
  const { json: label } = await make({ name: "corp", type: "vlan", vlan: "20" });
  const rule = { name: "Staff", action: "allow", order: 1, apply_tags: [label.id] };
  const { json: made } = await acme.ask("POST", "nacrules", rule);
  expect(await acme.ask("DELETE", `nactags/${label.id}`)).toMatchObject({
    status: 409,
    json: { detail: 'the label is in use by "Staff"', rules: [{ id: made.id, name: "Staff" }] },
  });
  await acme.ask("DELETE", `nacrules/${made.id}`);
  expect(await acme.ask("DELETE", `nactags/${label.id}`)).toMatchObject({ status: 200, text: "" });
  expect(await acme.ask("DELETE", `nactags/${label.id}`)).toMatchObject({ status: 404 });
});

test("lists are paged by headers, and filtered by comma lists or lists as Python prints them", async () => {
  for (const vlan of ["10", "20", "30"]) await make({ name: `vlan ${vlan}`, type: "vlan", vlan });
  const page = await acme.ask("GET", "nactags?type=vlan&limit=2&page=2");
  expect(page.json).toMatchObject([{ vlan: "30" }]);
  expect(page.headers).toMatchObject({ "x-page-total": "3", "x-page-limit": "2", "x-page-page": "2" });
  const named = await acme.ask("GET", `nactags?name=${encodeURIComponent("['vlan 10', 'Unknown']")}`);
  expect(named.json.map(({ name }: { name: string }) => name)).toEqual(["Unknown", "vlan 10"]);
  expect((await acme.ask("GET", "nactags?name=vlan%2010,vlan%2020")).json).toHaveLength(2);
});

test("another organization's label is not there", async () => {
  const { json: label } = await make({ name: "corp", type: "vlan", vlan: "20" });
  const other = await api.tenant("Other");
  expect(await other.ask("GET", `nactags/${label.id}`)).toMatchObject({ status: 404 });
  expect(await other.ask("PUT", `nactags/${label.id}`, { vlan: "66" })).toMatchObject({ status: 404 });
  expect(await other.ask("DELETE", `nactags/${label.id}`)).toMatchObject({ status: 404 });
});
