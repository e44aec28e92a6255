import { identityKey } from "../../domain/identity.ts";
import { parseDeviceId } from "../../domain/device-id.ts";
import type { OrganizationId } from "../../domain/identifiers.ts";
import type { AuthenticationRecord, Recordable, RepeatedAccept } from "../../domain/record.ts";
import type { Session } from "../../domain/session.ts";
import { findClient } from "../../store/clients.ts";
import { recordBatch } from "../../store/edge-records.ts";
import { beginStep, closeEnforcement } from "../../store/enforcements.ts";
import { contentHash } from "../../store/event-contents.ts";
import { findDecision, searchEvents } from "../../store/events.ts";
import { completeWish, takeWishes } from "../../store/outbox.ts";
import { repeatBatch } from "../../store/repeat-records.ts";
import { findSession } from "../../store/sessions.ts";
import { DEVICE_ID, MAC, NOW, OTHER_MAC, snapshot } from "../support/domain-values.ts";
import { acceptElsewhere, accounting, authentication, disconnectOf, repeatOf } from "../support/edge-records.ts";
import { newOrganization, openTestStore } from "../support/store.ts";
import type { TestStore } from "../support/store.ts";

const identity = identityKey({ kind: "device", deviceId: parseDeviceId(DEVICE_ID)! });
const MINUTE_MS = 60_000;
let store: TestStore;
let organizationId: OrganizationId;
let first: AuthenticationRecord;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());
beforeEach(async () => {
  organizationId = await newOrganization(store);
  first = authentication(organizationId);
});

const record = (...records: readonly Recordable[]): Promise<void> => recordBatch(store, records);

/** What an edge records when the client of `of` is accepted again, `laterMs` after. */
const repeat = (laterMs: number, of = first): RepeatedAccept => repeatOf(of, of.event.at + laterMs);

const sessionOf = async ({ session }: AuthenticationRecord): Promise<Session | undefined> =>
  findSession(store, organizationId, session!.id);

async function unfit(...accepts: readonly RepeatedAccept[]): Promise<readonly unknown[]> {
  const { rows } = await store.pool.query<{ id: string }>(repeatBatch(accepts));
  return rows.map(({ id }) => id);
}

const said = async () => (await searchEvents(store, organizationId, { start: 0, end: NOW * 2, limit: 1_000 })).events;

const count = async (table: "sessions" | "evidence" | "event_contents"): Promise<number> => {
  const { total } = await store.db
    .selectFrom(table)
    .select((eb) => eb.fn.countAll<number>().as("total"))
    .where("organization_id", "=", organizationId)
    .executeTakeFirstOrThrow();
  return total;
};

test("a repeat is an event that says what the first one said; the session goes on, and nothing is stored twice", async () => {
  await record(first);
  const again = repeat(1_000);
  expect(await unfit(again)).toEqual([]);
  expect(await said()).toEqual([again.whole().event, first.event]);
  expect(await sessionOf(first)).toMatchObject({
    acceptedAt: again.at,
    lastSeenAt: again.at,
    decisionId: again.id,
    endedAt: undefined,
  });
  const { evidence, decision } = first.decided!;
  expect(await findDecision(store, organizationId, again.whole().event)).toEqual({ evidence, decision });
  expect([await count("sessions"), await count("evidence"), await count("event_contents")]).toEqual([1, 1, 1]);
});

test("repeats count once however often they are delivered, alone or among others, and in whatever order", async () => {
  await record(first);
  const [early, late] = [repeat(1_000), repeat(2_000)];
  await record(early, late);
  await record(late);
  const other = authentication(organizationId, { at: NOW + 5, evidence: { mac: OTHER_MAC } });
  await record(other, early, late, first);
  expect((await said()).map(({ id }) => id)).toEqual([late.id, early.id, other.event.id, first.event.id]);
  expect(await sessionOf(first)).toMatchObject({ acceptedAt: NOW + 2_000, decisionId: late.id });
});

test("a database that has lost what the edge remembers gets it whole again", async () => {
  const again = repeat(1_000);
  expect(await unfit(again)).toEqual([again.id]);
  await record(again);
  expect(await said()).toEqual([again.whole().event]);
  expect((await findClient(store, organizationId, MAC))?.sessions).toEqual([
    expect.objectContaining({ id: first.session!.id, acceptedAt: again.at, evidence: first.decided!.evidence }),
  ]);
});

test("an Accept that says something else is no repeat, whatever its edge believes", async () => {
  await record(first);
  const other = authentication(organizationId, { at: NOW + 1, evidence: { userName: "other" } });
  const wrong = { ...repeat(1), content: contentHash(other.event, other.decided!) };
  expect(await unfit(wrong)).toEqual([wrong.id]);
});

