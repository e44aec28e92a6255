import type { CoaOutcome } from "../../domain/coa.ts";
import { parseDeviceId } from "../../domain/device-id.ts";
import type { OrganizationId, SessionId } from "../../domain/identifiers.ts";
import { identityKey } from "../../domain/identity.ts";
import { HOUR_MS, MINUTE_MS } from "../../domain/time.ts";
import { recordBatch } from "../../store/edge-records.ts";
import {
  beginStep,
  closeEnforcement,
  finishStep,
  openEnforcements,
  resumeEnforcements,
  stepsSoFar,
} from "../../store/enforcements.ts";
import { takeWishes } from "../../store/outbox.ts";
import { endSession } from "../../store/sessions.ts";
import { DEVICE_ID, nasId, NOW } from "../support/domain-values.ts";
import { authentication } from "../support/edge-records.ts";
import { newOrganization, openTestStore } from "../support/store.ts";
import type { TestStore } from "../support/store.ts";

const identity = identityKey({ kind: "device", deviceId: parseDeviceId(DEVICE_ID)! });
let store: TestStore;
let organizationId: OrganizationId;
let sessionId: SessionId;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());
beforeEach(async () => {
  organizationId = await newOrganization(store);
  const accept = authentication(organizationId);
  await recordBatch(store, [accept]);
  sessionId = accept.session!.id;
});

const intent = (revision: number, step = 0) => ({
  sessionId,
  organizationId,
  identity,
  desired: { kind: "accept", authorization: { vlan: "30" } } as const,
  revision,
  step,
  stepName: step === 0 ? ("reauthenticate" as const) : ("disconnect" as const),
  sentAt: NOW + step,
});

const open = () => openEnforcements(store, organizationId, identity);

test("of an activity's run and its retry one begins the step, and the other finds it", async () => {
  const begun = await Promise.all([beginStep(store, intent(5)), beginStep(store, intent(5))]);
  expect(begun.map(({ kind }) => kind).toSorted()).toEqual(["begun", "existing"]);
  expect(begun[0].step).toEqual(begun[1].step);
  expect(await open()).toEqual([{ ...intent(5), outcome: undefined, closedAt: undefined, result: undefined }]);
});

test("a step keeps how the NAS answered; closing ends all steps, once", async () => {
  await beginStep(store, intent(5));
  await finishStep(store, { sessionId, revision: 5, step: 0 }, { kind: "noAnswer", attempts: 4 });
  await beginStep(store, intent(5, 1));
  await finishStep(store, { sessionId, revision: 5, step: 1 }, { kind: "acknowledged" });
  expect((await open()).map(({ stepName, outcome }) => [stepName, outcome?.kind])).toEqual([
    ["reauthenticate", "noAnswer"],
    ["disconnect", "acknowledged"],
  ]);
  await closeEnforcement(store, sessionId, 5, "enforced");
  await closeEnforcement(store, sessionId, 5, "failed");
  expect(await open()).toEqual([]);
  const { kind, step } = await beginStep(store, intent(5));
  expect([kind, step.result, step.outcome]).toEqual(["existing", "enforced", { kind: "noAnswer", attempts: 4 }]);
});

test("a new decision supersedes the session's open enforcement", async () => {
  await beginStep(store, intent(5));
  await beginStep(store, intent(6));
  expect((await open()).map(({ revision }) => revision)).toEqual([6]);
  expect((await beginStep(store, intent(5))).step.result).toBe("superseded");
  expect((await open()).map(({ revision }) => revision)).toEqual([6]);
});

const noPath: CoaOutcome = { kind: "noPath", text: "no connection" };
const busy: CoaOutcome = { kind: "busy", text: "the NAS does not read from its RadSec connection" };
const noAnswer: CoaOutcome = { kind: "noAnswer", attempts: 3 };
const refused: CoaOutcome = { kind: "refused", errorCause: 405, text: "Unsupported Service" };
const acknowledged: CoaOutcome = { kind: "acknowledged" };

