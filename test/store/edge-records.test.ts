import { identityKey } from "../../domain/identity.ts";
import type { OrganizationId } from "../../domain/identifiers.ts";
import type { EdgeRecord } from "../../domain/record.ts";
import { findClient, macsOfIdentity } from "../../store/clients.ts";
import { recordBatch } from "../../store/edge-records.ts";
import { beginStep, closeEnforcement } from "../../store/enforcements.ts";
import { findDecision, searchEvents } from "../../store/events.ts";
import { completeWish, listenOutbox, takeWishes } from "../../store/outbox.ts";
import type { Wish } from "../../store/outbox.ts";
import { findSession, openSessions } from "../../store/sessions.ts";
import { parseDeviceId } from "../../domain/device-id.ts";
import { DEVICE_ID, MAC, NOW, OTHER_MAC, snapshot } from "../support/domain-values.ts";
import { authentication, disconnectOf, failedEap } from "../support/edge-records.ts";
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

const record = (...records: readonly EdgeRecord[]): Promise<void> => recordBatch(store, records);

async function wishes(): Promise<readonly Wish[]> {
  const taken = await takeWishes(store, { limit: 1_000, leaseMs: 0 });
  return taken.filter((wish) => wish.organizationId === organizationId);
}

async function events(): Promise<readonly string[]> {
  const page = await searchEvents(store, organizationId, { start: 0, end: NOW * 2, limit: 1_000 });
  return page.events.map(({ type }) => type);
}

const count = async (table: "sessions" | "evidence" | "clients"): Promise<number> => {
  const { total } = await store.db
    .selectFrom(table)
    .select((eb) => eb.fn.countAll<number>().as("total"))
    .where("organization_id", "=", organizationId)
    .executeTakeFirstOrThrow();
  return total;
};

test("an Accept leaves its event, client, session and the wish to look the device up", async () => {
  const accept = authentication(organizationId);
  await record(accept);
  expect(await events()).toEqual(["NAC_CLIENT_PERMIT"]);
  const found = await findClient(store, organizationId, MAC);
  expect(found?.client).toEqual({
    mac: MAC,
    organizationId,
    identity,
    randomMac: false,
    firstSeenAt: NOW,
    lastSeenAt: NOW,
    authenticatedAt: NOW,
    lastStatus: "permitted",
    lastEventId: accept.event.id,
    evidence: accept.decided!.evidence,
    decision: accept.decided!.decision,
    clientIp: undefined,
    verdict: undefined,
  });
  expect(found?.sessions).toEqual([
    expect.objectContaining({
      id: accept.session!.id,
      identity,
      applied: { kind: "accept", authorization: { vlan: "20" } },
      evidence: accept.decided!.evidence,
      decisionId: accept.event.id,
      acceptedAt: NOW,
      endedAt: undefined,
    }),
  ]);
  expect(await wishes()).toEqual([
    expect.objectContaining({
      kind: "seen",
      subject: identity,
      generation: 1,
      payload: { eventId: accept.event.id, text: accept.event.text, at: NOW, mac: MAC },
    }),
  ]);
});

test("behaviour 2.1: a wish comes of an authentication that succeeded, blocked by policy or not, and never of a failed EAP", async () => {
  await record(failedEap(organizationId));
  expect(await events()).toEqual(["NAC_CLIENT_CERT_CHECK_FAILURE"]);
  expect(await findClient(store, organizationId, MAC)).toBeUndefined();
  expect(await wishes()).toEqual([]);

  const blocked = authentication(organizationId, { at: NOW + 1, policy: snapshot([], []) });
  await record(blocked);
  expect(blocked.decided!.decision.access).toEqual({ kind: "reject" });
  expect((await findClient(store, organizationId, MAC))?.client.lastStatus).toBe("denied");
  expect(await wishes()).toEqual([expect.objectContaining({ kind: "seen", subject: identity })]);
});

test("a batch that is delivered twice counts once", async () => {
  const batch = [authentication(organizationId), failedEap(organizationId, NOW + 5)];
  await record(...batch);
  const [wish] = await wishes();
  await record(...batch);
  await record(...batch, ...batch, authentication(organizationId, { at: NOW + 10 }));
  expect(await events()).toHaveLength(3);
  expect(await count("sessions")).toBe(2);
  expect(await wishes()).toEqual([expect.objectContaining({ id: wish!.id, generation: wish!.generation + 1 })]);
});

test("evidence that repeats itself is stored once, and another once more", async () => {
  await record(authentication(organizationId), authentication(organizationId, { at: NOW + 1 }));
  await record(authentication(organizationId, { at: NOW + 2 }));
  expect(await count("evidence")).toBe(1);
  await record(authentication(organizationId, { at: NOW + 3, evidence: { ssid: "guest" } }));
  expect(await count("evidence")).toBe(2);
});

