import { parseDeviceId } from "../../domain/device-id.ts";
import { identityKey } from "../../domain/identity.ts";
import type { OrganizationId } from "../../domain/identifiers.ts";
import type { AccountingRecord } from "../../domain/record.ts";
import type { AccountingKind, Session } from "../../domain/session.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../domain/time.ts";
import { findClient } from "../../store/clients.ts";
import { recordBatch } from "../../store/edge-records.ts";
import { beginStep } from "../../store/enforcements.ts";
import { isInUse } from "../../store/identities-in-use.ts";
import { takeWishes } from "../../store/outbox.ts";
import { findSession, openSessions, openSessionsOfMac } from "../../store/sessions.ts";
import { DEVICE_ID, evidence, MAC, NOW, OTHER_MAC } from "../support/domain-values.ts";
import { accounting, authentication, newId } from "../support/edge-records.ts";
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

async function accept(
  at: number,
  change: { mac?: typeof MAC; acctSessionId?: string; nasIdentifier?: string | undefined; nasIpAddress?: string } = {},
): Promise<Session["id"]> {
  const { mac = MAC, ...named } = change;
  const record = authentication(organizationId, { at, evidence: { mac, nas: { ...evidence().nas, ...named } } });
  await recordBatch(store, [record]);
  return record.session!.id;
}

type Told = Parameters<typeof accounting>[2];
const said = (kind: AccountingKind, told: Told): AccountingRecord =>
  accounting(organizationId, kind, { mac: MAC, acctSessionId: "A1", ...told });
const account = (kind: AccountingKind, told: Told): Promise<void> => recordBatch(store, [said(kind, told)]);
const session = async (id: Session["id"]): Promise<Session> => (await findSession(store, organizationId, id))!;
const openOf = (mac = MAC): Promise<readonly Session[]> => openSessionsOfMac(store, organizationId, mac);
const sessions = async (): Promise<number> => {
  const all = store.db.selectFrom("sessions").select("id").where("organization_id", "=", organizationId);
  return (await all.execute()).length;
};

test.each([
  ["Start", "start", NOW, NOW],
  ["Interim", "interim", NOW, NOW - 10 * MINUTE_MS],
] as const)("behaviour 9.1: %s without an Accept of ours opens an unverified session", async (_, kind, at, beganAt) => {
  await account(kind, { at, beganAt, framedIpAddress: "10.20.0.9" });
  await account("interim", { at: at + 10 * MINUTE_MS, beganAt });
  const open = await openOf();
  expect(open).toMatchObject([
    {
      origin: "unverified",
      identity: undefined,
      acctSessionId: "A1",
      acceptedAt: beganAt,
      accountingStartedAt: at,
      lastSeenAt: at + 10 * MINUTE_MS,
      applied: { kind: "accept", authorization: {} },
      evidence: { authentication: "mab", mac: MAC, nas: { nasIdentifier: "ap-1" } },
    },
  ]);
  expect(await openSessions(store, organizationId, identity)).toEqual([]);
  await account("stop", { at: at + 20 * MINUTE_MS, beganAt, terminateCause: "User-Request" });
  expect(await session(open[0]!.id)).toMatchObject({ endReason: "User-Request" });
});

test("behaviour 9.1: an unverified session shows on a client that is known, and makes none that is not", async () => {
  await account("start", { at: NOW, mac: OTHER_MAC });
  expect(await findClient(store, organizationId, OTHER_MAC)).toBeUndefined();
  const accepted = await accept(NOW, { acctSessionId: "A0" });
  await account("stop", { at: NOW + HOUR_MS, sessionId: accepted, acctSessionId: "A0" });
  await account("start", { at: NOW + 2 * HOUR_MS });
  const found = await findClient(store, organizationId, MAC);
  expect(found?.sessions.map(({ origin }) => origin)).toEqual(["unverified"]);
  expect(found?.client.lastStatus).toBe("session_started");
});

test("behaviour 9.1: the client's next Accept there takes an unverified session's place", async () => {
  await account("start", { at: NOW });
  const accepted = await accept(NOW + MINUTE_MS);
  expect((await openOf()).map(({ id, origin }) => [id, origin])).toEqual([[accepted, "accepted"]]);
});

test("behaviour 9.1: a stay told of without Calling-Station-Id opens nothing", async () => {
  await account("start", { at: NOW, mac: undefined });
  expect(await sessions()).toBe(0);
});

test("behaviour 9.1: a Stop that overtook its Start leaves no session open", async () => {
  await account("stop", { at: NOW + MINUTE_MS, beganAt: NOW });
  await account("start", { at: NOW + MINUTE_MS + SECOND_MS });
  expect(await openOf()).toEqual([]);
  expect(await sessions()).toBe(1);

  const accepted = await accept(NOW + HOUR_MS, { acctSessionId: "A2" });
  await account("stop", { at: NOW + HOUR_MS + 100, sessionId: accepted, acctSessionId: "A2" });
  await account("start", { at: NOW + HOUR_MS + 200, sessionId: accepted, acctSessionId: "A2" });
  expect(await session(accepted)).toMatchObject({ endedAt: NOW + HOUR_MS + 100 });
  expect((await findClient(store, organizationId, MAC))?.client.lastStatus).toBe("session_stopped");
  expect(await openOf()).toEqual([]);
});

