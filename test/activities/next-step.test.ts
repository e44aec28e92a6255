import { againAt, ladderFor, moveAfterReturn, nextMove, RETURN_MS } from "../../activities/next-step.ts";
import type { CoaOutcome, CoaStep } from "../../domain/coa.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../domain/time.ts";
import type { EnforcementStep } from "../../store/enforcements.ts";
import { NOW, organizationId } from "../support/domain-values.ts";
import { newId } from "../support/edge-records.ts";

const LADDER = ["reauthenticate", "disconnect"] as const;

function step(stepName: CoaStep, outcome: CoaOutcome | undefined, agoMs = 0): EnforcementStep {
  return {
    sessionId: newId(),
    revision: 7,
    step: 0,
    organizationId,
    identity: undefined,
    desired: { kind: "reject" },
    stepName,
    sentAt: NOW - agoMs,
    outcome,
    closedAt: undefined,
    result: undefined,
  };
}

const LONG_AGO = NOW - HOUR_MS;
const acknowledged: CoaOutcome = { kind: "acknowledged" };
const gone: CoaOutcome = { kind: "sessionGone" };
const refused: CoaOutcome = { kind: "refused", errorCause: 405, text: "Unsupported Service" };
const notSent: CoaOutcome = { kind: "notSent", text: "not in the profile" };

test.each([
  ["nothing was tried", [], { kind: "send", step: "reauthenticate" }],
  [
    "the client may be on its way back",
    [step("reauthenticate", acknowledged, 10_000)],
    { kind: "wait", waitMs: 20_000 },
  ],
  ["it stayed away", [step("reauthenticate", acknowledged, RETURN_MS)], { kind: "send", step: "disconnect" }],
  ["a step was refused", [step("reauthenticate", refused)], { kind: "send", step: "disconnect" }],
  ["a step is not in the profile", [step("reauthenticate", notSent)], { kind: "send", step: "disconnect" }],
  ["the NAS lost the session", [step("reauthenticate", gone)], { kind: "send", step: "disconnect" }],
  ["it is gone for good", [step("disconnect", gone)], { kind: "gone" }],
  ["it was disconnected and stays away", [step("disconnect", acknowledged, RETURN_MS)], { kind: "gone" }],
  ["the last step was refused", [step("disconnect", refused)], { kind: "exhausted" }],
  ["an answer may still come", [step("reauthenticate", undefined, 1_000)], { kind: "wait", waitMs: 29_000 }],
  ["an answer was lost", [step("reauthenticate", undefined, RETURN_MS)], { kind: "send", step: "reauthenticate" }],
] as const)("when %s", (_when, steps, move) => {
  expect(nextMove(steps, LADDER, NOW, LONG_AGO)).toEqual(move);
});

const silent: CoaOutcome = { kind: "noAnswer", attempts: 3 };
const waits: CoaOutcome = { kind: "atReauthentication", text: "takes no CoA" };
test.each([
  [
    "five minutes, where it was short",
    [step("reauthenticate", silent, 45_000), step("disconnect", silent, RETURN_MS)],
    5,
  ],
  ["as long as it was tried", [step("reauthenticate", silent, HOUR_MS), step("disconnect", silent, RETURN_MS)], 60],
  [
    "two hours, where it was long",
    [step("reauthenticate", silent, 9 * HOUR_MS), step("disconnect", silent, RETURN_MS)],
    120,
  ],
  [
    "as long as a session takes to time out, where it waited for that",
    [step("reauthenticate", waits, 35 * MINUTE_MS)],
    35,
  ],
] as const)("behaviour 5.6: what has failed now begins again after %s", (_, steps, minutes) => {
  expect(againAt(steps) - NOW).toBe(minutes * MINUTE_MS);
});

test("behaviour 5.2: within 30 s of the Accept a missing session is not yet there: asked again after 3, 6, 12 and 24 s", () => {
  const acceptedAt = NOW - 15 * SECOND_MS;
  const sent = (...agosMs: number[]) => agosMs.map((agoMs) => step("disconnect", gone, agoMs));
  const next = (steps: readonly EnforcementStep[]) => nextMove(steps, LADDER, NOW, acceptedAt);
  expect(next(sent(1_000))).toEqual({ kind: "wait", waitMs: 2_000 });
  expect(next(sent(3_000))).toEqual({ kind: "send", step: "disconnect" });
  expect(next(sent(4_000, 1_000))).toEqual({ kind: "wait", waitMs: 5_000 });
  expect(next(sent(10_000, 7_000, 1_000))).toEqual({ kind: "wait", waitMs: 11_000 });
  expect(next(sent(14_000, 11_000, 5_000, 1_000))).toEqual({ kind: "wait", waitMs: 23_000 });
});

test("behaviour 5.2: asked later than that, a missing session is gone", () => {
  const steps = [step("disconnect", gone, 20_000), step("disconnect", gone, 1_000)];
  expect(nextMove(steps, LADDER, NOW, NOW - 32 * SECOND_MS)).toEqual({ kind: "gone" });
});

