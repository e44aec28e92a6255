import { setTimeout as sleep } from "node:timers/promises";
import { enforce } from "../../activities/enforce.ts";
import type { CoaOutcome } from "../../domain/coa.ts";
import type { OrganizationId } from "../../domain/identifiers.ts";
import type { IdentityKey } from "../../domain/identity.ts";
import { MINUTE_MS, SECOND_MS } from "../../domain/time.ts";
import { recordBatch } from "../../store/edge-records.ts";
import { openEnforcements } from "../../store/enforcements.ts";
import { listRules, updateRule } from "../../store/rules.ts";
import { findSession, openSessions } from "../../store/sessions.ts";
import { MAC, OTHER_MAC } from "../support/domain-values.ts";
import { accounting, newId } from "../support/edge-records.ts";
import { authenticate, clientInQuarantine, EDGE_TOKEN, hold, openBench, timeline, vlanLabel } from "./bench.ts";
import type { ActivityBench } from "./bench.ts";
import { startEdge } from "./edge-stand-in.ts";
import type { EdgeStandIn } from "./edge-stand-in.ts";

let bench: ActivityBench;
let edge: EdgeStandIn;
let organizationId: OrganizationId;
let identity: IdentityKey;
let revision: number;

beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

/** A client in quarantine that the MDM has just called compliant. */
beforeEach(async () => {
  ({ edge, organizationId, identity } = await clientInQuarantine(bench));
  revision = await hold(bench, organizationId, identity, { status: "compliant" });
});
afterEach(() => edge.stop());

const act = () => enforce(bench.deps, { organizationId, identity, revision });
const open = () => openEnforcements(bench.store, organizationId, identity);
const types = async () => (await timeline(bench, organizationId)).map(({ type }) => type);
const steps = () => edge.asked.map(({ step }) => step);
const answerOnce = (...outcomes: CoaOutcome[]) => {
  edge.nas = () => outcomes.shift() ?? { kind: "acknowledged" };
};
/** What passes between two wake-ups of the workflow. */
const pass = (ms: number) => (bench.clock.aheadMs += ms);

test("a client in the wrong VLAN is reauthenticated once, awaited, and told of when it is back", async () => {
  await expect(act()).resolves.toMatchObject({ kind: "awaitingReturn" });
  const [session] = await openSessions(bench.store, organizationId, identity);
  expect(edge.asked).toEqual([
    {
      organizationId,
      nasId: session!.evidence.nas.nasId,
      minimumRevision: revision,
      step: "reauthenticate",
      session: {
        nas: JSON.parse(JSON.stringify(session!.evidence.nas)) as unknown,
        mac: MAC,
        userName: session!.evidence.userName,
        sessionId: session!.id,
      },
    },
  ]);
  await expect(act()).resolves.toMatchObject({ kind: "awaitingReturn" });
  expect(edge.asked).toHaveLength(1);

  await authenticate(bench, organizationId);
  await expect(act()).resolves.toMatchObject({ kind: "settled", text: "a4:83:e7:11:22:33 is on VLAN 20" });
  expect(await open()).toEqual([]);
  expect(await types()).toEqual(["NAC_CLIENT_COA_REAUTH", "NAC_CLIENT_ENFORCED"]);
  await act();
  expect(edge.asked).toHaveLength(1);
  expect(await types()).toHaveLength(2);
});

test("behaviour 11.1: CoA events carry the MDM's fields, who caused it and the sentence", async () => {
  await act();
  const [event] = await timeline(bench, organizationId);
  expect(event).toMatchObject({ type: "NAC_CLIENT_COA_REAUTH", mac: MAC, identity });
  expect(event!.body).toMatchObject({
    mdm_compliance: "compliant",
    pre_mdm_compliance: "unknown",
    coa_source: "mdm",
    text: "CoA reauthenticate acknowledged by the NAS.",
  });
});

test("who is where the verdict wants it gets no CoA", async () => {
  await authenticate(bench, organizationId);
  await expect(act()).resolves.toMatchObject({ kind: "settled" });
  expect(edge.asked).toEqual([]);
});

test("behaviour 7.2: a rule edit alone sends no CoA", async () => {
  await authenticate(bench, organizationId);
  const corp = (await listRules(bench.store, organizationId)).find(({ rule }) => rule.name === "Corp")!.rule;
  const applyLabels = [await vlanLabel(bench.store, organizationId, "30")];
  await updateRule(bench.store, organizationId, corp.id, { ...corp, applyLabels });
  await expect(act()).resolves.toMatchObject({ kind: "settled" });
  expect(edge.asked).toEqual([]);
  // With the next change of verdict the rule as it is now decides.
  revision = await hold(bench, organizationId, identity, { status: "noncompliant" });
  await expect(act()).resolves.toMatchObject({ kind: "awaitingReturn" });
  expect(steps()).toEqual(["reauthenticate"]);
});

