import type { NasId, OrganizationId, SessionId } from "../../domain/identifiers.ts";
import type { AuthenticationRecord, RepeatedAccept } from "../../domain/record.ts";
import { createStays } from "../../radius-edge/stays.ts";
import type { Stays } from "../../radius-edge/stays.ts";
import { contentHash } from "../../store/event-contents.ts";
import { evidence, MAC, NOW, OTHER_MAC, resultLabel, rule, snapshot } from "../support/domain-values.ts";
import { accounting, authentication, newId } from "../support/edge-records.ts";
import { nasOf } from "./nas-in-test.ts";

const organizationId = newId<OrganizationId>();
const { nasId } = evidence().nas;
const peer = { nas: nasOf({ id: nasId }), sourceAddress: "127.0.0.11", profile: undefined };
let stays: Stays;
let made: number;
beforeEach(() => {
  stays = createStays(2);
  made = 0;
});

type Change = Parameters<typeof authentication>[1] & {
  readonly words?: string;
  readonly peer?: typeof peer;
  readonly lookUpWanted?: boolean;
};

/** An Accept as an edge hands it over, some time later; `made` counts the records that had to be made for it. */
function accept(laterMs: number, { words, peer: from = peer, lookUpWanted = false, ...change }: Change = {}) {
  const now = NOW + laterMs;
  const { decided, ...record } = authentication(organizationId, { at: now, ...change });
  const { evidence: gathered } = decided!;
  const whole = (sessionId: SessionId): AuthenticationRecord => {
    made++;
    return { ...record, decided, session: record.session && { ...record.session, id: sessionId }, lookUpWanted };
  };
  const { mac } = gathered;
  const known = mac && words && stays.recall(mac, words, from);
  const decision = { ...decided!.decision, lookUpWanted };
  return stays.admit({ id: record.event.id, now, evidence: known || gathered, words, peer: from, decision }, whole);
}

const sessionOf = (recordable: AuthenticationRecord | RepeatedAccept): SessionId | undefined =>
  recordable.kind === "repeatedAccept" ? recordable.sessionId : recordable.session?.id;

/** Whether the next Accept, some time after, goes on with the session of `first`. */
const goesOn = (first: ReturnType<typeof accept>, change?: Change): boolean =>
  sessionOf(accept(1_000, change)) === sessionOf(first);

const elsewhere = snapshot(
  [{ ...rule("Guest", 0), applyLabels: ["guest vlan" as never] }],
  [resultLabel("guest vlan", "vlan", "30")],
);
const named = (acctSessionId: string) => ({ evidence: { nas: { ...evidence().nas, acctSessionId } } });
const onAnotherNas = { ...peer, nas: nasOf({ id: newId<NasId>() }) };

test("an Accept that says what the last one said goes on with its session, under an event of its own", () => {
  const first = accept(0) as AuthenticationRecord;
  expect(first.kind).toBe("authentication");
  const again = accept(1_000) as RepeatedAccept;
  const content = contentHash(first.event, first.decided!);
  expect(again).toMatchObject({ kind: "repeatedAccept", at: NOW + 1_000, mac: MAC, content });
  expect(again.sessionId).toBe(first.session!.id);
  const whole = again.whole();
  expect(whole).toEqual({ ...first, event: { ...first.event, id: again.id, at: again.at } });
  expect(again.id).not.toBe(first.event.id);
});

test("of a request in the words of the last one no record is made, until somebody needs it", () => {
  const first = accept(0, { words: "a" });
  const again = accept(1_000, { words: "a" }) as RepeatedAccept;
  expect(made).toBe(1);
  expect(sessionOf(again)).toBe(sessionOf(first));
  expect(again.whole().event).toMatchObject({ id: again.id, at: NOW + 1_000 });
  // Other words may say the same; from then on they are the words.
  expect(goesOn(first, { words: "b" })).toBe(true);
  expect(made).toBe(3);
  expect(goesOn(first, { words: "b" })).toBe(true);
  expect(made).toBe(3);
});

test.each<[string, Change]>([
  ["from another address", { peer: { ...peer, sourceAddress: "127.0.0.12" } }],
  ["by a NAS of another kind", { peer: { ...peer, profile: { name: "another" } as never } }],
  ["by a NAS that was configured anew", { peer: { ...peer, nas: nasOf({ id: nasId }) } }],
  ["under another decision", { policy: elsewhere }],
])("the same words %s are looked at anew", (_, change) => {
  accept(0, { words: "a" });
  accept(1_000, { words: "a", ...change });
  expect(made).toBe(2);
});

test.each<[string, Change]>([
  ["with another evidence", { evidence: { ssid: "guest" } }],
  ["of another stay", named("B")],
  ["to another network", { policy: elsewhere }],
  ["on another NAS", { peer: onAnotherNas }],
  ["of another client", { evidence: { mac: OTHER_MAC } }],
  ["of a client without an address", { evidence: { mac: undefined } }],
])("an Accept %s opens another session", (_, change) => {
  const first = accept(0);
  expect(goesOn(first, change)).toBe(false);
});

test("an Accept that wishes for a look-up goes on with its session, as a whole record", () => {
  const first = accept(0, { lookUpWanted: true });
  const wishing = accept(1_000, { lookUpWanted: true });
  expect(wishing.kind).toBe("authentication");
  expect(sessionOf(wishing)).toBe(sessionOf(first));
});

test("a Reject in between ends a stay", () => {
  const first = accept(0);
  accept(500, { policy: snapshot([], []) });
  expect(goesOn(first)).toBe(false);
});

test.each(["stop", "on", "off"] as const)("after Accounting-%s nothing goes on", (kind) => {
  const first = accept(0);
  stays.account(accounting(organizationId, kind, { at: NOW + 500, mac: kind === "stop" ? MAC : undefined }));
  expect(goesOn(first)).toBe(false);
});

test("accounting under the name that the requests bear lets a stay go on, and under another ends it", () => {
  const first = accept(0, named("A"));
  stays.account(accounting(organizationId, "start", { at: NOW + 100, mac: MAC, acctSessionId: "A" }));
  stays.account(accounting(organizationId, "interim", { at: NOW + 200, mac: MAC, acctSessionId: "A" }));
  expect(goesOn(first, named("A"))).toBe(true);
  stays.account(accounting(organizationId, "interim", { at: NOW + 300, mac: MAC, acctSessionId: "B" }));
  expect(goesOn(first, named("A"))).toBe(false);
});

test("a client that its NAS is told to let go does not go on", () => {
  const first = accept(0);
  stays.leave(nasId, MAC);
  expect(goesOn(first)).toBe(false);
});

test("what was not seen for longest is forgotten first", () => {
  const first = accept(0);
  const other = accept(0, { evidence: { mac: OTHER_MAC } });
  expect(goesOn(first)).toBe(true);
  accept(0, { peer: onAnotherNas });
  expect(goesOn(first)).toBe(true);
  expect(goesOn(other, { evidence: { mac: OTHER_MAC } })).toBe(false);
});