test("behaviour 5.2: a NAS without resources is asked for the same after 3, 6, 12 and 24 s, then for the next step", () => {
  const full: CoaOutcome = { kind: "refused", errorCause: 506, text: "506 Resources Unavailable" };
  const next = (...agosMs: number[]) =>
    nextMove(
      agosMs.map((agoMs) => step("reauthenticate", full, agoMs)),
      LADDER,
      NOW,
      LONG_AGO,
    );
  const again = { kind: "send", step: "reauthenticate" };
  expect(next(1_000)).toEqual({ kind: "wait", waitMs: 2_000 });
  expect(next(3_000)).toEqual(again);
  expect(next(4_000, 1_000)).toEqual({ kind: "wait", waitMs: 5_000 });
  expect(next(21_000, 18_000, 12_000)).toEqual(again);
  expect(next(45_000, 42_000, 36_000, 24_000)).toEqual(again);
  expect(next(46_000, 43_000, 37_000, 25_000, 1_000)).toEqual({ kind: "send", step: "disconnect" });
});

test("behaviour 5.6: what the edge could not carry out is no reason for a harder step: the same again, and then it is an alarm", () => {
  const busy: CoaOutcome = { kind: "busy", text: "too many requests to this NAS are unanswered" };
  const after = (steps: number, agoMs: number) =>
    nextMove(
      Array.from({ length: steps }, (_, at) => step("reauthenticate", busy, agoMs + (steps - 1 - at) * RETURN_MS)),
      LADDER,
      NOW,
      LONG_AGO,
    );
  expect(after(1, 10_000)).toEqual({ kind: "wait", waitMs: 20_000 });
  expect(after(1, RETURN_MS)).toEqual({ kind: "send", step: "reauthenticate" });
  expect(after(6, RETURN_MS)).toEqual({ kind: "exhausted" });
});

test("behaviour 5.8: where CoA cannot move it, a client has until its session has timed out", () => {
  const waits: CoaOutcome = { kind: "atReauthentication", text: "the NAS takes no CoA" };
  const after = (agoMs: number) => nextMove([step("reauthenticate", waits, agoMs)], LADDER, NOW, LONG_AGO);
  expect(after(MINUTE_MS)).toEqual({ kind: "wait", waitMs: 34 * MINUTE_MS });
  expect(after(35 * MINUTE_MS)).toEqual({ kind: "exhausted" });
});

test("behaviour 5.6: a NAS without connection is asked again for three minutes, and then it is an alarm", () => {
  const noPath: CoaOutcome = { kind: "noPath", text: "the NAS has no connection" };
  const after = (steps: number, agoMs: number) =>
    nextMove(
      Array.from({ length: steps }, (_, at) => step("reauthenticate", noPath, agoMs + (steps - 1 - at) * RETURN_MS)),
      LADDER,
      NOW,
      LONG_AGO,
    );
  expect(after(1, 1_000)).toEqual({ kind: "wait", waitMs: RETURN_MS - 1_000 });
  expect(after(1, RETURN_MS)).toEqual({ kind: "send", step: "reauthenticate" });
  expect(after(6, 1_000)).toEqual({ kind: "wait", waitMs: RETURN_MS - 1_000 });
  expect(after(6, RETURN_MS)).toEqual({ kind: "exhausted" });
});

test("answers that are always lost end in an alarm, not in a loop", () => {
  const lost = Array.from({ length: 6 }, () => step("reauthenticate", undefined, RETURN_MS));
  expect(nextMove(lost, LADDER, NOW, LONG_AGO)).toEqual({ kind: "exhausted" });
});

test("a client that is back on the wrong network is not waited for", () => {
  expect(moveAfterReturn([step("reauthenticate", acknowledged)], LADDER)).toEqual({ kind: "send", step: "disconnect" });
  expect(moveAfterReturn([step("disconnect", acknowledged)], LADDER)).toEqual({ kind: "exhausted" });
});

test.each<CoaOutcome>([
  { kind: "busy", text: "too many requests to this NAS are unanswered" },
  { kind: "noPath", text: "the NAS has no connection" },
  { kind: "refused", errorCause: 506, text: "506 Resources Unavailable" },
])(
  "a step that was not carried out ($kind) is still to be, where the client is back on the wrong network",
  (outcome) => {
    const waited = [step("disconnect", outcome, RETURN_MS), step("disconnect", outcome)];
    expect(moveAfterReturn(waited, ["disconnect"])).toEqual({ kind: "send", step: "disconnect" });
    const before = [step("reauthenticate", refused), ...waited];
    expect(moveAfterReturn(before, LADDER)).toEqual({ kind: "send", step: "disconnect" });
  },
);

test("who is to be blocked is disconnected, whatever the organization prefers", () => {
  expect(ladderFor({ kind: "reject" }, "reauth")).toEqual(["disconnect"]);
  expect(ladderFor({ kind: "accept", authorization: {} }, "reauth")).toEqual(LADDER);
  expect(ladderFor({ kind: "accept", authorization: {} }, "disconnect")).toEqual(["disconnect"]);
});
