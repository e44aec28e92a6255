import { sendCoa } from "../../activities/send-coa.ts";
import type { OrganizationId } from "../../domain/identifiers.ts";
import { MINUTE_MS } from "../../domain/time.ts";
import { MAC } from "../support/domain-values.ts";
import { edgeId } from "../support/edge-records.ts";
import { authenticate, EDGE_TOKEN, newTenant, occurrence, openBench, timeline } from "./bench.ts";
import type { ActivityBench } from "./bench.ts";
import { startEdge } from "./edge-stand-in.ts";
import type { EdgeStandIn } from "./edge-stand-in.ts";

let bench: ActivityBench;
let edge: EdgeStandIn;
let organizationId: OrganizationId;

beforeAll(async () => {
  bench = await openBench();
  edge = await startEdge(bench.store, edgeId, EDGE_TOKEN);
});
afterAll(async () => {
  await edge.stop();
  await bench.close();
});
beforeEach(async () => {
  edge.asked.length = 0;
  edge.nas = () => ({ kind: "acknowledged" });
  organizationId = await newTenant(bench.store);
});

const source = "token of Anna";
const send = (coaType: "reauth" | "disconnect", at = occurrence()) =>
  sendCoa(bench.deps, { organizationId, mac: MAC, coaType, source }, at);

test.each([
  ["reauth", "reauthenticate", "NAC_CLIENT_COA_REAUTH"],
  ["disconnect", "disconnect", "NAC_CLIENT_COA_DISCONNECT"],
] as const)("behaviour 11.1: a %s that a person asked for names the person", async (coaType, step, type) => {
  await authenticate(bench, organizationId, { at: Date.now() - MINUTE_MS });
  const at = occurrence();
  await expect(send(coaType, at)).resolves.toEqual({
    text: expect.stringContaining("acknowledged by the NAS") as string,
  });
  expect(edge.asked.map((asked) => asked.step)).toEqual([step]);
  await send(coaType, at);
  const events = await timeline(bench, organizationId);
  expect(events).toHaveLength(1);
  expect(events[0]).toMatchObject({ type, mac: MAC, body: { coa_source: source, mdm_compliance: "unknown" } });
});

test("a CoA that the NAS refuses is told as failed, with its reason", async () => {
  await authenticate(bench, organizationId, { at: Date.now() - MINUTE_MS });
  edge.nas = () => ({ kind: "refused", errorCause: 405, text: "Unsupported Service" });
  await send("reauth");
  const [event] = await timeline(bench, organizationId);
  expect(event).toMatchObject({ type: "NAC_CLIENT_COA_FAILED" });
  expect(event!.text).toContain("Unsupported Service");
});

test("a client without a session gets no CoA", async () => {
  await expect(send("reauth")).resolves.toEqual({ text: "a4:83:e7:11:22:33 has no open session." });
  expect(edge.asked).toEqual([]);
});

test("an edge that does not know our token sends nothing, and the event says so", async () => {
  await authenticate(bench, organizationId, { at: Date.now() - MINUTE_MS });
  const other = await startEdge(bench.store, edgeId, "another token");
  try {
    await expect(send("reauth")).resolves.toEqual({ text: expect.stringContaining("answered 401") as string });
    expect(other.asked).toEqual([]);
  } finally {
    await other.stop();
  }
});
