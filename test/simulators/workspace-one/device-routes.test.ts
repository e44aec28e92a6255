import { startWorkspaceOne, type WorkspaceOneSimulator } from "../../../simulators/workspace-one/simulator.ts";
import { type Ask, ask, CREDENTIALS, signIn } from "../asking.ts";
import { common, like, shapeOf } from "../shape.ts";
import { BY_UUID, ERRORS, SEARCH_ROW } from "./captured.ts";

const MAC = {
  kind: "mac",
  udid: "D20E0F3D66AF4B92B31E1DA394DF1E88",
  serialNumber: "C02EXAMPLE01",
  macAddress: "a4:83:e7:11:22:33",
  altMacAddress: "A483E7112244",
  compliance: "compliant",
} as const;

let uem: WorkspaceOneSimulator;
let askUem: Ask;

beforeAll(async () => {
  uem = await startWorkspaceOne({ ...CREDENTIALS, devices: [MAC] });
  askUem = await signIn(uem);
});
afterAll(() => uem.stop());
beforeEach(() => uem.tenant.configure({ requireTenantCode: null }));

test.each([
  "/API/mdm/devices?searchby=Udid&id=D20E0F3D66AF4B92B31E1DA394DF1E88",
  "/api/mdm/devices?searchBy=udid&ID=d20e0f3d66af4b92b31e1da394df1e88",
  "/API/mdm/devices?searchby=Macaddress&id=A483E7112233",
  "/API/mdm/devices?searchby=macaddress&id=a483e7112233",
  "/API/mdm/devices?searchby=Serialnumber&id=C02EXAMPLE01",
  "/API/mdm/devices?searchby=DeviceId&id=5001",
  "/API/mdm/devices/5001",
  "/API/mdm/devices/udid/D20E0F3D66AF4B92B31E1DA394DF1E88",
  "/api/v1/mdm/devices/5001",
])("one device is found at %s", async (path) => {
  const answer = await askUem(path);
  expect(answer.status).toBe(200);
  expect(answer.json()).toMatchObject({
    Udid: MAC.udid,
    MacAddress: "A483E7112233",
    EnrollmentStatus: "Enrolled",
    ComplianceStatus: "Compliant",
    Id: { Value: 5001 },
  });
});

test("the record has the fields and kinds of a captured one, and both networks with colons", async () => {
  const record = (await askUem("/API/mdm/devices/5001")).json();
  const { DeviceNetworkInfo: networks, ...fields } = record;
  expect(shapeOf(fields)).toEqual(shapeOf(SEARCH_ROW));
  expect(networks).toMatchObject([{ MACAddress: "A4:83:E7:11:22:33" }, { MACAddress: "A4:83:E7:11:22:44" }]);
});

test("instants carry no zone, and never is the zero date", async () => {
  uem.tenant.devices.add({ kind: "ipad", serialNumber: "NEW", seenAt: Date.UTC(2026, 0, 2, 3, 4, 5, 60) });
  const record = (await askUem("/API/mdm/devices?searchby=Serialnumber&id=NEW")).json();
  expect(record).toMatchObject({
    LastSeen: "2026-01-02T03:04:05.060",
    LastComplianceCheckOn: "0001-01-01T00:00:00.000",
    MacAddress: "",
  });
});

test("an unknown compromise leaves its key out", async () => {
  const { id } = uem.tenant.devices.add({ kind: "android", compromised: undefined });
  expect((await askUem(`/API/mdm/devices/${id}`)).json()).not.toHaveProperty("CompromisedStatus");
});

test("an address with colons finds nothing: UEM stores bare ones", async () => {
  expect((await askUem("/API/mdm/devices?searchby=Macaddress&id=A4:83:E7:11:22:33")).status).toBe(404);
});

test("by UUID the record is another one, with a boolean for compliance", async () => {
  const { uuid } = uem.tenant.devices.matching(MAC.udid)[0]!;
  const answer = await askUem(`/API/mdm/devices/${uuid}`);
  expect(shapeOf(common(BY_UUID, answer.json()))).toEqual(shapeOf(answer.json()));
  expect(answer.json()).toMatchObject({ uuid, enrollmentInfo: { compliant: true, enrollmentStatus: "ENROLLED" } });
  expect(answer.headers.get("x-api-version")).toBe("v2");
});

test.each(["/API/mdm/devices?searchby=Udid&id=FFFF", "/API/mdm/devices/1", "/API/mdm/devices/udid/FFFF"])(
  "no such device is 404 with code 5061: %s",
  async (path) => {
    const answer = await askUem(path);
    expect(answer.status).toBe(ERRORS[2].status);
    expect(answer.json()).toEqual({ ...ERRORS[2].body, activityId: like(/^[0-9a-f-]{36}$/) });
  },
);

test.each(["/API/mdm/devices/not-an-id", "/API/nothing/here"])(
  "a malformed id or route is a page: %s",
  async (path) => {
    const answer = await askUem(path);
    expect([answer.status, answer.headers.get("content-type")]).toEqual([404, "text/html"]);
  },
);

test("a single read of duplicate records gives the newest", async () => {
  const { id } = uem.tenant.devices.duplicate(MAC.udid, { enrollment: "unenrolled" });
  const record = (await askUem(`/API/mdm/devices?searchby=Udid&id=${MAC.udid}`)).json();
  expect(record).toMatchObject({ Id: { Value: id }, EnrollmentStatus: "Unenrolled" });
  uem.tenant.devices.remove(String(record["Uuid"]));
});

test("without a token, 401 with code 1005", async () => {
  const answer = await ask(uem.url, "/API/mdm/devices/5001", { headers: { accept: "application/json" } });
  expect([answer.status, answer.json()["errorCode"]]).toEqual([ERRORS[0].status, ERRORS[0].body.errorCode]);
});

test("a tenant code, where required: missing 401 with 1005, wrong 403 with 1013, right 200", async () => {
  uem.tenant.configure({ requireTenantCode: "KEY" });
  const withCode = (code: string) => askUem("/API/mdm/devices/5001", { headers: { "aw-tenant-code": code } });
  expect((await askUem("/API/mdm/devices/5001")).json()).toMatchObject({ errorCode: 1005 });
  const wrong = await withCode("XYZ");
  expect([wrong.status, wrong.json()]).toEqual([ERRORS[1].status, expect.objectContaining(ERRORS[1].body)]);
  expect((await withCode("KEY")).status).toBe(200);
});

test.each([
  ["compliance", "/compliance", { DeviceCompliance: [{ CompliantStatus: true, ActionTaken: [] }], Total: 1 }],
  ["networks", "/network", { WifiInfo: { WifiMacAddress: "A4:83:E7:11:22:33" } }],
])("its %s in detail", async (_what, path, expected) => {
  expect((await askUem(`/API/mdm/devices/5001${path}`)).json()).toMatchObject(expected);
});

test("compliance in detail is found by other ids too, and the connection test names the product", async () => {
  const detail = await askUem(`/API/mdm/devices/compliance?searchby=Udid&id=${MAC.udid}`);
  expect(detail.json()).toMatchObject({ DeviceCompliance: [{ CompliantStatus: true }] });
  expect((await askUem("/API/system/info")).json()).toMatchObject({ ProductName: "Workspace ONE UEM" });
});
