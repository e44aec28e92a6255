import { parseDeviceId } from "../../domain/device-id.ts";
import { identityKey } from "../../domain/identity.ts";
import type { OrganizationId } from "../../domain/identifiers.ts";
import type { AccountingRecord } from "../../domain/record.ts";
import type { Session } from "../../domain/session.ts";
import { findClient } from "../../store/clients.ts";
import { recordBatch } from "../../store/edge-records.ts";
import { beginStep } from "../../store/enforcements.ts";
import { searchEvents } from "../../store/events.ts";
import { completeWish, takeWishes } from "../../store/outbox.ts";
import { endSession, findSession, openSessions } from "../../store/sessions.ts";
import { DEVICE_ID, evidence, MAC, NOW, OTHER_MAC } from "../support/domain-values.ts";
import { accounting, authentication } from "../support/edge-records.ts";
import { newOrganization, openTestStore } from "../support/store.ts";
import type { TestStore } from "../support/store.ts";

const identity = identityKey({ kind: "device", deviceId: parseDeviceId(DEVICE_ID)! });
let store: TestStore;
let organizationId: OrganizationId;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());
beforeEach(async () => {
  organizationId = await newOrganization(store);
});

/** A session accepted at NOW, on the NAS that calls itself `nasIdentifier`. */
async function accept(
  change: { mac?: typeof MAC; nasIdentifier?: string; acctSessionId?: string; at?: number } = {},
): Promise<{ id: Session["id"]; now: () => Promise<Session> }> {
  const { mac = MAC, nasIdentifier = "ap-1", acctSessionId, at = NOW } = change;
  const nas = { ...evidence().nas, nasIdentifier, acctSessionId };
  const record = authentication(organizationId, { at, evidence: { mac, nas } });
  await recordBatch(store, [record]);
  const { id } = record.session!;
  return { id, now: async () => (await findSession(store, organizationId, id))! };
}

const account = (...records: readonly AccountingRecord[]): Promise<void> => recordBatch(store, records);

const statusOf = async (mac = MAC): Promise<string | undefined> =>
  (await findClient(store, organizationId, mac))?.client.lastStatus;

test("accounting finds its session by the id in Class: start, interim, stop", async () => {
  const session = await accept();
  const common = { sessionId: session.id, mac: MAC, acctSessionId: "79933F4D" };
  await account(
    accounting(organizationId, "start", { ...common, at: NOW + 100, framedIpAddress: "10.20.0.7" }),
    accounting(organizationId, "interim", { ...common, at: NOW + 200 }),
  );
  expect(await session.now()).toMatchObject({
    accountingStartedAt: NOW + 100,
    lastSeenAt: NOW + 200,
    acctSessionId: "79933F4D",
    endedAt: undefined,
  });
  expect((await findClient(store, organizationId, MAC))?.client).toMatchObject({
    lastStatus: "session_started",
    clientIp: "10.20.0.7",
    lastSeenAt: NOW + 200,
  });
  await account(accounting(organizationId, "stop", { ...common, at: NOW + 300, terminateCause: "User-Request" }));
  expect(await session.now()).toMatchObject({ endedAt: NOW + 300, endReason: "User-Request" });
  expect(await statusOf()).toBe("session_stopped");
  expect(await openSessions(store, organizationId, identity)).toEqual([]);
});

test("without Class it finds the NAS's newest session of its Acct-Session-Id, and no other NAS's", async () => {
  const old = await accept({ acctSessionId: "1" });
  const session = await accept({ acctSessionId: "1", at: NOW + 10 });
  const elsewhere = await accept({ acctSessionId: "1", nasIdentifier: "ap-2", at: NOW + 20 });
  await account(accounting(organizationId, "stop", { at: NOW + 30, acctSessionId: "1" }));
  expect(await session.now()).toMatchObject({ endedAt: NOW + 30, endReason: "Accounting-Stop" });
  expect(await elsewhere.now()).toMatchObject({ endedAt: undefined });
  expect(await old.now()).toMatchObject({ endedAt: NOW + 10, endReason: "superseded" });
});

test("Accounting-On and -Off end every open session of that NAS and of no other", async () => {
  const sessions = [await accept(), await accept({ mac: OTHER_MAC })];
  const elsewhere = await accept({ nasIdentifier: "ap-2", at: NOW + 1 });
  await account(accounting(organizationId, "on", { at: NOW + 50 }));
  for (const session of sessions) {
    expect(await session.now()).toMatchObject({ endedAt: NOW + 50, endReason: "Accounting-On" });
  }
  expect(await elsewhere.now()).toMatchObject({ endedAt: undefined });
  expect(await statusOf(OTHER_MAC)).toBe("session_stopped");
  expect(await statusOf(MAC)).toBe("permitted");
  await account(accounting(organizationId, "off", { at: NOW + 60, nasIdentifier: "ap-2" }));
  expect(await elsewhere.now()).toMatchObject({ endReason: "Accounting-Off" });
});