test("behaviour 9.1: Start, Interim and Stop of an unknown stay in one batch, in any order, are one session that is over", async () => {
  await recordBatch(store, [
    said("stop", { at: NOW + 20, beganAt: NOW }),
    said("interim", { at: NOW + 10, beganAt: NOW }),
    said("start", { at: NOW }),
  ]);
  expect(await sessions()).toBe(1);
  expect(await openOf()).toEqual([]);
});

test("behaviour 9.1: an Interim after the Stop revives nothing", async () => {
  const accepted = await accept(NOW, { acctSessionId: "A1" });
  await account("stop", { at: NOW + MINUTE_MS, beganAt: NOW });
  await account("interim", { at: NOW + MINUTE_MS + SECOND_MS, beganAt: NOW });
  expect(await session(accepted)).toMatchObject({ endedAt: NOW + MINUTE_MS, endReason: "Accounting-Stop" });
  expect(await sessions()).toBe(1);
});

test("behaviour 9.1: an Acct-Session-Id used again after a silent reboot is another session, and ends the first", async () => {
  const before = await accept(NOW, { acctSessionId: "00000001", mac: OTHER_MAC });
  await account("start", { at: NOW + 100, acctSessionId: "00000001", mac: OTHER_MAC });
  const after = await accept(NOW + HOUR_MS);
  await account("start", { at: NOW + HOUR_MS + 100, acctSessionId: "00000001" });
  expect(await session(before)).toMatchObject({ endedAt: NOW + HOUR_MS + 100, endReason: "superseded" });
  expect(await session(after)).toMatchObject({ acctSessionId: "00000001", accountingStartedAt: NOW + HOUR_MS + 100 });
  await account("stop", { at: NOW + 2 * HOUR_MS, acctSessionId: "00000001" });
  expect(await session(after)).toMatchObject({ endReason: "Accounting-Stop" });
});

test("behaviour 9.1: the same client under an Acct-Session-Id used again is not taken for its stay that ended", async () => {
  const before = await accept(NOW, { acctSessionId: "1" });
  await account("stop", { at: NOW + MINUTE_MS, acctSessionId: "1", beganAt: NOW });
  await account("start", { at: NOW + HOUR_MS, acctSessionId: "1" });
  expect(await session(before)).toMatchObject({ endedAt: NOW + MINUTE_MS });
  expect(await openOf()).toMatchObject([{ origin: "unverified", acceptedAt: NOW + HOUR_MS }]);
});

test("behaviour 9.1: a record that was delayed counts for the moment it speaks of", async () => {
  const accepted = await accept(NOW, { acctSessionId: "A1" });
  await account("start", { at: NOW + HOUR_MS });
  // Acct-Delay-Time puts the Stop of an earlier stay before the Accept; it arrives last.
  await account("stop", { at: NOW - MINUTE_MS, beganAt: NOW - HOUR_MS, acctSessionId: "A0" });
  expect(await session(accepted)).toMatchObject({ endedAt: undefined });
  expect((await findClient(store, organizationId, MAC))?.client.lastStatus).toBe("session_started");
});

test("behaviour 9.1: a NAS that sends no interims never makes a session stale by its silence", async () => {
  const at = Date.now() - 60 * DAY_MS;
  const accepted = await accept(at, { acctSessionId: "A1" });
  await account("start", { at: at + 100 });
  await account("interim", { at: Date.now(), mac: OTHER_MAC, acctSessionId: "B1" });
  expect(await session(accepted)).toMatchObject({ endedAt: undefined, lastSeenAt: at + 100 });
  expect(await isInUse(store, organizationId, identity)).toBe(true);
});

test("behaviour 9.1: a Start under an old Class without an Access-Request continues that Accept, at another access point", async () => {
  const first = await accept(NOW, { acctSessionId: "A1" });
  await account("start", { at: NOW + 100, sessionId: first });
  const roamed = { sessionId: first, nasIdentifier: "ap-2", acctSessionId: "B7" };
  await account("start", { at: NOW + MINUTE_MS, ...roamed });
  await account("stop", { at: NOW + MINUTE_MS + 100, sessionId: first });
  const accepted = await session(first);
  expect(accepted).toMatchObject({ endReason: "Accounting-Stop" });
  const open = await openSessions(store, organizationId, identity);
  expect(open).toMatchObject([
    { origin: "continued", acctSessionId: "B7", applied: accepted.applied, decisionId: accepted.decisionId },
  ]);
  expect(open[0]!.evidence).toEqual({
    ...accepted.evidence,
    nas: { ...accepted.evidence.nas, nasIdentifier: "ap-2", nasIpAddress: undefined, acctSessionId: "B7" },
  });
  expect((await findClient(store, organizationId, MAC))?.client.lastStatus).toBe("session_started");
  await account("stop", { at: NOW + HOUR_MS, ...roamed });
  expect(await openOf()).toEqual([]);
});

