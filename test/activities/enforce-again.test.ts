import { enforce } from "../../activities/enforce.ts";
import type { CoaOutcome } from "../../domain/coa.ts";
import type { Evidence } from "../../domain/evidence.ts";
import type { OrganizationId } from "../../domain/identifiers.ts";
import type { IdentityKey } from "../../domain/identity.ts";
import { MINUTE_MS, SECOND_MS } from "../../domain/time.ts";
import { resumeEnforcements } from "../../store/enforcements.ts";
import { openSessions } from "../../store/sessions.ts";
import { evidence, MAC, OTHER_MAC } from "../support/domain-values.ts";
import { newId } from "../support/edge-records.ts";
import { authenticate, clientInQuarantine, hold, openBench, timeline } from "./bench.ts";
import type { ActivityBench } from "./bench.ts";
import type { EdgeStandIn } from "./edge-stand-in.ts";

let bench: ActivityBench;
let edge: EdgeStandIn;
let organizationId: OrganizationId;
let identity: IdentityKey;
let revision: number;
/** When the verdict changed: before any step. */
let changedAt: number;

beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

/** A client in quarantine that the MDM has just called compliant. */
beforeEach(async () => {
  ({ edge, organizationId, identity } = await clientInQuarantine(bench));
  changedAt = bench.deps.now();
  revision = await compliant();
});
afterEach(() => edge.stop());

const act = () => enforce(bench.deps, { organizationId, identity, revision });
/** As a look-up that finds nothing new leaves it. */
const compliant = () => hold(bench, organizationId, identity, { status: "compliant", changedAt });
const sentTo = (mac: string) => edge.asked.flatMap(({ session, step }) => (session.mac === mac ? [step] : []));
/** What passes between two wake-ups of the workflow. */
const pass = (ms: number) => (bench.clock.aheadMs += ms);

/** An edge that holds an older verdict lets it in. */
async function backOnTheWrongNetwork(there: Partial<Evidence> = {}): Promise<void> {
  pass(10 * SECOND_MS);
  await hold(bench, organizationId, identity, { status: "unknown", reason: "notEnrolled" });
  await authenticate(bench, organizationId, { at: bench.deps.now() - 5 * SECOND_MS, evidence: there });
  await compliant();
}

test("behaviour 5.6: a failed enforcement begins again after as long as it was tried, and a NAS that is back moves the client", async () => {
  const noAnswer: CoaOutcome = { kind: "noAnswer", attempts: 3 };
  const pauses: number[] = [];
  edge.nas = () => noAnswer;
  for (let round = 1; round <= 4; round++) {
    const standing = await act();
    expect(edge.asked).toHaveLength(2 * round);
    if (standing.kind !== "failed" || standing.pauseMs === undefined) throw new Error(standing.text);
    pass(standing.pauseMs - SECOND_MS);
    expect(await act()).toMatchObject({ kind: "failed", pauseMs: expect.any(Number) as number });
    expect(edge.asked).toHaveLength(2 * round);
    pass(SECOND_MS);
    pauses.push(standing.pauseMs);
  }
  expect(pauses.every((pause) => pause >= 5 * MINUTE_MS && pause <= 121 * MINUTE_MS)).toBe(true);
  expect(pauses[3]).toBeGreaterThan(2 * pauses[0]!);
  edge.nas = () => ({ kind: "acknowledged" });
  await expect(act()).resolves.toMatchObject({ kind: "awaitingReturn" });
  await authenticate(bench, organizationId);
  await expect(act()).resolves.toMatchObject({ kind: "settled", text: "a4:83:e7:11:22:33 is on VLAN 20" });
  expect((await timeline(bench, organizationId)).at(-1)!.type).toBe("NAC_CLIENT_ENFORCED");
});

