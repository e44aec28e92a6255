import { createHash, randomBytes } from "node:crypto";
import { identityKey } from "../../domain/identity.ts";
import { parseDeviceId } from "../../domain/device-id.ts";
import type { OrganizationId } from "../../domain/identifiers.ts";
import { parseMac } from "../../domain/mac-address.ts";
import { HOUR_MS } from "../../domain/time.ts";
import { readClass } from "../../radius-edge/class-attribute.ts";
import * as read from "../../radius-edge/wire/attribute-readers.ts";
import { ATTRIBUTE } from "../../radius-edge/wire/attribute-type.ts";
import * as write from "../../radius-edge/wire/attribute-writers.ts";
import type { Attribute, Packet } from "../../radius-edge/wire/packet.ts";
import { deriveKey } from "../../runtime/master-keys.ts";
import { createAuthority } from "../../simulators/certificates.ts";
import type { CertifiedKey } from "../../simulators/certificates.ts";
import type { CertifiedClient, FleetClient } from "../../simulators/fleet/client.ts";
import { openRadiusClient } from "../../simulators/fleet/radius-client.ts";
import { findClient } from "../../store/clients.ts";
import { findSession } from "../../store/sessions.ts";
import { searchEvents } from "../../store/events.ts";
import { takeWishes } from "../../store/outbox.ts";
import { storeVerdict } from "../../store/verdicts.ts";
import { DEVICE_ID, verdict } from "../support/domain-values.ts";
import { createTenant, NAS_SECRET, startTestEdge } from "../support/edge.ts";
import type { TestEdge } from "../support/edge.ts";
import { openEdgeNas } from "../support/edge-nas.ts";
import type { EdgeNas } from "../support/edge-nas.ts";
import { createSite } from "./eap/bench.ts";
import type { Site } from "./eap/bench.ts";

const identity = identityKey({ kind: "device", deviceId: parseDeviceId(DEVICE_ID)! });
const COMPLIANT_ADDRESS = "127.0.0.61";
const TIMED_ADDRESS = "127.0.0.62";
const MAC = parseMac("a4:83:e7:00:10:01")!;
const PRINTER = parseMac("00:17:c8:00:10:04")!;

let site: Site;
let running: TestEdge;
let organizationId: OrganizationId;
let nas: EdgeNas;
let timed: EdgeNas;

beforeAll(async () => {
  site = await createSite();
  running = await startTestEdge(async (store) => {
    organizationId = await createTenant(store, {
      name: "Acme",
      site,
      nasAddress: COMPLIANT_ADDRESS,
      rules: [{ gives: [{ name: "staff", type: "vlan", values: ["20"] }] }],
    });
    await createTenant(store, {
      name: "Timed",
      nasAddress: TIMED_ADDRESS,
      rules: [{ gives: [{ name: "an hour", type: "session_timeout", values: ["3600"] }] }],
    });
    const now = Date.now();
    const known = verdict({ checkedAt: now, changedAt: now, dueAt: now + 2 * HOUR_MS });
    const printers = identityKey({ kind: "mac", mac: PRINTER });
    for (const each of [identity, printers]) {
      await storeVerdict(store, organizationId, each, { verdict: known, changed: true });
    }
  });
  nas = await openEdgeNas(running.edge, COMPLIANT_ADDRESS);
  timed = await openEdgeNas(running.edge, TIMED_ADDRESS);
});
afterAll(async () => {
  for (const each of [nas, timed]) each.close();
  await running.close();
});

function laptop(certified: CertifiedKey): CertifiedClient {
  const trustedCas = [site.authority.certificatePem];
  return { kind: "eap-tls", name: "laptop", mac: MAC, port: "wireless", identity: "laptop", ...certified, trustedCas };
}

const printer = (mac: string): FleetClient => ({ kind: "mab", name: "printer", mac: parseMac(mac)!, port: "wired" });

const events = async (of: OrganizationId) =>
  (await searchEvents(running.store, of, { start: 0, end: Date.now() + HOUR_MS, limit: 1_000 })).events;

const wishesOf = async (of: OrganizationId): Promise<readonly string[]> => {
  const taken = await takeWishes(running.store, { limit: 1_000, leaseMs: 0 });
  return taken.filter((wish) => wish.organizationId === of).map(({ subject }) => subject);
};

const rows = async (table: "clients" | "sessions", of: OrganizationId): Promise<number> => {
  const { total } = await running.store.db
    .selectFrom(table)
    .select((eb) => eb.fn.countAll<number>().as("total"))
    .where("organization_id", "=", of)
    .executeTakeFirstOrThrow();
  return total;
};

