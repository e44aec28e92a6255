import { MINUTE_MS } from "../../domain/time.ts";
import type { EdgeRecord } from "../../domain/record.ts";
import { parseMac } from "../../domain/mac-address.ts";
import type { AccountId } from "../../domain/identifiers.ts";
import { identityKey, identityOf } from "../../domain/identity.ts";
import { recordBatch } from "../../store/edge-records.ts";
import { takeWishes } from "../../store/outbox.ts";
import { storeVerdict } from "../../store/verdicts.ts";
import { openTestApi } from "../support/api.ts";
import type { Tenant, TestApi } from "../support/api.ts";
import { certificate, evidence, MAC, verdict } from "../support/domain-values.ts";
import { accounting, authentication } from "../support/edge-records.ts";

const PRINTER = parseMac("00:1b:a9:12:34:56")!;
const PHONE = parseMac("da:a1:19:00:00:01")!; // locally administered
const accountId = "0198b5a0-0000-7000-8000-0000000000ac" as AccountId;

let api: TestApi;
let acme: Tenant;
let now: number;
beforeAll(async () => {
  api = await openTestApi();
});
afterAll(() => api.close());

/** A laptop with a certificate on Wi-Fi, a printer by MAC on a wire, and a phone that made its address up. */
beforeEach(async () => {
  acme = await api.tenant();
  now = Date.now();
  const { organizationId } = acme;
  const laptop = authentication(organizationId, { at: now - 180 * MINUTE_MS });
  const started = accounting(organizationId, "start", {
    at: now - 170 * MINUTE_MS,
    sessionId: laptop.session!.id,
    mac: MAC,
    acctSessionId: "A1",
  });
  const records: EdgeRecord[] = [
    laptop,
    { ...started, framedIpAddress: "10.20.0.7" },
    authentication(organizationId, {
      at: now - 120 * MINUTE_MS,
      evidence: {
        mac: PRINTER,
        authentication: "mab",
        certificate: undefined,
        userName: PRINTER,
        portType: "wired",
        ssid: undefined,
      },
    }),
    authentication(organizationId, {
      at: now - MINUTE_MS,
      evidence: { mac: PHONE, certificate: certificate({ sanDns: [] }), userName: "ada@acme.example" },
    }),
  ];
  await recordBatch(api.store, records);
});

const macs = async (query: string): Promise<string[]> =>
  (await acme.ask("GET", `nac_clients/search${query}`)).json.results.map(({ mac }: { mac: string }) => mac);

test("a search answers in Mist's shape, last seen first", async () => {
  const { status, json } = await acme.ask("GET", "nac_clients/search");
  expect(status).toBe(200);
  expect(json).toMatchObject({ limit: 100, total: 3, start: expect.any(Number), end: expect.any(Number) });
  expect(json.results.map(({ mac }: { mac: string }) => mac)).toEqual([PHONE, PRINTER, MAC]);
  expect(json.results[2]).toMatchObject({
    mac: MAC,
    org_id: acme.organizationId,
    type: "wireless",
    auth_type: "eap-tls",
    random_mac: "false",
    ssid: ["corp"],
    vlan: ["20"],
    last_vlan: 20,
    last_status: "session_started",
    client_ip: ["10.20.0.7"],
    cert_cn: ["mac-01"],
    nacrule_name: ["Corp"],
    nacrule_matched: true,
    mdm_compliance: "unknown",
  });
  expect(json.results[0].random_mac).toBe("true");
});

test("filters of Mist's clients, under all of their names and spellings", async () => {
  expect(await macs(`?mac=${MAC.toUpperCase().replace(/..(?=.)/g, "$&-")}`)).toEqual([MAC]);
  expect(await macs(`?mac=${MAC.slice(0, 6)}*`)).toEqual([MAC]);
  expect(await macs("?mac=*1234*")).toEqual([PRINTER]);
  expect(await macs("?type=wired")).toEqual([PRINTER]);
  expect(await macs("?auth_type=mab,eap-ttls")).toEqual([PRINTER]);
  expect(await macs("?last_status=session_started")).toEqual([MAC]);
  expect(await macs("?status=permitted")).toEqual([PHONE, PRINTER]);
  expect(await macs(`?ssid=${encodeURIComponent("['corp', 'guest']")}`)).toEqual([PHONE, MAC]);
  expect(await macs("?mdm_compliance=not%20compliant")).toEqual([]);
  expect(await macs("?last_vlan_id=20&username=ada@acme.example")).toEqual([PHONE]);
  expect(await macs("?text=ADA@")).toEqual([PHONE]);
  expect(await macs(`?start=${(now - 130 * MINUTE_MS) / 1000}&end=now`)).toEqual([PHONE, PRINTER]);
  expect(await macs("?duration=30m")).toEqual([PHONE]);
  expect(await macs(`?end=${(now - 175 * MINUTE_MS) / 1000}`)).toEqual([]);
});

