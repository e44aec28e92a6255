import { setTimeout as sleep } from "node:timers/promises";
import { sendCoa } from "../../activities/send-coa.ts";
import type { OrganizationId } from "../../domain/identifiers.ts";
import { MINUTE_MS } from "../../domain/time.ts";
import { recordBatch } from "../../store/edge-records.ts";
import { endSession } from "../../store/sessions.ts";
import { MAC } from "../support/domain-values.ts";
import { accounting, edgeId, newId } from "../support/edge-records.ts";
import { authenticate, EDGE_TOKEN, newTenant, occurrence, openBench, timeline } from "./bench.ts";
import type { ActivityBench } from "./bench.ts";
import { startEdge } from "./edge-stand-in.ts";
import type { EdgeStandIn } from "./edge-stand-in.ts";

let bench: ActivityBench;
let edge: EdgeStandIn;
let organizationId: OrganizationId;

beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());
beforeEach(async () => {
  edge = await startEdge(bench.store, edgeId, EDGE_TOKEN);
  organizationId = await newTenant(bench.store);
});
afterEach(() => edge.stop());

/** An attempt has it in all (workflows/ports.ts). */
const ATTEMPT_MS = 2 * MINUTE_MS;
/** For so long an edge may keep a worker waiting (activities/edge-port.ts). */
const LONGEST_ANSWER_MS = 25_000;

const source = "token of Anna";
const send = (coaType: "reauth" | "disconnect", at = occurrence()) =>
  sendCoa(bench.deps, { organizationId, mac: MAC, coaType, source }, at, new AbortController().signal);

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

test("behaviour 5.1: what a person asks for right after an Accept waits for that session's Accounting-Start as well", async () => {
  const { session } = await authenticate(bench, organizationId);
  const sending = send("reauth");
  await sleep(300);
  expect(edge.asked).toEqual([]);
  const start = { at: Date.now(), mac: MAC, acctSessionId: "from-accounting", sessionId: session!.id };
  await recordBatch(bench.store, [accounting(organizationId, "start", start)]);
  await sending;
  expect(edge.asked.map((asked) => asked.session.acctSessionId)).toEqual(["from-accounting"]);
});

test.each([
  ["does not have the session yet", 10_000, { kind: "sessionGone" }],
  ["has no resources now", MINUTE_MS, { kind: "refused", errorCause: 506, text: "506 Resources Unavailable" }],
] as const)("behaviour 5.2: a NAS that %s is asked again, for a person too", async (_what, agoMs, outcome) => {
  await authenticate(bench, organizationId, { at: Date.now() - agoMs });
  edge.nas = () => (edge.asked.length === 1 ? outcome : { kind: "acknowledged" });
  await send("disconnect");
  expect(edge.asked).toHaveLength(2);
  expect((await timeline(bench, organizationId)).map(({ type }) => type)).toEqual(["NAC_CLIENT_COA_DISCONNECT"]);
});

test("behaviour 5.2: a NAS that does not have the session is not asked again once that has ended, or long after the Accept", async () => {
  const { session } = await authenticate(bench, organizationId, { at: Date.now() - 10_000 });
  edge.nas = async () => {
    await endSession(bench.store, session!.id, Date.now(), "gone");
    return { kind: "sessionGone" };
  };
  const gone = { text: "CoA reauthenticate the NAS no longer has the session." };
  await expect(send("reauth")).resolves.toEqual(gone);
  await authenticate(bench, organizationId, { at: Date.now() - MINUTE_MS });
  edge.nas = () => ({ kind: "sessionGone" });
  await expect(send("reauth")).resolves.toEqual(gone);
  expect(edge.asked).toHaveLength(2);
});

test.each([
  ["NAS without resources", { kind: "refused", errorCause: 506, text: "506 Resources Unavailable" }],
  ["edge without room", { kind: "busy", text: "too many requests to this NAS are unanswered" }],
] as const)("a slow %s is not asked anew where the attempt might not outlive the answer", async (_who, outcome) => {
  await authenticate(bench, organizationId, { at: Date.now() - MINUTE_MS });
  const begun = bench.deps.now();
  const askedMs: number[] = [];
  edge.nas = () => {
    askedMs.push(bench.deps.now() - begun);
    bench.clock.aheadMs += LONGEST_ANSWER_MS;
    return outcome;
  };
  try {
    await send("disconnect");
  } finally {
    bench.clock.aheadMs = 0;
  }
  expect(askedMs.length).toBeGreaterThan(1);
  expect(Math.max(...askedMs)).toBeLessThan(ATTEMPT_MS - LONGEST_ANSWER_MS);
  expect(await timeline(bench, organizationId)).toHaveLength(1);
});

test("an edge that is too busy is asked again before a person is told", async () => {
  await authenticate(bench, organizationId, { at: Date.now() - MINUTE_MS });
  edge.nas = () =>
    edge.asked.length === 1 ? { kind: "busy", text: "the edge is stopping" } : { kind: "acknowledged" };
  await send("reauth");
  expect((await timeline(bench, organizationId)).map(({ type }) => type)).toEqual(["NAC_CLIENT_COA_REAUTH"]);
});

test("where an edge dies with the order in its hands, no other sends it as well, and the event says that nobody answered", async () => {
  await authenticate(bench, organizationId, { at: Date.now() - MINUTE_MS });
  const other = await startEdge(bench.store, newId(), EDGE_TOKEN);
  edge.dies = true;
  try {
    await expect(send("reauth")).resolves.toEqual({ text: expect.stringContaining("no answer") as string });
    expect([edge.asked.length, other.asked.length]).toEqual([1, 0]);
  } finally {
    await other.stop();
  }
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