const terminationAction = ({ attributes }: Packet): number | undefined =>
  attributes.find(([type]) => type === ATTRIBUTE.TerminationAction)?.[1].readUInt32BE();

test.each([
  ["without Calling-Station-Id", []],
  ["with an IP address as Calling-Station-Id", [write.writeCallingStationId("192.0.2.7")]],
])("behaviour 7.4: a request %s is decided by policy, and makes neither client nor session", async (_, place) => {
  const before = { clients: await rows("clients", organizationId), sessions: await rows("sessions", organizationId) };
  const { outcome } = await nas.authenticate(printer("00:17:c8:00:10:01"), place);
  expect(outcome).toMatchObject({ kind: "accepted", authorization: { vlan: "20" } });
  const certified = laptop(await site.authority.issue({ commonName: "laptop", sanDns: [DEVICE_ID] }));
  expect((await nas.authenticate(certified, place)).outcome).toMatchObject({ kind: "accepted" });
  const [last] = await events(organizationId);
  expect(last).toMatchObject({ type: "NAC_CLIENT_PERMIT", mac: undefined });
  expect({
    clients: await rows("clients", organizationId),
    sessions: await rows("sessions", organizationId),
  }).toEqual(before);
});

test("behaviour 2.1: a failed EAP makes an event, but neither client nor wish", async () => {
  const rogue = await createAuthority("Rogue");
  const unheardOf = "E30E0F3D-66AF-4B92-B31E-1DA394DF1E88";
  const stranger = laptop(await rogue.issue({ commonName: "stranger", sanDns: [unheardOf] }));
  const place = [write.writeCallingStationId("a4-83-e7-00-10-0f")];
  const { outcome, packet } = await nas.authenticate(stranger, place);
  expect([outcome.kind, packet.code]).toEqual(["rejected", "Access-Reject"]);
  const [last] = await events(organizationId);
  expect(last).toMatchObject({ type: "NAC_CLIENT_CERT_CHECK_FAILURE", mac: "a483e700100f", identity: undefined });
  expect(await findClient(running.store, organizationId, parseMac("a483e700100f")!)).toBeUndefined();
  const wished = identityKey({ kind: "device", deviceId: parseDeviceId(unheardOf)! });
  expect(await wishesOf(organizationId)).not.toContain(wished);
});

test("behaviour 2.1: fifty re-authentications of a device whose verdict holds make no wish", async () => {
  const certified = laptop(await site.authority.issue({ commonName: "laptop", sanDns: [DEVICE_ID] }));
  const place = [write.writeCallingStationId("a4-83-e7-00-10-01")];
  const before = await wishesOf(organizationId);
  for (let i = 0; i < 50; i++) {
    expect((await nas.authenticate(certified, place)).outcome.kind).toBe("accepted");
  }
  const permitted = (await events(organizationId)).filter(({ mac }) => mac === MAC);
  expect(permitted).toHaveLength(50);
  expect(permitted[0]).toMatchObject({ identity, body: { mdm_compliance: "compliant" } });
  expect(await wishesOf(organizationId)).toEqual(before);
});

test("the outer identity of EAP-TLS makes nobody another: what counts is a name in the certificate", async () => {
  const certificate = await site.authority.issue({ commonName: "laptop", sanEmail: ["ada@acme.example"] });
  const place = [write.writeCallingStationId("a4-83-e7-00-10-02")];
  const calling = async (identity: string): Promise<unknown> => {
    const { packet } = await nas.authenticate({ ...laptop(certificate), identity }, place);
    const [last] = await events(organizationId);
    expect(last?.body["username"]).toBe(read.readUserName(packet));
    return read.readUserName(packet);
  };
  expect(await calling("ada@acme.example")).toBe("ada@acme.example");
  expect(await calling("LAPTOP")).toBe("laptop");
  expect(await calling("ceo@acme.example")).toBe("laptop");
});

test("behaviour 6.1: an Accept carries Class and Acct-Interim-Interval 600, and no Session-Timeout by default", async () => {
  const { packet } = await nas.authenticate(printer("00:17:c8:00:10:02"), []);
  expect(read.readClasses(packet).map((value) => value.length)).toEqual([41]);
  expect(read.readAcctInterimIntervalSeconds(packet)).toBe(600);
  expect(read.readSessionTimeoutSeconds(packet)).toBeUndefined();
  expect(terminationAction(packet)).toBeUndefined();
});