test("behaviour 5.1: the first CoA after an Accept waits for that session's Accounting-Start", async () => {
  revision = await hold(bench, organizationId, identity, { status: "noncompliant" });
  const { session } = await authenticate(bench, organizationId);
  revision = await hold(bench, organizationId, identity, { status: "compliant" });
  let startedBefore: number | undefined;
  edge.nas = async ({ session: { sessionId } }) => {
    startedBefore = (await findSession(bench.store, organizationId, sessionId))?.accountingStartedAt;
    return { kind: "acknowledged" };
  };
  const acting = act();
  await sleep(300);
  expect(edge.asked).toEqual([]);
  const at = bench.deps.now();
  await recordBatch(bench.store, [accounting(organizationId, "start", { at, mac: MAC, sessionId: session!.id })]);
  await acting;
  expect(startedBefore).toBe(at);
});

test("behaviour 5.1: without an Accounting-Start the first CoA goes out three seconds after the Accept", async () => {
  await hold(bench, organizationId, identity, { status: "noncompliant" });
  const { session } = await authenticate(bench, organizationId, { at: Date.now() - 2_500 });
  await hold(bench, organizationId, identity, { status: "compliant" });
  let sentAt = 0;
  edge.nas = () => {
    sentAt = bench.deps.now();
    return { kind: "acknowledged" };
  };
  await act();
  expect(sentAt).toBeGreaterThanOrEqual(session!.acceptedAt + 3_000);
});

test("behaviour 5.1: the first CoA names the session as its Accounting-Start did, which came while it waited", async () => {
  await hold(bench, organizationId, identity, { status: "noncompliant" });
  const { session } = await authenticate(bench, organizationId);
  revision = await hold(bench, organizationId, identity, { status: "compliant" });
  const acting = act();
  const at = bench.deps.now();
  const start = { at, mac: MAC, acctSessionId: "from-accounting", sessionId: session!.id };
  await recordBatch(bench.store, [accounting(organizationId, "start", start)]);
  await acting;
  expect(edge.asked.map((asked) => asked.session.acctSessionId)).toEqual(["from-accounting"]);
});

test("a refused reauthentication is followed by a Disconnect at once", async () => {
  answerOnce({ kind: "refused", errorCause: 405, text: "Unsupported Service" });
  await expect(act()).resolves.toMatchObject({ kind: "awaitingReturn" });
  expect(steps()).toEqual(["reauthenticate", "disconnect"]);
  expect(await types()).toEqual(["NAC_CLIENT_COA_FAILED", "NAC_CLIENT_COA_DISCONNECT"]);
});

test("behaviour 5.6: an edge that is too busy, and a NAS without resources, are asked for the same again", async () => {
  const busy = "too many requests to this NAS are unanswered";
  answerOnce(
    { kind: "busy", text: busy },
    { kind: "refused", errorCause: 506, text: "506 Resources Unavailable" },
    { kind: "acknowledged" },
  );
  const first = await act();
  expect(first).toMatchObject({ kind: "awaitingReturn", text: expect.stringContaining(busy) as unknown });
  pass(31 * SECOND_MS);
  const second = await act();
  expect(second).toMatchObject({ kind: "awaitingReturn", text: expect.stringContaining("506") as unknown });
  pass(3 * SECOND_MS);
  await act();
  expect(steps()).toEqual(["reauthenticate", "reauthenticate", "reauthenticate"]);
  expect(await types()).toEqual(["NAC_CLIENT_COA_FAILED", "NAC_CLIENT_COA_REAUTH"]);
});

test("a client that does not come back is disconnected, and one that is gone for good alarms nobody", async () => {
  await act();
  pass(31 * SECOND_MS);
  await expect(act()).resolves.toMatchObject({ kind: "awaitingReturn" });
  expect(steps()).toEqual(["reauthenticate", "disconnect"]);
  pass(31 * SECOND_MS);
  await expect(act()).resolves.toMatchObject({ kind: "settled" });
  expect(await open()).toEqual([]);
  expect(await openSessions(bench.store, organizationId, identity)).toEqual([]);
  expect(await types()).not.toContain("NAC_CLIENT_ENFORCEMENT_FAILED");
});

test("a session that the NAS no longer has ends without an alarm", async () => {
  edge.nas = () => ({ kind: "sessionGone" });
  await expect(act()).resolves.toMatchObject({ kind: "settled" });
  expect(steps()).toEqual(["reauthenticate", "disconnect"]);
  expect(await openSessions(bench.store, organizationId, identity)).toEqual([]);
});

