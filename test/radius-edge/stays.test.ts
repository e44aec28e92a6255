import type { NasId, OrganizationId } from "../../domain/identifiers.ts";
import type { AuthenticationRecord } from "../../domain/record.ts";
import { createStays } from "../../radius-edge/stays.ts";
import type { Stays } from "../../radius-edge/stays.ts";
import { evidence, MAC, NOW, OTHER_MAC, resultLabel, rule, snapshot } from "../support/domain-values.ts";
import { accounting, authentication, newId } from "../support/edge-records.ts";

const organizationId = newId<OrganizationId>();
const { nasId } = evidence().nas;
let stays: Stays;
beforeEach(() => {
  stays = createStays(2);
});

const accept = (laterMs: number, change: Parameters<typeof authentication>[1] = {}): AuthenticationRecord =>
  authentication(organizationId, { at: NOW + laterMs, ...change });
const elsewhere = snapshot(
  [{ ...rule("Guest", 0), applyLabels: ["guest vlan" as never] }],
  [resultLabel("guest vlan", "vlan", "30")],
);
const named = (acctSessionId: string) => ({ evidence: { nas: { ...evidence().nas, acctSessionId } } });

/** Whether the next Accept, some time after, goes on with the session of `first`. */
const goesOn = (first: AuthenticationRecord, change?: Parameters<typeof authentication>[1]): boolean =>
  stays.admit(accept(1_000, change)).session?.id === first.session!.id;

test("an Accept that says what the last one said goes on with its session, under an event of its own", () => {
  const first = stays.admit(accept(0));
  expect(first.session?.repeats).toBeUndefined();
  const second = accept(1_000);
  const admitted = stays.admit(second);
  const { repeats, ...session } = admitted.session!;
  expect(repeats).toMatch(/^[0-9a-f]{64}$/);
  expect(session).toEqual({ ...second.session, id: first.session!.id });
  expect(admitted.event).toEqual(second.event);
});

test.each<[string, Parameters<typeof authentication>[1]]>([
  ["with another evidence", { evidence: { ssid: "guest" } }],
  ["of another stay", named("B")],
  ["to another network", { policy: elsewhere }],
  ["on another NAS", { evidence: { nas: { ...evidence().nas, nasId: newId<NasId>() } } }],
  ["of another client", { evidence: { mac: OTHER_MAC } }],
])("an Accept %s opens another session", (_, change) => {
  const first = stays.admit(accept(0));
  expect(goesOn(first, change)).toBe(false);
});

test("a Reject in between ends a stay", () => {
  const first = stays.admit(accept(0));
  stays.admit(accept(500, { policy: snapshot([], []) }));
  expect(goesOn(first)).toBe(false);
});

test.each(["stop", "on", "off"] as const)("after Accounting-%s nothing goes on", (kind) => {
  const first = stays.admit(accept(0));
  stays.account(accounting(organizationId, kind, { at: NOW + 500, mac: kind === "stop" ? MAC : undefined }));
  expect(goesOn(first)).toBe(false);
});

test("accounting under the name that the requests bear lets a stay go on, and under another ends it", () => {
  const first = stays.admit(accept(0, named("A")));
  stays.account(accounting(organizationId, "start", { at: NOW + 100, mac: MAC, acctSessionId: "A" }));
  stays.account(accounting(organizationId, "interim", { at: NOW + 200, mac: MAC, acctSessionId: "A" }));
  expect(goesOn(first, named("A"))).toBe(true);
  stays.account(accounting(organizationId, "interim", { at: NOW + 300, mac: MAC, acctSessionId: "B" }));
  expect(goesOn(first, named("A"))).toBe(false);
});

test("a client that its NAS is told to let go does not go on", () => {
  const first = stays.admit(accept(0));
  stays.leave(nasId, MAC);
  expect(goesOn(first)).toBe(false);
});

test("what was not seen for longest is forgotten first", () => {
  const first = stays.admit(accept(0));
  const other = stays.admit(accept(0, { evidence: { mac: OTHER_MAC } }));
  expect(goesOn(first)).toBe(true);
  stays.admit(accept(0, { evidence: { nas: { ...evidence().nas, nasId: newId<NasId>() } } }));
  expect(goesOn(first)).toBe(true);
  expect(goesOn(other, { evidence: { mac: OTHER_MAC } })).toBe(false);
});