/** Who is told, of this test's organization. */
async function toldAfter(nas: typeof nasId): Promise<readonly string[]> {
  await takeWishes(store, { limit: 100, leaseMs: 60_000 });
  await resumeEnforcements(store, [nas], "the NAS is back");
  const wishes = await takeWishes(store, { limit: 100, leaseMs: 60_000 });
  return wishes.flatMap((wish) => (wish.organizationId === organizationId ? [`${wish.kind} ${wish.subject}`] : []));
}

test.each<[string, CoaOutcome | undefined, "failed" | "open"]>([
  ["waits for a NAS without connection", noPath, "open"],
  ["failed for want of a connection", noPath, "failed"],
  ["waits for a connection that takes more", busy, "open"],
  ["failed for want of room on its connection", busy, "failed"],
  ["failed for want of an answer", noAnswer, "failed"],
  ["failed with nobody left to hear the answer", undefined, "failed"],
])("behaviour 5.6: what %s begins anew when the NAS is back, and the workflow is told", async (_, outcome, state) => {
  const key = { sessionId, revision: 5, step: 0 };
  await beginStep(store, intent(5));
  if (outcome !== undefined) await finishStep(store, key, outcome);
  if (state === "failed") await closeEnforcement(store, sessionId, 5, "failed");
  expect(await toldAfter(nasId)).toEqual([`session_changed ${identity}`]);
  expect(await open()).toEqual([]);
  expect(await stepsSoFar(store, sessionId, 5)).toMatchObject([{ outcome, result: "superseded" }]);
  expect(await toldAfter(nasId)).toEqual([]);
});

test.each<[string, "resumed" | "paused", CoaOutcome | undefined, number]>([
  ["could not be sent just now", "resumed", noPath, 0],
  ["was not answered just now", "paused", noAnswer, 0],
  ["was not answered four minutes ago", "paused", noAnswer, 4],
  ["was not answered six minutes ago", "resumed", noAnswer, 6],
  ["nobody was left to hear of, four minutes ago", "paused", undefined, 4],
  ["nobody was left to hear of, six minutes ago", "resumed", undefined, 6],
])("behaviour 5.6: when its link opens again, what %s is %s", async (_what, state, outcome, minutes) => {
  const sentAt = Date.now() - minutes * MINUTE_MS;
  await beginStep(store, { ...intent(5), sentAt: sentAt - HOUR_MS });
  await finishStep(store, { sessionId, revision: 5, step: 0 }, noAnswer);
  await beginStep(store, { ...intent(5, 1), sentAt });
  if (outcome !== undefined) await finishStep(store, { sessionId, revision: 5, step: 1 }, outcome);
  await closeEnforcement(store, sessionId, 5, "failed");
  expect(await toldAfter(nasId)).toEqual(state === "resumed" ? [`session_changed ${identity}`] : []);
  const results = (await stepsSoFar(store, sessionId, 5)).map(({ result }) => result);
  expect(results).toEqual(Array(2).fill(state === "resumed" ? "superseded" : "failed"));
});

test("behaviour 5.6: a NAS that is back is no news for what it refused, took, may yet answer, or for whoever is gone or elsewhere", async () => {
  const key = { sessionId, revision: 5, step: 0 };
  await beginStep(store, intent(5));
  expect(await toldAfter(nasId)).toEqual([]);
  await finishStep(store, key, acknowledged);
  expect(await toldAfter(nasId)).toEqual([]);
  await finishStep(store, key, refused);
  await closeEnforcement(store, sessionId, 5, "failed");
  expect(await toldAfter(nasId)).toEqual([]);
  // A later verdict's enforcement decides, though an earlier one could not be sent.
  await finishStep(store, key, noPath);
  await beginStep(store, intent(6));
  await finishStep(store, { ...key, revision: 6 }, acknowledged);
  expect(await toldAfter(nasId)).toEqual([]);
  await finishStep(store, { ...key, revision: 6 }, noPath);
  expect(await toldAfter("0198b5a0-0000-7000-8000-00000000beef" as typeof nasId)).toEqual([]);
  await endSession(store, sessionId, NOW, "gone");
  expect(await toldAfter(nasId)).toEqual([]);
  expect((await open()).map(({ revision }) => revision)).toEqual([6]);
});