test("pages hang together by search_after, and next is a path that can be asked as it is", async () => {
  const first = await acme.ask("GET", "nac_clients/search?limit=2&duration=4h");
  expect(first.json.results).toHaveLength(2);
  expect(first.json.next).toMatch(/^\/api\/v1\/orgs\/.*search_after=/);
  const second = await acme.ask("GET", first.json.next);
  expect(second.json).toMatchObject({ total: 3, results: [{ mac: MAC }] });
  expect(second.json.next).toBeUndefined();
});

test.each([
  ["a MAC that is none", "?mac=printer", '"printer" is no MAC address'],
  ["a filter that is none", "?os=macos", 'unknown query parameter "os"'],
  ["a status that is none", "?status=happy", "must be equal to one of the allowed values"],
  ["a compliance that is none", "?mdm_compliance=fine", 'mdm_compliance "fine"'],
  ["a duration that is none", "?duration=soon", 'duration "soon"'],
  ["a window that ends before it starts", "?start=200&end=100", "start must be before end"],
  ["a cursor that none gave", "?search_after=xyz", "not one that a search gave"],
  ["a page of none", "?limit=0", "must be >= 1"],
])("%s is refused with a sentence", async (_, query, sentence) => {
  const refused = await acme.ask("GET", `nac_clients/search${query}`);
  expect(refused.status).toBe(400);
  expect(refused.json.detail).toContain(sentence);
});

test("counts by any of the fields, the value always a text", async () => {
  const count = await acme.ask("GET", "nac_clients/count?distinct=last_vlan");
  expect(count.json).toMatchObject({ distinct: "last_vlan", total: 1, results: [{ last_vlan: "20", count: 3 }] });
  const byType = await acme.ask("GET", "nac_clients/count?distinct=type&auth_type=eap-tls");
  expect(byType.json.results).toEqual([{ type: "wireless", count: 2 }]);
});

test("one client: verdict with reason and age, sessions, and where it should be", async () => {
  const identity = identityKey(identityOf(evidence({ organizationId: acme.organizationId }))!);
  const compliant = verdict({
    status: "compliant",
    reason: "reported",
    checkedAt: now - 120_000,
    dueAt: now + 7_080_000,
    source: { accountId, kind: "jamf" },
    matchedBy: "deviceId",
  });
  await storeVerdict(api.store, acme.organizationId, identity, { verdict: compliant, changed: true });
  await acme.ask("POST", "nactags", { name: "corp", type: "vlan", vlan: "30" });
  const { json: labels } = await acme.ask("GET", "nactags");
  const idOf = (name: string): string => labels.find((label: { name: string }) => label.name === name).id;
  const rule = {
    name: "Compliant",
    action: "allow",
    order: 0,
    matching: { nactags: [idOf("Compliant")] },
    apply_tags: [idOf("corp")],
  };
  await acme.ask("POST", "nacrules", rule);
  const { status, json } = await acme.ask("GET", `nac_clients/${MAC}`);
  expect(status).toBe(200);
  expect(json).toMatchObject({
    mac: MAC,
    identity,
    random_mac: false,
    compliance: { status: "compliant", reason: "reported" },
    verdict: { status: "compliant", mdm_provider: "jamf", mdm_account_id: accountId, matched_by: "deviceId" },
    applied: { kind: "accept", vlan: "20", text: "VLAN 20" },
    desired: { kind: "accept", vlan: "30" },
    sessions: [
      { acct_session_id: "A1", applied: { vlan: "20" }, desired: { vlan: "30" }, differences: ["VLAN 20 → 30"] },
    ],
  });
  expect(json.verdict.age_seconds).toBeGreaterThanOrEqual(120);
});