test("when every step failed it says so once, and does not begin again at once", async () => {
  edge.nas = () => ({ kind: "noAnswer", attempts: 3 });
  await expect(act()).resolves.toMatchObject({ kind: "failed" });
  expect(steps()).toEqual(["reauthenticate", "disconnect"]);
  await expect(act()).resolves.toMatchObject({ kind: "failed" });
  expect(edge.asked).toHaveLength(2);
  const events = await timeline(bench, organizationId);
  const failed = events.filter(({ type }) => type === "NAC_CLIENT_ENFORCEMENT_FAILED");
  expect(failed).toHaveLength(1);
  expect(failed[0]!.text).toContain("Still on VLAN 666 instead of VLAN 20.");
  expect(failed[0]!.text).toContain("no answer from the NAS after 3 attempts");
});

test("a client that comes back to the wrong network is disconnected next, and then it is an alarm", async () => {
  const quarantined = async () => {
    // The edge answered on an older verdict.
    await hold(bench, organizationId, identity, { status: "unknown", reason: "notEnrolled" });
    await authenticate(bench, organizationId, { at: bench.deps.now() - 5 * SECOND_MS });
    await hold(bench, organizationId, identity, { status: "compliant" });
  };
  await act();
  pass(10 * SECOND_MS);
  await quarantined();
  await expect(act()).resolves.toMatchObject({ kind: "awaitingReturn" });
  expect(steps()).toEqual(["reauthenticate", "disconnect"]);
  pass(10 * SECOND_MS);
  await quarantined();
  // The NAS did all that it was told: another round would only throw the client off again.
  const standing = await act();
  expect(standing.kind).toBe("failed");
  expect(standing).not.toHaveProperty("pauseMs");
  expect(edge.asked).toHaveLength(2);
  expect(await open()).toEqual([]);
});

/** The client's stay goes on under the Class of its Accept: a Start without an Access-Request, as with cached keys. */
async function goOn(acctSessionId: string): Promise<void> {
  const [{ id: sessionId } = { id: undefined }] = await openSessions(bench.store, organizationId, identity);
  await recordBatch(bench.store, [
    accounting(organizationId, "start", { at: bench.deps.now(), mac: MAC, acctSessionId, sessionId }),
  ]);
}

test("behaviour 5.6: back with the old Class and no Access-Request, a client is disconnected, and has not returned", async () => {
  await goOn("A1");
  await act();
  pass(5 * SECOND_MS);
  await goOn("A2");
  const [continued] = await openSessions(bench.store, organizationId, identity);
  expect(continued).toMatchObject({ origin: "continued" });
  await expect(act()).resolves.toMatchObject({ kind: "awaitingReturn" });
  expect(edge.asked.map(({ step, session }) => [step, session.acctSessionId])).toEqual([
    ["reauthenticate", "A1"],
    ["disconnect", "A2"],
  ]);
  expect(await types()).not.toContain("NAC_CLIENT_ENFORCED");
  await authenticate(bench, organizationId, { at: bench.deps.now() + SECOND_MS });
  pass(2 * SECOND_MS);
  await expect(act()).resolves.toMatchObject({ kind: "settled" });
  expect((await types()).filter((type) => type === "NAC_CLIENT_ENFORCED")).toHaveLength(1);
});

test("a client that goes on where it was, and belongs there again, was not moved", async () => {
  await goOn("A1");
  await act();
  await hold(bench, organizationId, identity, { status: "noncompliant" });
  pass(5 * SECOND_MS);
  await goOn("A2");
  await expect(act()).resolves.toMatchObject({ kind: "settled" });
  expect(await types()).not.toContain("NAC_CLIENT_ENFORCED");
  expect(await open()).toEqual([]);
  expect(steps()).toEqual(["reauthenticate"]);
});

test("an attempt that died with a CoA on its way waits for its proof before it sends again", async () => {
  edge.nas = () => new Promise<never>(() => undefined);
  void act().catch(() => undefined); // its worker is killed: nobody hears the outcome
  while (edge.asked.length === 0) await sleep(20);
  await expect(act()).resolves.toMatchObject({ kind: "awaitingReturn" });
  expect(edge.asked).toHaveLength(1);
  pass(31 * SECOND_MS);
  edge.nas = () => ({ kind: "acknowledged" });
  await act();
  expect(steps()).toEqual(["reauthenticate", "reauthenticate"]);
});

test("while no edge lives nothing is written and nothing lost; another edge sends when the session's own is gone", async () => {
  await edge.stop();
  await expect(act()).resolves.toMatchObject({ kind: "awaitingReturn" });
  expect(await open()).toEqual([]);
  edge = await startEdge(bench.store, newId(), EDGE_TOKEN);
  await act();
  expect(steps()).toEqual(["reauthenticate"]);
});

