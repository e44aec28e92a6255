import fc from "fast-check";
import { startWorkspaceOne, type WorkspaceOneSimulator } from "../../../simulators/workspace-one/simulator.ts";
import { type Ask, CREDENTIALS, signIn } from "../asking.ts";
import { like, shapeOf } from "../shape.ts";
import { SEARCH_HEADERS, SEARCH_ROW } from "./captured.ts";

interface Found {
  readonly Devices: readonly { readonly Id: { readonly Value: number }; readonly DeviceNetworkInfo?: unknown }[];
  readonly PageSize: number;
  readonly Total: number;
}

const DAY_MS = 86_400_000;
const SEEN = Date.UTC(2026, 0, 10);
const DEVICES = Array.from({ length: 601 }, (_value, index) => ({
  kind: index % 2 === 0 ? ("mac" as const) : ("windows" as const),
  compliance: index % 10 === 0 ? ("noncompliant" as const) : ("compliant" as const),
  enrollment: index === 7 ? ("unenrolled" as const) : ("enrolled" as const),
  macAddress: `02${index.toString(16).padStart(10, "0")}`,
  seenAt: SEEN + index * DAY_MS,
  user: `user${index}`,
}));

let uem: WorkspaceOneSimulator;
let askUem: Ask;
const search = async (query: string) => askUem(`/API/mdm/devices/search?${query}`);
const idsOf = (found: Found): number[] => found.Devices.map((device) => device.Id.Value);

beforeAll(async () => {
  uem = await startWorkspaceOne({ ...CREDENTIALS, devices: DEVICES });
  askUem = await signIn(uem);
});
afterAll(() => uem.stop());

test("a page holds at most 500 rows, silently, whatever was asked", async () => {
  const found = (await search("pagesize=5000")).json<Found>();
  expect([found.Devices.length, found.PageSize, found.Total]).toEqual([500, 500, 601]);
  expect(shapeOf(found.Devices[0])).toEqual(shapeOf(SEARCH_ROW));
});

test("a page past the end, and a search without a match, are 204 without a body", async () => {
  for (const query of ["page=2", "user=nobody", "page=99&pagesize=10"]) {
    const answer = await search(query);
    expect([answer.status, answer.text, answer.headers.get("content-type")]).toEqual([204, "", null]);
  }
});

test("pages of any size, one after the other, show every device once and end in 204", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 100, max: 700 }), async (pageSize) => {
      const seen: number[] = [];
      for (let page = 0; ; page += 1) {
        const answer = await search(`page=${page}&pagesize=${pageSize}`);
        if (answer.status === 204) break;
        seen.push(...idsOf(answer.json<Found>()));
      }
      expect(seen).toEqual(DEVICES.map((_device, index) => 5001 + index));
    }),
    { numRuns: 8 },
  );
});

test.each([
  ["compliantstatus=false", 1, 61],
  ["compliance_status=false", 2, 61],
  ["compliance_status=false", 1, 601],
  ["platform=WinRT", 1, 300],
  ["user=USER3", 1, 1],
  ["seensince=2027-09-02", 1, 1],
  ["seensince=2027/09/02", 1, 1],
  ["seensince=09/02/2027 00:00:00.000", 1, 1],
  ["seen_since=2027-09-02T00:00:00", 2, 1],
  ["lgid=1111", 1, 601],
])("%s in version %i leaves %i", async (query, version, total) => {
  const headers = { accept: `application/json;version=${version}` };
  const answer = await askUem(`/API/mdm/devices/search?pagesize=1&${query}`, { headers });
  expect(answer.json()).toMatchObject({ Total: total });
});

test("a date that is none is refused", async () => {
  expect((await search("seensince=yesterday")).status).toBe(400);
});

test("rows come by device id unless told otherwise", async () => {
  expect(idsOf((await search("pagesize=2")).json<Found>())).toEqual([5001, 5002]);
  expect(idsOf((await search("pagesize=2&orderby=lastseen&sortorder=DESC")).json<Found>())).toEqual([5601, 5600]);
});

test("headers are those of a recorded search, with the version asked for", async () => {
  const answer = await askUem("/API/mdm/devices/search?page=9", { headers: { accept: "application/json;version=2" } });
  const sent = Object.fromEntries(Object.keys(SEARCH_HEADERS).map((name) => [name, answer.headers.get(name)]));
  expect(sent).toEqual({
    ...SEARCH_HEADERS,
    "x-ratelimit-remaining": like(/^249\d{3}$/),
    "x-ratelimit-reset": like(/^\d{10}$/),
    "x-correlation-id": like(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
  });
});

test("a version that the route lacks is served by the highest that it has", async () => {
  const answer = await askUem("/API/mdm/devices/5001", { headers: { accept: "application/json;version=2" } });
  expect(answer.status).toBe(200);
  expect([answer.headers.get("x-api-version"), answer.headers.get("api-supported-versions")]).toEqual(["v1", "1"]);
});

test.each(["application/xml", "*/*"])("whoever does not ask for JSON gets XML: %s", async (accept) => {
  const answer = await askUem("/API/mdm/devices/search?pagesize=1", { headers: { accept } });
  expect(answer.headers.get("content-type")).toBe("application/xml; charset=utf-8");
  expect(answer.text).toMatch(/<DeviceSearchResult><Devices><Device>.*<Total>601<\/Total><\/DeviceSearchResult>$/);
});

test("the extensive search shows networks and a flag of compliance, the lite one networks alone", async () => {
  const row = async (path: string) =>
    (await askUem(`/API/mdm/devices/${path}?macaddress=020000000000`)).json<Found>().Devices[0];
  expect(await row("extensivesearch")).toMatchObject({ DeviceNetworkInfo: [expect.anything()], Compliant: false });
  expect(await row("litesearch")).not.toHaveProperty("Compliant");
});

test("the extensive search filters by enrolment and by when the status changed", async () => {
  const total = async (query: string) => (await askUem(`/API/mdm/devices/extensivesearch?${query}`)).status;
  expect(await total("enrollmentstatus=Unenrolled")).toBe(200);
  expect(await total("enrollmentstatus=DeviceWipePending")).toBe(204);
  expect(await total("statuschangeendtime=2000-01-01")).toBe(204);
});