test("behaviour 9.1: a session without an Accept of ours is shown on the client as unverified, and nothing said of its access", async () => {
  const { organizationId } = acme;
  await recordBatch(api.store, [
    accounting(organizationId, "start", { at: now, mac: PRINTER, acctSessionId: "C9", nasIdentifier: "core" }),
  ]);
  const { json } = await acme.ask("GET", `nac_clients/${PRINTER}`);
  const [unverified, accepted] = json.sessions;
  expect(unverified).toMatchObject({ origin: "unverified", acct_session_id: "C9" });
  expect(Object.keys(unverified)).not.toEqual(expect.arrayContaining(["applied"]));
  expect(accepted).toMatchObject({ origin: "accepted", applied: { kind: "accept" } });
});

test("behaviour 1.2: MAC authentication is shown with what it is worth", async () => {
  const { json } = await acme.ask("GET", `nac_clients/${PRINTER}`);
  expect(json.compliance).toMatchObject({ status: "unknown", reason: "macAuthentication" });
});

test("behaviour 1.3: a randomized MAC without certificate id shows the advice, and cannot be looked up", async () => {
  const { json } = await acme.ask("GET", `nac_clients/${PHONE}`);
  expect(json).toMatchObject({ random_mac: true, compliance: { status: "unknown", reason: "noIdentity" } });
  expect(json.compliance.sentence).toContain("switch randomization off in the Wi-Fi profile");
  expect(await acme.ask("POST", `nac_clients/${PHONE}/check`)).toMatchObject({
    status: 409,
    json: { type: "urn:portcullis:problem:noIdentity" },
  });
});

test("a CoA asked for is a durable wish; an empty JSON body is one for reauthentication", async () => {
  const asked = await acme.ask("POST", `nac_clients/${MAC}/coa`, "");
  expect(asked).toMatchObject({ status: 200, json: { device_type: "ap", device_mac: "001122334455" } });
  await acme.ask("POST", `nac_clients/${PRINTER}/coa`, { coa_type: "disconnect" });
  const wishes = (await takeWishes(api.store, { limit: 100, leaseMs: 1_000 })).filter(
    ({ kind, organizationId }) => kind === "coa" && organizationId === acme.organizationId,
  );
  expect(wishes.map(({ payload }) => payload)).toEqual(
    expect.arrayContaining([
      { organizationId: acme.organizationId, mac: MAC, coaType: "reauth", source: "test" },
      { organizationId: acme.organizationId, mac: PRINTER, coaType: "disconnect", source: "test" },
    ]),
  );
});

test("a CoA for a client without session, unknown, or of a wrong MAC is refused", async () => {
  await recordBatch(api.store, [accounting(acme.organizationId, "stop", { at: now, mac: MAC, acctSessionId: "A1" })]);
  const refusals = [
    [`nac_clients/${MAC}/coa`, 404, "no open session"],
    ["nac_clients/a4b1c1999999/coa", 404, "there is no client a4b1c1999999"],
    ["nac_clients/ap-1/coa", 400, '"ap-1" is no MAC address'],
  ] as const;
  for (const [path, status, sentence] of refusals) {
    const refused = await acme.ask("POST", path, {});
    expect([refused.status, refused.json.detail]).toEqual([status, expect.stringContaining(sentence)]);
  }
  const bounce = await acme.ask("POST", `nac_clients/${PRINTER}/coa`, { coa_type: "bounce" });
  expect(bounce.json.detail).toContain("reauth, disconnect");
});

test("another organization sees none of it", async () => {
  const other = await api.tenant("Other");
  expect((await other.ask("GET", "nac_clients/search")).json.results).toEqual([]);
  expect((await other.ask("GET", "nac_clients/events/search")).json.results).toEqual([]);
  for (const [method, path] of [
    ["GET", ""],
    ["POST", "/check"],
    ["POST", "/coa"],
  ] as const) {
    expect(await other.ask(method, `nac_clients/${MAC}${path}`)).toMatchObject({ status: 404 });
  }
});