test("behaviour 5.6: a NAS that speaks RadSec only and comes back to no edge is an alarm after three minutes, in words", async () => {
  edge.nas = () => ({ kind: "noPath", text: "the NAS speaks RadSec only, and has no connection to an edge now" });
  const first = await act();
  expect(first).toMatchObject({ kind: "awaitingReturn", text: expect.stringContaining("RadSec only") as unknown });
  let standing = first;
  while (standing.kind === "awaitingReturn") {
    expect(standing.waitMs).toBeLessThanOrEqual(30 * SECOND_MS);
    pass(standing.waitMs);
    standing = await act();
  }
  expect(standing.kind).toBe("failed");
  expect(bench.clock.aheadMs).toBeGreaterThan(2 * MINUTE_MS);
  expect(bench.clock.aheadMs).toBeLessThanOrEqual(3 * MINUTE_MS);
  const failed = (await timeline(bench, organizationId)).filter(({ type }) => type === "NAC_CLIENT_ENFORCEMENT_FAILED");
  expect(failed).toHaveLength(1);
  expect(failed[0]!.text.match(/not sent: the NAS speaks RadSec only/g)).toHaveLength(1);
});

test("behaviour 5.3: an edge that has not heard of the verdict yet is asked again, by the same step", async () => {
  const other = await startEdge(bench.store, newId(), EDGE_TOKEN);
  try {
    edge.isBehind = true;
    await expect(act()).resolves.toMatchObject({
      kind: "awaitingReturn",
      text: expect.stringContaining("not as new as the verdict") as unknown,
    });
    edge.isBehind = false;
    pass(31 * SECOND_MS);
    await expect(act()).resolves.toMatchObject({ kind: "awaitingReturn" });
    expect(steps()).toEqual(["reauthenticate"]);
    expect(other.asked).toEqual([]);
  } finally {
    await other.stop();
  }
});

test("a client that is to be blocked is disconnected, and has obeyed when its session is over", async () => {
  const rules = await listRules(bench.store, organizationId);
  await authenticate(bench, organizationId, { at: Date.now() - 5 * SECOND_MS });
  const quarantine = rules.find(({ rule }) => rule.name === "Quarantine")!.rule;
  await updateRule(bench.store, organizationId, quarantine.id, { ...quarantine, action: "block", applyLabels: [] });
  revision = await hold(bench, organizationId, identity, { status: "noncompliant" });
  await expect(act()).resolves.toMatchObject({ kind: "awaitingReturn" });
  expect(steps()).toEqual(["disconnect"]);
  const [session] = await openSessions(bench.store, organizationId, identity);
  const at = bench.deps.now();
  await recordBatch(bench.store, [accounting(organizationId, "stop", { at, mac: MAC, sessionId: session!.id })]);
  await expect(act()).resolves.toMatchObject({ kind: "settled" });
  expect(await types()).toContain("NAC_CLIENT_ENFORCED");
});

test("Wi-Fi and Ethernet of one laptop are one identity and two sessions, each moved alone", async () => {
  await hold(bench, organizationId, identity, { status: "unknown", reason: "notEnrolled" });
  await authenticate(bench, organizationId, {
    at: Date.now() - MINUTE_MS,
    evidence: { mac: OTHER_MAC, portType: "wired" },
  });
  await hold(bench, organizationId, identity, { status: "compliant" });
  await act();
  expect(edge.asked.map(({ session }) => session.mac).toSorted()).toEqual([MAC, OTHER_MAC].toSorted());
  await authenticate(bench, organizationId, { evidence: { mac: OTHER_MAC, portType: "wired" } });
  await expect(act()).resolves.toMatchObject({ kind: "awaitingReturn" });
  await authenticate(bench, organizationId);
  await expect(act()).resolves.toMatchObject({ kind: "settled" });
  expect(edge.asked).toHaveLength(2);
});

test("behaviour 1.2: a printer by MAC authentication is not moved by what the MDM says of its MAC", async () => {
  const printer = { mac: OTHER_MAC, authentication: "mab", certificate: undefined } as const;
  const seen = await authenticate(bench, organizationId, { at: Date.now() - MINUTE_MS, evidence: printer });
  await hold(bench, organizationId, seen.identity, { status: "compliant", matchedBy: "mac", matchedMac: OTHER_MAC });
  const input = { organizationId, identity: seen.identity, revision };
  await expect(enforce(bench.deps, input)).resolves.toMatchObject({ kind: "settled" });
  expect(edge.asked).toEqual([]);
});
