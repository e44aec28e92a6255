import type { OrganizationId } from "../../domain/identifiers.ts";
import { parseMac } from "../../domain/mac-address.ts";
import type { MacAddress } from "../../domain/mac-address.ts";
import type { Session } from "../../domain/session.ts";
import { SECOND_MS } from "../../domain/time.ts";
import { encodeClass } from "../../radius-edge/class-attribute.ts";
import * as write from "../../radius-edge/wire/attribute-writers.ts";
import type { Attribute } from "../../radius-edge/wire/packet.ts";
import { findSession, openSessionsOfMac } from "../../store/sessions.ts";
import { searchEvents } from "../../store/events.ts";
import { createTenant, startTestEdge } from "../support/edge.ts";
import type { TestEdge } from "../support/edge.ts";
import { openEdgeNas } from "../support/edge-nas.ts";
import type { EdgeNas } from "../support/edge-nas.ts";
import { newId } from "../support/edge-records.ts";

/** One peer, behind which stand as many NASes as a test has names for. */
const PROXY_ADDRESS = "127.0.0.66";
let running: TestEdge;
let organizationId: OrganizationId;
let proxy: EdgeNas;
let clients = 0;

beforeAll(async () => {
  running = await startTestEdge(async (store) => {
    const rules = [{ gives: [{ name: "staff", type: "vlan", values: ["20"] } as const] }];
    organizationId = await createTenant(store, { name: "Acme", nasAddress: PROXY_ADDRESS, rules });
  });
  proxy = await openEdgeNas(running.edge, PROXY_ADDRESS);
});
afterAll(async () => {
  proxy.close();
  await running.close();
});

const newMac = (): MacAddress => parseMac(`00:17:c8:00:40:${String(++clients).padStart(2, "0")}`)!;
const named = (name: string): Attribute => write.writeNasIdentifier(name);
const addressed = (address: string): Attribute => write.writeNasAddress(address)!;
const openOf = (mac: MacAddress): Promise<readonly Session[]> => openSessionsOfMac(running.store, organizationId, mac);
const stay = (mac: MacAddress, acctSessionId: string): readonly Attribute[] => [
  write.writeCallingStationId(mac),
  write.writeAcctSessionId(acctSessionId),
];

/** Authenticates by MAC; answers with the session and the Class of the Accept. */
async function accept(nas: Attribute, mac: MacAddress, acctSessionId?: string) {
  const place = acctSessionId === undefined ? [write.writeCallingStationId(mac)] : stay(mac, acctSessionId);
  const { outcome } = await proxy.authenticate({ kind: "mab", name: "printer", mac, port: "wired" }, [nas, ...place]);
  if (outcome.kind !== "accepted") throw new Error(outcome.kind);
  const { id } = (await openOf(mac)).find(({ origin }) => origin === "accepted")!;
  return { id, classes: outcome.authorization.classes.map(write.writeClass) };
}

const end = async (id: Session["id"]): Promise<string | undefined> =>
  (await findSession(running.store, organizationId, id))!.endReason;

/** As if it had been accepted a minute ago. */
async function age(id: Session["id"]): Promise<void> {
  const accepted_at = new Date(Date.now() - 60 * SECOND_MS);
  await running.store.db.updateTable("sessions").set({ accepted_at }).where("id", "=", id).execute();
}

test("an Accounting-On ends what was accepted before the moment that its Acct-Delay-Time leads back to", async () => {
  const nas = named("delayed");
  const { id } = await accept(nas, newMac());
  await age(id);
  const since = await accept(nas, newMac());
  await proxy.account("on", [nas, write.writeAcctSessionId("0"), write.writeAcctDelaySeconds(30)]);
  expect(await end(id)).toBe("Accounting-On");
  expect(await end(since.id)).toBeUndefined();
});

test("an Accounting-On may be a second older than its Acct-Delay-Time tells", async () => {
  const nas = named("prompt");
  const { id } = await accept(nas, newMac());
  await age(id);
  await proxy.account("on", [nas, write.writeAcctSessionId("0")]);
  const { endedAt, endReason } = (await findSession(running.store, organizationId, id))!;
  expect(endReason).toBe("Accounting-On");
  expect(endedAt).toBeLessThanOrEqual(Date.now() - SECOND_MS);
});

test("behaviour 9.1: a Start without an Accept of ours opens an unverified session, which the next Accept replaces", async () => {
  const nas = named("critical");
  const mac = newMac();
  await proxy.account("start", [nas, ...stay(mac, "1")]);
  expect(await openOf(mac)).toMatchObject([
    {
      origin: "unverified",
      acctSessionId: "1",
      edgeId: running.edge.edgeId,
      evidence: { nas: { callingStationId: mac } },
    },
  ]);
  const { id } = await accept(nas, mac, "2");
  expect((await openOf(mac)).map((session) => session.id)).toEqual([id]);
});