test("behaviour 5.6: a client that came back wrong from every step is left alone while its device's other session is tried again", async () => {
  const wired = { mac: OTHER_MAC, portType: "wired" } as const;
  await hold(bench, organizationId, identity, { status: "unknown", reason: "notEnrolled" });
  await authenticate(bench, organizationId, { at: Date.now() - MINUTE_MS, evidence: wired });
  revision = await compliant();
  edge.nas = ({ session }) => (session.mac === MAC ? { kind: "acknowledged" } : { kind: "noAnswer", attempts: 3 });
  await act();
  await backOnTheWrongNetwork();
  await act();
  expect(sentTo(MAC)).toEqual(["reauthenticate", "disconnect"]);
  await backOnTheWrongNetwork();
  for (let round = 1; round <= 3; round++) {
    const standing = await act();
    if (standing.kind !== "failed" || standing.pauseMs === undefined) throw new Error(standing.text);
    expect(standing.text).toContain("a4:83:e7:11:22:33 → VLAN 20: all steps were tried");
    expect(sentTo(OTHER_MAC)).toHaveLength(2 * round);
    pass(standing.pauseMs);
    // Each look-up has a new revision, and a workflow that was rebuilt knows no other.
    if (round === 2) revision = await compliant();
  }
  expect(sentTo(MAC)).toEqual(["reauthenticate", "disconnect"]);
  revision = await hold(bench, organizationId, identity, { status: "compliant", reason: "reported" });
  await expect(act()).resolves.toMatchObject({ kind: "awaitingReturn" });
  expect(sentTo(MAC)).toEqual(["reauthenticate", "disconnect", "reauthenticate"]);
});

test("behaviour 5.6: a client that came back wrong is tried again where the NAS did not take the last step", async () => {
  await act();
  await backOnTheWrongNetwork();
  edge.nas = () => ({ kind: "noAnswer", attempts: 3 });
  const standing = await act();
  if (standing.kind !== "failed" || standing.pauseMs === undefined) throw new Error(standing.text);
  pass(standing.pauseMs);
  edge.nas = () => ({ kind: "acknowledged" });
  await expect(act()).resolves.toMatchObject({ kind: "awaitingReturn" });
  expect(sentTo(MAC)).toEqual(["reauthenticate", "disconnect", "reauthenticate"]);
});

test("behaviour 5.6: where the NAS moves a client and its answers are lost, the pause outlasts the sessions that it opens there", async () => {
  edge.nas = () => ({ kind: "noAnswer", attempts: 3 });
  await expect(act()).resolves.toMatchObject({ kind: "failed" });
  await backOnTheWrongNetwork();
  const standing = await act();
  expect(sentTo(MAC)).toHaveLength(2);
  if (standing.kind !== "failed" || standing.pauseMs === undefined) throw new Error(standing.text);
  pass(standing.pauseMs);
  await act();
  expect(sentTo(MAC)).toHaveLength(4);
  const { nas } = evidence();
  await backOnTheWrongNetwork({ nas: { ...nas, nasId: newId() } });
  await act();
  expect(sentTo(MAC)).toHaveLength(6);
});

test("behaviour 5.6: a NAS that speaks RadSec only and connects after the alarm is sent the CoA at once", async () => {
  edge.nas = () => ({ kind: "noPath", text: "the NAS has no connection to an edge now" });
  let standing = await act();
  for (; standing.kind === "awaitingReturn"; standing = await act()) pass(standing.waitMs);
  expect(standing).toMatchObject({ kind: "failed", pauseMs: expect.any(Number) as number });
  edge.nas = () => ({ kind: "acknowledged" });
  const before = edge.asked.length;
  await act();
  expect(edge.asked).toHaveLength(before);
  const [session] = await openSessions(bench.store, organizationId, identity);
  const { nasId } = session!.evidence.nas;
  expect(await resumeEnforcements(bench.store, [nasId], "the NAS is back")).toBeGreaterThanOrEqual(1);
  await expect(act()).resolves.toMatchObject({ kind: "awaitingReturn" });
  expect(sentTo(MAC).slice(before)).toEqual(["reauthenticate"]);
});

test.each<CoaOutcome>([
  { kind: "busy", text: "too many requests to this NAS are unanswered" },
  { kind: "noPath", text: "the NAS has no connection to an edge now" },
  { kind: "refused", errorCause: 506, text: "506 Resources Unavailable" },
])(
  "behaviour 5.6: a return before anything was carried out ($kind) is no reason for a harder step",
  async (outcome) => {
    edge.nas = () => outcome;
    await act();
    await backOnTheWrongNetwork();
    const before = edge.asked.length;
    edge.nas = () => ({ kind: "acknowledged" });
    await expect(act()).resolves.toMatchObject({ kind: "awaitingReturn" });
    await backOnTheWrongNetwork();
    await act();
    expect(sentTo(MAC).slice(before)).toEqual(["reauthenticate", "disconnect"]);
  },
);