test("behaviour 6.1: a Session-Timeout comes with Termination-Action RADIUS-Request, spread by ±10 %", async () => {
  const timeouts = new Set<number>();
  for (let i = 0; i < 20; i++) {
    const { packet } = await timed.authenticate(printer("00:17:c8:00:10:03"), []);
    expect(terminationAction(packet)).toBe(1);
    timeouts.add(read.readSessionTimeoutSeconds(packet)!);
  }
  expect([...timeouts].filter((seconds) => seconds < 3_240 || seconds > 3_960)).toEqual([]);
  expect(timeouts.size).toBeGreaterThan(5); // of 720: fewer would be no chance
});

test("a client known by its words is refused all the same where its password is wrong", async () => {
  const radius = await openRadiusClient({ address: COMPLIANT_ADDRESS, secret: NAS_SECRET });
  const mac = parseMac("00:17:c8:00:10:05")!;
  const ask = async (password: string) => {
    const challenge = randomBytes(16);
    const answer = createHash("md5")
      .update(Buffer.from([7]))
      .update(password)
      .update(challenge)
      .digest();
    const answered = await radius.ask(running.edge.authentication, "Access-Request", [
      write.writeUserName(mac),
      write.writeCallingStationId(mac),
      [ATTRIBUTE.ChapPassword, Buffer.concat([Buffer.from([7]), answer])],
      [ATTRIBUTE.ChapChallenge, challenge],
    ]);
    return answered?.packet.code;
  };
  const passwords = [mac, mac, "another", mac];
  const codes = [];
  for (const password of passwords) codes.push(await ask(password));
  radius.close();
  expect(codes).toEqual(passwords.map((password) => (password === mac ? "Access-Accept" : "Access-Reject")));
});

test("behaviour 6.1: a NAS that asks for a Chargeable-User-Identity gets one, the same each time, and only then", async () => {
  const classKey = Buffer.from(deriveKey(running.keys, "radius-class"));
  const accepted = async (asked: readonly Attribute[], at = nas) => {
    const place = [write.writeCallingStationId("00-17-C8-00-10-06"), ...asked];
    const { packet } = await at.authenticate(printer("00:17:c8:00:10:06"), place);
    const told = packet.attributes.filter(([type]) => type === ATTRIBUTE.ChargeableUserIdentity);
    const { sessionId } = readClass(read.readClasses(packet), classKey)!;
    return { told: told.map(([, value]) => value.toString()), sessionId };
  };
  expect((await accepted([])).told).toEqual([]);
  const first = await accepted([write.writeChargeableUserIdentity("\0")]);
  expect(first.told).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)]);
  // Asked again in the same words, and with what it was told: both repeat the first Accept.
  expect(await accepted([write.writeChargeableUserIdentity("\0")])).toEqual(first);
  expect(await accepted([write.writeChargeableUserIdentity(first.told[0]!)])).toEqual(first);
  const [last] = await events(organizationId);
  expect(last?.body["resp_attrs"]).toContain(`Chargeable-User-Identity=${first.told[0]}`);
  const elsewhere = await accepted([write.writeChargeableUserIdentity("\0")], timed);
  expect(elsewhere.told).toHaveLength(1);
  expect(elsewhere.told).not.toEqual(first.told);
  expect((await accepted([])).told).toEqual([]);
});

test("a client that is accepted again goes on with its session until accounting ends it, and each Accept is an event", async () => {
  const classKey = Buffer.from(deriveKey(running.keys, "radius-class"));
  const place = [write.writeAcctSessionId("10-04"), write.writeCallingStationId(PRINTER)];
  const accepted = async () => {
    const { packet } = await nas.authenticate({ kind: "mab", name: "printer", mac: PRINTER, port: "wired" }, place);
    return readClass(read.readClasses(packet), classKey)!;
  };
  const [first, second] = [await accepted(), await accepted()];
  await nas.account("stop", place);
  const third = await accepted();
  expect(second.sessionId).toBe(first.sessionId);
  expect(third.sessionId).not.toBe(first.sessionId);
  const told = (await events(organizationId)).filter(({ mac }) => mac === PRINTER);
  const permitted = told.filter(({ type }) => type === "NAC_CLIENT_PERMIT");
  expect(permitted.map(({ id }) => id)).toEqual([third, second, first].map(({ decisionId }) => decisionId));
  expect(permitted[1]!.body).toEqual(permitted[2]!.body);
  const found = await findClient(running.store, organizationId, PRINTER);
  expect(found?.sessions.map(({ id }) => id)).toEqual([third.sessionId]);
  expect(await findSession(running.store, organizationId, first.sessionId)).toMatchObject({
    decisionId: second.decisionId,
    endReason: "Accounting-Stop",
  });
});
