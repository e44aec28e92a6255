import { MAC, OTHER_MAC } from "../support/domain-values.ts";
import { insertEvents } from "../../store/events.ts";
import { openTestApi } from "../support/api.ts";
import type { Tenant, TestApi } from "../support/api.ts";
import { event } from "../support/edge-records.ts";

const RULE = "0198b5a0-0000-7000-8000-0000000000aa";
let api: TestApi;
let acme: Tenant;
const at = Date.now() - 60_000;
beforeAll(async () => {
  api = await openTestApi();
  acme = await api.tenant();
  await insertEvents(api.store, [
    event(acme.organizationId, { at, body: { auth_type: "eap-tls", nacrule_id: RULE, vlan: "66" } }),
    event(acme.organizationId, {
      at: at + 1_000,
      type: "NAC_MDM_LOOKUP_SUCCESS",
      text: "Jamf Pro says compliant",
      body: {
        mdm_compliance: "compliant",
        pre_mdm_compliance: "unknown",
        mdm_provider: "jamf",
        mdm_account_id: RULE,
        lookup_time_taken: 0.25,
      },
    }),
    event(acme.organizationId, {
      at: at + 2_000,
      type: "NAC_CLIENT_COA_REAUTH",
      text: "Sent",
      body: { coa_source: "MDM" },
    }),
    event(acme.organizationId, { at: at + 3_000, type: "NAC_CLIENT_DENY", mac: OTHER_MAC, text: "No rule" }),
  ]);
});
afterAll(() => api.close());

const types = async (query: string): Promise<string[]> =>
  (await acme.ask("GET", `nac_clients/events/search${query}`)).json.results.map(({ type }: { type: string }) => type);

test("behaviour 11.1: MDM and CoA events carry Mist's fields, the title that people read, and the sentence", async () => {
  const { json } = await acme.ask("GET", "nac_clients/events/search");
  expect(json).toMatchObject({ total: 4, limit: 100 });
  expect(json.results).toMatchObject([
    { type: "NAC_CLIENT_DENY", title: "NAC Client Access Denied", mac: OTHER_MAC, text: "No rule" },
    { type: "NAC_CLIENT_COA_REAUTH", coa_source: "MDM", text: "Sent" },
    {
      type: "NAC_MDM_LOOKUP_SUCCESS",
      mdm_compliance: "compliant",
      pre_mdm_compliance: "unknown",
      mdm_provider: "jamf",
      mdm_account_id: RULE,
      lookup_time_taken: 0.25,
    },
    { type: "NAC_CLIENT_PERMIT", title: "NAC Client Access Allowed", auth_type: "eap-tls", vlan: "66", mac: MAC },
  ]);
  expect(json.results[0].timestamp).toBeLessThan(Date.now() / 1000);
});

test("filters", async () => {
  expect(await types("?type=NAC_CLIENT_PERMIT,NAC_CLIENT_DENY")).toEqual(["NAC_CLIENT_DENY", "NAC_CLIENT_PERMIT"]);
  expect(await types(`?mac=${OTHER_MAC}`)).toEqual(["NAC_CLIENT_DENY"]);
  expect(await types(`?nacrule_id=${RULE}`)).toEqual(["NAC_CLIENT_PERMIT"]);
  expect(await types("?text=jamf")).toEqual(["NAC_MDM_LOOKUP_SUCCESS"]);
  expect(await types(`?start=${(at + 500) / 1000}&end=now&sort=-timestamp`)).toHaveLength(3);
  expect(await types("?start=-2h&duration=1d")).toHaveLength(4);
  const refused = await acme.ask("GET", "nac_clients/events/search?type=NAC_CLIENT_LOST");
  expect(refused).toMatchObject({ status: 400, json: { detail: expect.stringContaining("NAC_CLIENT_PERMIT") } });
});

test("pages hang together", async () => {
  const seen: string[] = [];
  let path: string | undefined = "nac_clients/events/search?limit=3";
  while (path !== undefined) {
    const { json } = await acme.ask("GET", path);
    seen.push(...json.results.map(({ id }: { id: string }) => id));
    path = json.next;
  }
  expect(new Set(seen).size).toBe(4);
  expect(seen).toHaveLength(4);
});

test("counts", async () => {
  const { json } = await acme.ask("GET", "nac_clients/events/count?distinct=mac");
  expect(json).toMatchObject({
    distinct: "mac",
    total: 2,
    results: [
      { mac: MAC, count: 3 },
      { mac: OTHER_MAC, count: 1 },
    ],
  });
  const byType = await acme.ask("GET", `nac_clients/events/count?mac=${OTHER_MAC}`);
  expect(byType.json.results).toEqual([{ type: "NAC_CLIENT_DENY", count: 1 }]);
});

test("const/nac_events lists every type with its title", async () => {
  const { json } = await acme.ask("GET", "/api/v1/const/nac_events");
  expect(json).toContainEqual({
    key: "NAC_CLIENT_PERMIT",
    display: "NAC Client Access Allowed",
    example: { type: "NAC_CLIENT_PERMIT" },
  });
});
