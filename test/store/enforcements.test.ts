import { parseDeviceId } from "../../domain/device-id.ts";
import type { OrganizationId, SessionId } from "../../domain/identifiers.ts";
import { identityKey } from "../../domain/identity.ts";
import { recordBatch } from "../../store/edge-records.ts";
import { beginStep, closeEnforcement, finishStep, openEnforcements } from "../../store/enforcements.ts";
import { DEVICE_ID, NOW } from "../support/domain-values.ts";
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