test("a session that is accepted, started and stopped within one batch is whole", async () => {
  const record = authentication(organizationId);
  const sessionId = record.session!.id;
  await recordBatch(store, [
    accounting(organizationId, "stop", { at: NOW + 20, sessionId }),
    record,
    accounting(organizationId, "start", { at: NOW + 10, sessionId }),
  ]);
  expect(await findSession(store, organizationId, sessionId)).toMatchObject({
    accountingStartedAt: NOW + 10,
    endedAt: NOW + 20,
  });
});

test("what has ended stays ended, but a NAS's own Stop says why before a supersession does", async () => {
  const first = await accept();
  const second = await accept({ at: NOW + 100 });
  await account(
    accounting(organizationId, "stop", { at: NOW + 90, sessionId: first.id, terminateCause: "Lost-Carrier" }),
  );
  expect(await first.now()).toMatchObject({ endedAt: NOW + 90, endReason: "Lost-Carrier" });
  await account(accounting(organizationId, "interim", { at: NOW + 200, sessionId: first.id }));
  await account(accounting(organizationId, "stop", { at: NOW + 210, sessionId: first.id, terminateCause: "Late" }));
  expect(await first.now()).toMatchObject({ endedAt: NOW + 90, lastSeenAt: NOW + 90, endReason: "Lost-Carrier" });
  expect(await second.now()).toMatchObject({ endedAt: undefined });
  expect(await endSession(store, second.id, NOW + 300, "gone")).toBe(true);
  expect(await endSession(store, second.id, NOW + 400, "again")).toBe(false);
  expect(await second.now()).toMatchObject({ endedAt: NOW + 300, endReason: "gone" });
});

test("the stop at the access point that a client left does not stop the client", async () => {
  const left = await accept();
  const entered = await accept({ nasIdentifier: "ap-2", at: NOW + 10 });
  await account(accounting(organizationId, "start", { at: NOW + 20, sessionId: entered.id, nasIdentifier: "ap-2" }));
  await account(accounting(organizationId, "stop", { at: NOW + 30, sessionId: left.id }));
  expect(await statusOf()).toBe("session_started");
});

test("a stop for a session that nobody knows leaves its event and nothing else", async () => {
  await account(accounting(organizationId, "stop", { at: NOW, mac: MAC, acctSessionId: "unknown" }));
  const { events } = await searchEvents(store, organizationId, { start: 0, end: NOW * 2, limit: 10 });
  expect(events.map(({ type }) => type)).toEqual(["NAC_ACCOUNTING_STOP"]);
  expect(await findClient(store, organizationId, MAC)).toBeUndefined();
});

test("accounting never reaches a session of another organization", async () => {
  const session = await accept({ acctSessionId: "7" });
  const other = await newOrganization(store, "Other");
  await account(
    accounting(other, "stop", { at: NOW + 1, sessionId: session.id }),
    accounting(other, "stop", { at: NOW + 2, acctSessionId: "7" }),
    accounting(other, "on", { at: NOW + 3 }),
  );
  expect(await session.now()).toMatchObject({ endedAt: undefined });
});

test("start and stop wake the workflow while an enforcement is open, interims do not, and a retry wakes it once", async () => {
  const session = await accept();
  await beginStep(store, {
    sessionId: session.id,
    organizationId,
    identity,
    desired: { kind: "reject" },
    revision: 3,
    step: 0,
    stepName: "disconnect",
    sentAt: NOW,
  });
  const changed = async (): Promise<readonly number[]> => {
    const wishes = await takeWishes(store, { limit: 100, leaseMs: 0 });
    const ours = wishes.filter((wish) => wish.organizationId === organizationId && wish.kind === "session_changed");
    return ours.map(({ generation }) => generation);
  };
  await account(accounting(organizationId, "interim", { at: NOW + 1, sessionId: session.id }));
  expect(await changed()).toEqual([]);
  const stop = accounting(organizationId, "stop", { at: NOW + 2, sessionId: session.id });
  await account(stop);
  await account(stop);
  expect(await changed()).toEqual([1]);
  for (const wish of await takeWishes(store, { limit: 100, leaseMs: 0 })) await completeWish(store, wish);
});