test("behaviour 9.1: an Interim's Acct-Session-Time tells when the session began", async () => {
  const mac = newMac();
  const before = Date.now();
  await proxy.account("interim", [named("interim"), ...stay(mac, "1"), write.writeAcctSessionTime(3_600)]);
  const [session] = await openOf(mac);
  expect(session!.acceptedAt).toBeGreaterThanOrEqual(before - 3_600 * SECOND_MS);
  expect(session!.acceptedAt).toBeLessThanOrEqual(Date.now() - 3_600 * SECOND_MS);
});

test("behaviour 9.1: a Start at another access point under our Class continues the Accept", async () => {
  const mac = newMac();
  const { id, classes } = await accept(named("ap-1"), mac, "A");
  await proxy.account("start", [named("ap-1"), ...stay(mac, "A"), ...classes]);
  await proxy.account("start", [named("ap-2"), ...stay(mac, "B"), ...classes]);
  await proxy.account("stop", [named("ap-1"), ...stay(mac, "A"), ...classes]);
  expect(await end(id)).toBe("Accounting-Stop");
  expect(await openOf(mac)).toMatchObject([
    { origin: "continued", applied: { authorization: { vlan: "20" } }, evidence: { nas: { nasIdentifier: "ap-2" } } },
  ]);
});

test("behaviour 8.2: two NASes behind one proxy are told apart by NAS-IP-Address, whatever their Acct-Session-Ids", async () => {
  const [here, there] = [newMac(), newMac()];
  const one = await accept(addressed("192.0.2.1"), here, "1");
  const other = await accept(addressed("192.0.2.2"), there, "1");
  await proxy.account("stop", [addressed("192.0.2.1"), write.writeAcctSessionId("1")]);
  expect(await end(one.id)).toBe("Accounting-Stop");
  expect(await end(other.id)).toBeUndefined();
});

test("behaviour 8.2: and by NAS-IPv6-Address", async () => {
  const [here, there] = [newMac(), newMac()];
  const one = await accept(addressed("2001:db8::1"), here, "1");
  const other = await accept(addressed("2001:db8::2"), there, "1");
  await proxy.account("on", [addressed("2001:db8::2"), write.writeAcctSessionId("0")]);
  await proxy.account("off", [addressed("2001:db8::1"), write.writeAcctSessionId("0")]);
  expect(await end(one.id)).toBe("Accounting-Off");
  expect(await end(other.id)).toBeUndefined();
});

test("a Class that another key signed leads to no session", async () => {
  const mac = newMac();
  const { id } = await accept(named("forged"), mac, "A");
  const forged = encodeClass({ sessionId: id, decisionId: newId() }, Buffer.alloc(32, 7));
  const stranger = [named("stranger"), write.writeAcctSessionId("Z"), write.writeClass(forged)];
  await proxy.account("stop", stranger);
  expect(await end(id)).toBeUndefined();
});

test("every record is an event: what the NAS told, with its counters", async () => {
  const mac = newMac();
  const usage = [write.writeAcctSessionTime(60), write.writeAcctInputOctets(10), write.writeAcctOutputOctets(20)];
  await proxy.account("stop", [named("told"), ...stay(mac, "1"), ...usage, write.writeAcctTerminateCause(1)]);
  const { events } = await searchEvents(running.store, organizationId, {
    start: 0,
    end: Date.now() + SECOND_MS,
    limit: 1,
    macs: [mac],
  });
  expect(events).toMatchObject([
    {
      type: "NAC_ACCOUNTING_STOP",
      mac,
      body: { session_seconds: 60, rx_bytes: 10, tx_bytes: 20, terminate_cause: "User-Request" },
    },
  ]);
});

test("what a NAS repeats because it was not answered, with its Acct-Delay-Time, is one event and no other", async () => {
  const mac = newMac();
  const place = [named("sw-repeats"), ...stay(mac, "repeated")];
  await accept(named("sw-repeats"), mac, "repeated");
  const delayed = (seconds: number) => [...place, write.writeAcctDelaySeconds(seconds)];
  const after = (seconds: number) => write.writeAcctSessionTime(seconds);
  await proxy.account("start", place);
  await proxy.account("start", delayed(2));
  await proxy.account("interim", [...place, after(600)]);
  await proxy.account("interim", [...delayed(2), after(600)]);
  await proxy.account("interim", [...delayed(1), after(1_200)]);
  await proxy.account("stop", place);
  await proxy.account("stop", delayed(2));
  await proxy.account("stop", delayed(6));
  const end = Date.now() + 60 * SECOND_MS;
  const { events } = await searchEvents(running.store, organizationId, { start: 0, end, limit: 1_000 });
  const types = events.filter((event) => event.mac === mac).map(({ type }) => type);
  expect(types.filter((type) => type.startsWith("NAC_ACCOUNTING")).toSorted()).toEqual([
    "NAC_ACCOUNTING_START",
    "NAC_ACCOUNTING_STOP",
    "NAC_ACCOUNTING_UPDATE",
    "NAC_ACCOUNTING_UPDATE",
  ]);
});