test("a session that another edge saw stop opens anew, and waits for its accounting again", async () => {
  await record(first);
  const accounted = { mac: MAC, sessionId: first.session!.id };
  await record(accounting(organizationId, "start", { at: NOW + 10, acctSessionId: "A", ...accounted }));
  await record(accounting(organizationId, "stop", { at: NOW + 20, acctSessionId: "A", ...accounted }));
  expect(await sessionOf(first)).toMatchObject({ endedAt: NOW + 20 });
  await record(repeat(1_000));
  const fresh = { endedAt: undefined, endReason: undefined, accountingStartedAt: undefined, acceptedAt: NOW + 1_000 };
  expect(await sessionOf(first)).toMatchObject(fresh);
  await record(accounting(organizationId, "start", { at: NOW + 1_010, acctSessionId: "B", ...accounted }));
  expect(await sessionOf(first)).toMatchObject({ acctSessionId: "B", accountingStartedAt: NOW + 1_010 });
  expect(await count("sessions")).toBe(1);
});

test("behaviour 9.1: a Stop or a restart from before the last Accept ends nothing, one from after it does", async () => {
  await record(first);
  const accounted = { mac: MAC, sessionId: first.session!.id, acctSessionId: "A" };
  await record(accounting(organizationId, "start", { at: NOW + 10, ...accounted }), repeat(1_000));
  await record(
    accounting(organizationId, "stop", { at: NOW + 500, ...accounted }),
    accounting(organizationId, "on", { at: NOW + 600 }),
  );
  expect(await sessionOf(first)).toMatchObject({ endedAt: undefined, accountingStartedAt: NOW + 10 });
  expect((await findClient(store, organizationId, MAC))?.client.lastStatus).not.toBe("session_stopped");
  await record(accounting(organizationId, "stop", { at: NOW + 1_500, ...accounted }));
  expect(await sessionOf(first)).toMatchObject({ endedAt: NOW + 1_500 });
});

test("a late repeat out of a journal ends no later session, and does not bring back what that one superseded", async () => {
  await record(first);
  const later = authentication(organizationId, { at: NOW + 5_000 });
  await record(later);
  await record(repeat(1_000));
  expect(await said()).toHaveLength(3);
  expect(await sessionOf(first)).toMatchObject({ endedAt: NOW + 5_000, endReason: "superseded", acceptedAt: NOW });
  expect(await sessionOf(later)).toMatchObject({ endedAt: undefined });
});

test("a repeat after another edge's Accept supersedes that one's session, in one batch or several", async () => {
  const between = authentication(organizationId, { at: NOW + 1_000 });
  await record(first);
  await record(between);
  await record(repeat(2_000));
  expect(await sessionOf(between)).toMatchObject({ endedAt: NOW + 2_000, endReason: "superseded" });
  expect(await sessionOf(first)).toMatchObject({ endedAt: undefined, endReason: undefined });
  await record(authentication(organizationId, { at: NOW + 3_000 }), repeat(4_000), repeat(2_500));
  expect(await sessionOf(first)).toMatchObject({ endedAt: undefined, acceptedAt: NOW + 4_000 });
  expect((await findClient(store, organizationId, MAC))?.sessions).toHaveLength(1);
});

const client = async () => (await findClient(store, organizationId, MAC))?.client;

test("a client's own row follows within five minutes", async () => {
  await record(first);
  expect(await unfit(repeat(4 * MINUTE_MS))).toEqual([]);
  expect(await client()).toMatchObject({ lastSeenAt: NOW, lastEventId: first.event.id });
  const sixth = repeat(6 * MINUTE_MS);
  expect(await unfit(sixth)).toEqual([]);
  expect(await client()).toMatchObject({ lastSeenAt: sixth.at, lastEventId: sixth.id });
  expect(await unfit(repeat(10 * MINUTE_MS))).toEqual([]);
  expect(await client()).toMatchObject({ lastEventId: sixth.id });
});

test("a client's own row tells of a repeat at once after a Reject, and the repeats after that one are narrow again", async () => {
  await record(first);
  await record(authentication(organizationId, { at: NOW + 1_000, policy: snapshot([], []) }));
  expect(await client()).toMatchObject({ lastStatus: "denied" });
  const again = repeat(2_000);
  await record(again);
  expect(await client()).toMatchObject({
    lastStatus: "permitted",
    authenticatedAt: again.at,
    lastEventId: again.id,
    decision: first.decided!.decision,
  });
  expect(await sessionOf(first)).toMatchObject({ acceptedAt: again.at, decisionId: again.id });
  expect(await count("sessions")).toBe(1);
  expect(await unfit(repeat(3_000))).toEqual([]);
});

test("a client that goes back and forth between two NASes is told of where it was last, each time", async () => {
  const there = acceptElsewhere(first, NOW + 1_000);
  await record(first);
  await record(there);
  for (const accept of [repeat(2_000), repeat(3_000, there), repeat(4_000)]) {
    await record(accept);
    expect(await client()).toMatchObject({ lastEventId: accept.id, authenticatedAt: accept.at });
  }
  expect((await client())?.evidence.nas.nasIdentifier).toBe(first.decided!.evidence.nas.nasIdentifier);
  expect([await count("sessions"), (await said()).length]).toEqual([2, 5]);
});

