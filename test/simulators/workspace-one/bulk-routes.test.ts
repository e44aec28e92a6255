import { startWorkspaceOne, type WorkspaceOneSimulator } from "../../../simulators/workspace-one/simulator.ts";
import { type Ask, CREDENTIALS, signIn } from "../asking.ts";
import { holding } from "../shape.ts";

const DEVICES = [
  { kind: "mac", udid: "AAAA", macAddress: "A483E7112233" },
  { kind: "iphone", udid: "BBBB", macAddress: "C48466927800" },
] as const;

let uem: WorkspaceOneSimulator;
let askUem: Ask;
const bulk = (searchBy: string, Value: readonly string[]) =>
  askUem(`/API/mdm/devices?searchby=${searchBy}`, { json: { BulkValues: { Value } } });

beforeEach(async () => {
  uem = await startWorkspaceOne({ ...CREDENTIALS, devices: DEVICES });
  askUem = await signIn(uem);
});
afterEach(() => uem.stop());

test("a bulk read answers with those found and says nothing of the others", async () => {
  const answer = await bulk("Udid", ["aaaa", "CCCC", "BBBB"]);
  expect(answer.json()).toMatchObject({ Devices: [{ Udid: "AAAA" }, { Udid: "BBBB" }], Total: 2 });
  expect((await bulk("Macaddress", ["C48466927800"])).json()).toMatchObject({ Devices: [{ Udid: "BBBB" }] });
});

test("the list may be spelt small, and ids have a path of their own", async () => {
  const answer = await askUem("/API/mdm/devices/id", { json: { BulkValues: { value: ["5002"] } } });
  expect(answer.json()).toMatchObject({ Devices: [{ Udid: "BBBB" }] });
});

test("nothing found is an empty list or 404, as the tenant has it", async () => {
  expect((await bulk("Udid", ["CCCC"])).json()).toMatchObject({ Devices: [], Total: 0 });
  uem.tenant.configure({ bulkNotFound: 404 });
  expect((await bulk("Udid", ["CCCC"])).status).toBe(404);
});

test("a list too long, a body without a list and an unknown id are refused", async () => {
  uem.tenant.configure({ bulkMaximum: 2 });
  expect((await bulk("Udid", ["A", "B", "C"])).status).toBe(400);
  expect((await bulk("Colour", ["A"])).status).toBe(400);
  expect((await askUem("/API/mdm/devices?searchby=Udid", { json: { Value: ["A"] } })).status).toBe(400);
});

test("the endpoint that deletes is refused loudly, and deletes nothing", async () => {
  // jest gives tests a process object of their own, on which the real one's warnings never arrive: listen at the source.
  const warn = jest.spyOn(process, "emitWarning").mockImplementation(() => undefined);
  const answer = await askUem("/API/mdm/devices/bulk?searchby=Udid", { json: { BulkValues: { Value: ["AAAA"] } } });
  expect([answer.status, answer.json()["message"]]).toEqual([403, holding("DELETES")]);
  expect(warn).toHaveBeenCalledWith(holding("DELETES"), "PortcullisSimulatorWarning");
  warn.mockRestore();
  expect(uem.tenant.devices.all).toHaveLength(2);
});