test("an Accept supersedes the client's open session on that NAS, in another batch or the same; a Reject ends nothing", async () => {
  const accepts = [0, 10, 20].map((later) => authentication(organizationId, { at: NOW + later }));
  await record(accepts[0]!);
  await record(accepts[1]!, accepts[2]!);
  await record(authentication(organizationId, { at: NOW + 30, policy: snapshot([], []) }));
  const [first, second] = await Promise.all(
    accepts.map(({ session }) => findSession(store, organizationId, session!.id)),
  );
  expect(first).toMatchObject({ endedAt: NOW + 10, endReason: "superseded" });
  expect(second).toMatchObject({ endedAt: NOW + 20, endReason: "superseded" });
  const open = await openSessions(store, organizationId, identity);
  expect(open.map(({ id }) => id)).toEqual([accepts[2]!.session!.id]);
});

test("a late Accept out of a journal is ended by the later session, and leaves the client's news alone", async () => {
  const later = authentication(organizationId, { at: NOW + 60_000 });
  const late = authentication(organizationId, { at: NOW, evidence: { userName: "older" } });
  await record(later);
  await record(late);
  expect(await findSession(store, organizationId, late.session!.id)).toMatchObject({ endedAt: NOW + 60_000 });
  expect(await findSession(store, organizationId, later.session!.id)).toMatchObject({ endedAt: undefined });
  expect((await findClient(store, organizationId, MAC))?.client.evidence.userName).toBe("host/mac-01@acme.example");
});

test("one laptop on two MAC addresses is two clients with two open sessions of one identity", async () => {
  await record(
    authentication(organizationId),
    authentication(organizationId, { at: NOW + 1, evidence: { mac: OTHER_MAC } }),
  );
  expect(await openSessions(store, organizationId, identity)).toHaveLength(2);
  expect(await macsOfIdentity(store, organizationId, identity)).toEqual([OTHER_MAC, MAC]);
});

test("a repeated wish folds into one, and one repeated during its delivery is delivered again", async () => {
  await record(authentication(organizationId));
  await record(authentication(organizationId, { at: NOW + 1 }), authentication(organizationId, { at: NOW + 2 }));
  const [taken] = await wishes();
  expect(taken).toMatchObject({ generation: 2 });
  await record(authentication(organizationId, { at: NOW + 3 }));
  await completeWish(store, taken!);
  const [again] = await wishes();
  expect(again).toMatchObject({ id: taken!.id, generation: 3 });
  await completeWish(store, again!);
  expect(await wishes()).toEqual([]);
});

test("a session that changed is told only while an enforcement of its identity is open", async () => {
  const first = authentication(organizationId);
  await record(first);
  const sessionId = first.session!.id;
  const kinds = async (): Promise<readonly string[]> => (await wishes()).map(({ kind }) => kind).toSorted();
  expect(await kinds()).toEqual(["seen"]);
  await beginStep(store, disconnectOf(first));
  await record(authentication(organizationId, { at: NOW + 1 }));
  expect(await kinds()).toEqual(["seen", "session_changed"]);
  for (const wish of await wishes()) await completeWish(store, wish);
  await closeEnforcement(store, sessionId, 7, "enforced");
  await record(authentication(organizationId, { at: NOW + 2 }));
  expect(await kinds()).toEqual(["seen"]);
});

test("a wish is announced with its commit", async () => {
  let wake: () => void = () => undefined;
  const announced = new Promise<void>((resolve) => (wake = resolve));
  const listener = await listenOutbox(store.databaseUrl, () => wake());
  await record(authentication(organizationId));
  await announced;
  expect(await wishes()).toHaveLength(1);
  await listener.close();
});

test("a user name with NUL and half a surrogate pair holds up nothing", async () => {
  const odd = authentication(organizationId, { evidence: { userName: "a\0b\\u0000\ud800c" } });
  await record(odd, failedEap(organizationId, NOW + 1));
  expect(await events()).toHaveLength(2);
  const found = await findClient(store, organizationId, MAC);
  expect(found?.client.evidence.userName).toBe("a\ufffdb\\u0000\ufffdc");
});

test("a decision can be found again with the evidence it rested on", async () => {
  const denied = authentication(organizationId, { policy: snapshot([], []) });
  await record(denied);
  const { evidence, decision } = denied.decided!;
  expect(await findDecision(store, organizationId, denied.event)).toEqual({ evidence, decision });
});

test("two edges that write the same clients in opposite orders do not stop each other", async () => {
  const macs = [MAC, OTHER_MAC];
  const batch = (at: number, order: readonly (typeof MAC)[]): EdgeRecord[] =>
    order.map((mac, i) => authentication(organizationId, { at: at + i, evidence: { mac, certificate: undefined } }));
  const batches = Array.from({ length: 40 }, (_, i) => batch(NOW + 10 * i, i % 2 === 0 ? macs : macs.toReversed()));
  await Promise.all(batches.map((records) => record(...records)));
  expect(await events()).toHaveLength(80);
  const open = await store.db
    .selectFrom("sessions")
    .select("mac")
    .where("organization_id", "=", organizationId)
    .where("ended_at", "is", null)
    .execute();
  expect(new Set(open.map(({ mac }) => mac))).toEqual(new Set(macs));
});