test("a late Reject out of a journal leaves the client's row as it is, and the next repeat right", async () => {
  await record(first);
  await record(authentication(organizationId, { at: NOW - 1_000, policy: snapshot([], []) }));
  expect(await client()).toMatchObject({ lastStatus: "permitted", lastEventId: first.event.id });
  await record(repeat(1_000), repeat(2_000));
  expect(await sessionOf(first)).toMatchObject({ acceptedAt: NOW + 2_000, endedAt: undefined });
  expect(await said()).toHaveLength(4);
});

test("a Reject that is older than a repeat which its client's own row does not tell yet is not told either", async () => {
  await record(first);
  expect(await unfit(repeat(3_000))).toEqual([]);
  const refusedAt = (at: number) => authentication(organizationId, { at, policy: snapshot([], []) });
  await record(refusedAt(NOW + 2_000));
  expect(await client()).toMatchObject({ lastStatus: "permitted", lastEventId: first.event.id });
  await record(refusedAt(NOW + 4_000));
  expect(await client()).toMatchObject({ lastStatus: "denied", authenticatedAt: NOW + 4_000 });
});

test("a late Accept and a late Reject of one journal take the mark from a session that was accepted since", async () => {
  await record(first);
  await record(repeat(3_000));
  const again = repeat(1_000).whole();
  await record(again, authentication(organizationId, { at: NOW + 2_000, policy: snapshot([], []) }));
  const last = repeat(4_000);
  await record(last);
  expect(await client()).toMatchObject({ lastStatus: "permitted", lastEventId: last.id });
});

test("of a Reject and a later repeat in one batch the client's row tells the repeat", async () => {
  await record(first);
  const last = repeat(2_000);
  await record(authentication(organizationId, { at: NOW + 1_000, policy: snapshot([], []) }), last);
  expect(await client()).toMatchObject({ lastStatus: "permitted", lastEventId: last.id });
});

test("a repeat that is recorded whole leaves it told that the session has started", async () => {
  await record(first);
  const accounted = { mac: MAC, sessionId: first.session!.id, acctSessionId: "A" };
  await record(accounting(organizationId, "start", { at: NOW + 10, ...accounted }));
  await beginEnforcement();
  await record(repeat(1_000));
  expect(await client()).toMatchObject({ lastStatus: "session_started", authenticatedAt: NOW + 1_000 });
});

const wishes = async () =>
  (await takeWishes(store, { limit: 1_000, leaseMs: 0 })).filter((wish) => wish.organizationId === organizationId);

const beginEnforcement = () => beginStep(store, disconnectOf(first));

test("behaviour 2.1: a repeat wishes for nothing, unless an enforcement of its identity is open", async () => {
  await record({ ...first, lookUpWanted: false });
  await record(repeat(1_000));
  expect(await wishes()).toEqual([]);
  await beginEnforcement();
  for (const again of [repeat(2_000), repeat(3_000)]) {
    await record(again);
    const [wish] = await wishes();
    expect(wish).toMatchObject({
      kind: "session_changed",
      subject: identity,
      payload: { eventId: again.id, text: first.event.text, at: again.at, mac: MAC },
    });
    await completeWish(store, wish!);
  }
  await closeEnforcement(store, first.session!.id, 7, "enforced");
  await record(repeat(4_000));
  expect(await unfit(repeat(5_000))).toEqual([]);
  expect(await wishes()).toEqual([]);
});

test("a session that is opened while an enforcement of its identity is open tells of its repeats too", async () => {
  await record({ ...first, lookUpWanted: false });
  await beginEnforcement();
  const other = {
    ...authentication(organizationId, { at: NOW + 1_000, evidence: { mac: OTHER_MAC } }),
    lookUpWanted: false,
  };
  expect(other.event.identity).toBe(identity);
  await record(other);
  await completeWish(store, (await wishes())[0]!);
  const again = repeat(1_000, other);
  await record(again);
  expect((await wishes()).map(({ payload }) => payload)).toEqual([expect.objectContaining({ eventId: again.id })]);
});

test("two edges that repeat the same clients in opposite orders do not stop each other", async () => {
  const clients = [MAC, OTHER_MAC].map((mac) => authentication(organizationId, { evidence: { mac } }));
  await record(...clients);
  await Promise.all(
    Array.from({ length: 40 }, (_, i) => {
      const laterMs = (i + 1) * 6 * MINUTE_MS;
      const repeats = clients.map((client) => repeat(laterMs, client));
      return record(...(i % 2 === 0 ? repeats : repeats.toReversed()));
    }),
  );
  expect(await said()).toHaveLength(82);
  expect(await count("sessions")).toBe(2);
});