test("behaviour 9.1: with cached keys a client comes back to the same access point under a new Acct-Session-Id", async () => {
  const first = await accept(NOW, { acctSessionId: "A1" });
  await account("start", { at: NOW + 100, sessionId: first });
  await account("start", { at: NOW + HOUR_MS, sessionId: first, acctSessionId: "A2" });
  expect(await session(first)).toMatchObject({ endedAt: NOW + HOUR_MS, endReason: "superseded" });
  expect(await openOf()).toMatchObject([{ origin: "continued", identity, acctSessionId: "A2" }]);
});

test("behaviour 9.1: a Class leads to no session of another access point, even to one that has not started", async () => {
  const first = await accept(NOW);
  await account("start", { at: NOW + 100, sessionId: first, nasIdentifier: "ap-2" });
  expect(await session(first)).toMatchObject({ accountingStartedAt: undefined, acctSessionId: undefined });
  expect((await openOf()).map(({ origin }) => origin)).toEqual(["continued", "accepted"]);
});

test("behaviour 9.1: the Start at the access point roamed to and the Stop at the one left may come in one batch", async () => {
  const first = await accept(NOW, { acctSessionId: "A1" });
  await recordBatch(store, [
    said("start", { at: NOW + 100, sessionId: first, nasIdentifier: "ap-2", acctSessionId: "B1" }),
    said("stop", { at: NOW + 200, sessionId: first }),
  ]);
  expect((await findClient(store, organizationId, MAC))?.client.lastStatus).toBe("session_started");
});

test("behaviour 9.1: a Stop of another stay ends neither a session that has started nor one that has not", async () => {
  const accepted = await accept(NOW);
  await account("stop", { at: NOW + 100, acctSessionId: "OLD" });
  expect(await session(accepted)).toMatchObject({ endedAt: undefined });
  await account("start", { at: NOW + 200, acctSessionId: "A1" });
  await account("stop", { at: NOW + 300, acctSessionId: "OLDER" });
  expect(await session(accepted)).toMatchObject({ endedAt: undefined, acctSessionId: "A1" });
});

test("behaviour 9.1: an Interim of an earlier stay that comes late opens one that is over", async () => {
  const accepted = await accept(NOW + HOUR_MS, { acctSessionId: "A1" });
  await account("start", { at: NOW + HOUR_MS + 100, sessionId: accepted });
  await account("interim", { at: NOW + 30 * MINUTE_MS, beganAt: NOW, acctSessionId: "OLD" });
  expect((await openOf()).map(({ id }) => id)).toEqual([accepted]);
  expect(await sessions()).toBe(2);
});

test("a return without an Access-Request wakes the workflow while an enforcement is open", async () => {
  const first = await accept(NOW, { acctSessionId: "A1" });
  await account("start", { at: NOW + 100, sessionId: first });
  await beginStep(store, {
    sessionId: first,
    organizationId,
    identity,
    desired: { kind: "reject" },
    revision: 3,
    step: 0,
    stepName: "reauthenticate",
    sentAt: NOW + 200,
  });
  await account("start", { at: NOW + 300, sessionId: first, nasIdentifier: "ap-2", acctSessionId: "B1" });
  const wishes = await takeWishes(store, { limit: 100, leaseMs: 0 });
  expect(wishes.filter((wish) => wish.organizationId === organizationId).map(({ kind }) => kind)).toContain(
    "session_changed",
  );
});

test("a Class of ours whose session is still in a journal opens nothing", async () => {
  await account("start", { at: NOW, sessionId: newId<Session["id"]>() });
  expect(await sessions()).toBe(0);
});

test("behaviour 8.2: two NASes behind one proxy keep their equal Acct-Session-Ids apart", async () => {
  const one = { nasIdentifier: undefined, nasIpAddress: "10.0.0.2" };
  const other = { nasIdentifier: undefined, nasIpAddress: "10.0.0.3" };
  const here = await accept(NOW, { ...one, acctSessionId: "1" });
  const there = await accept(NOW + 1, { ...other, acctSessionId: "1", mac: OTHER_MAC });
  await account("start", { ...other, at: NOW + 100, acctSessionId: "1", mac: OTHER_MAC });
  await account("stop", { ...one, at: NOW + 200, acctSessionId: "1" });
  expect(await session(here)).toMatchObject({ endReason: "Accounting-Stop" });
  expect(await session(there)).toMatchObject({ accountingStartedAt: NOW + 100, endedAt: undefined });
  const moved = await accept(NOW + 300, other);
  expect((await openOf()).map(({ id }) => id)).toEqual([moved]);
});

test("behaviour 8.2: a NAS that says less of itself in accounting than in its requests is still the same", async () => {
  const accepted = await accept(NOW, { nasIdentifier: "core", nasIpAddress: "10.0.0.2", acctSessionId: "1" });
  await account("stop", { at: NOW + 100, acctSessionId: "1", nasIdentifier: undefined, nasIpAddress: "10.0.0.2" });
  expect(await session(accepted)).toMatchObject({ endReason: "Accounting-Stop" });
});
