import { createSocket } from "node:dgram";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { parseMac, type MacAddress } from "../../domain/mac-address.ts";
import { secret } from "../../domain/secret.ts";
import * as read from "../../radius-edge/wire/attribute-readers.ts";
import * as write from "../../radius-edge/wire/attribute-writers.ts";
import { buildDynamicAuthorization } from "../../radius-edge/wire/dynamic-authorization.ts";
import { verifyResponse } from "../../radius-edge/wire/exchange.ts";
import type { Attribute, Packet } from "../../radius-edge/wire/packet.ts";
import { createAuthority } from "../../simulators/certificates.ts";
import type { FleetClient } from "../../simulators/fleet/client.ts";
import { openRadiusClient } from "../../simulators/fleet/radius-client.ts";
import { startNas, type Nas, type NasEvent } from "../../simulators/fleet/nas.ts";
import { createSite, type Site } from "../radius-edge/eap/bench.ts";
import { startAnswerer, type Answerer } from "./radius-answerer.ts";

const SECRET = secret("fleet-test-secret");
const ADDRESS = "127.0.0.1";
const PRINTER: FleetClient = {
  kind: "mab",
  name: "printer",
  mac: parseMac("00:17:c8:00:00:01")!,
  port: "wired",
};
let site: Site;
let laptop: FleetClient;
let server: Answerer;
let nas: Nas;
let events: NasEvent[];

beforeAll(async () => {
  site = await createSite();
  const certified = await site.authority.issue({ commonName: "laptop" });
  const mac = parseMac("a4:83:e7:00:00:01")!;
  const trustedCas = [site.authority.certificatePem];
  laptop = { kind: "eap-tls", name: "laptop", mac, port: "wireless", identity: "laptop", ...certified, trustedCas };
});
beforeEach(async () => {
  server = await startAnswerer(SECRET, site.context);
  events = [];
  nas = await startNas({
    address: ADDRESS,
    nasIdentifier: "test-nas",
    secret: SECRET,
    authentication: server.address,
    accounting: server.address,
    onEvent: (event) => void events.push(event),
    returnMs: 20,
    firstRetryMs: 100,
  });
});
afterEach(async () => {
  await nas.close();
  server.close();
});

async function until(done: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500 && !done(); tries++) await sleep(10);
  expect(done()).toBe(true);
}

const accounted = (kind: string): readonly Packet[] =>
  server.requests.filter((request) => read.readAccountingKind(request) === kind);

async function order(
  code: "CoA-Request" | "Disconnect-Request",
  attributes: readonly Attribute[],
  sharedSecret = SECRET,
): Promise<Packet | undefined> {
  const request = buildDynamicAuthorization({ code, identifier: 9, sentAt: Date.now(), attributes }, sharedSecret);
  if (request.kind === "refused") throw new Error(request.sentence);
  const socket = createSocket("udp4");
  socket.send(request.bytes, nas.coaPort, ADDRESS);
  const datagram = await Promise.race([
    once(socket, "message").then(([bytes]) => bytes as Buffer),
    sleep(400, undefined, { ref: false }),
  ]);
  socket.close();
  if (datagram === undefined) return undefined;
  const verified = verifyResponse(datagram, request.bytes, sharedSecret);
  if (verified.kind === "drop") throw new Error(verified.reason);
  return verified.packet;
}

const REAUTHENTICATE = write.writeCiscoAvPair("subscriber:command=reauthenticate");
const auditSession = (mac: MacAddress): Attribute => {
  const session = nas.sessions.find(({ client }) => client.mac === mac);
  return write.writeCiscoAvPair(`audit-session-id=${session!.auditSessionId}`);
};

test("it says that it has started, then a printer is admitted by its MAC and accounted for with the Class of its Accept", async () => {
  expect((await nas.connect(PRINTER)).kind).toBe("accepted");
  expect(nas.vlanOf(PRINTER.mac)).toBe("20");
  await until(() => accounted("start").length === 1);
  expect(read.readAccountingKind(server.requests[0]!)).toBe("on");
  const [start] = accounted("start");
  expect(read.readClasses(start!).map(String)).toEqual(["in-20"]);
  expect(read.readCallingStationId(start!)).toBe("00-17-C8-00-00-01");
});

test("EAP-TLS is relayed to its end, and the keys of the Accept are the client's", async () => {
  expect((await nas.connect(laptop)).kind).toBe("accepted");
  const asked = server.requests.filter(({ code }) => code === "Access-Request");
  expect(asked.length).toBeGreaterThan(3);
  expect(new Set(asked.map(read.readAcctSessionId)).size).toBe(1);
});

test("a client that is not vouched for is rejected and gets no session", async () => {
  const rogue = await createAuthority("Rogue");
  const stranger = { ...laptop, ...(await rogue.issue({ commonName: "stranger" })) };
  const outcome = await nas.connect(stranger);
  expect(outcome.kind).toBe("rejected");
  expect(nas.sessions).toHaveLength(0);
});

test("what the server does not answer is sent again", async () => {
  await nas.connect(PRINTER);
  await until(() => accounted("start").length === 1);
  server.ignore = 2;
  expect((await nas.connect(PRINTER)).kind).toBe("accepted");
});

test("a silent server leaves the client without network, not the NAS without hope", async () => {
  await nas.connect(PRINTER);
  await until(() => accounted("start").length === 1);
  server.ignore = 4;
  expect(await nas.connect(PRINTER)).toEqual({ kind: "noAnswer" });
  expect((await nas.connect(PRINTER)).kind).toBe("accepted");
});

test("a CoA with Cisco's reauthenticate is acknowledged, and moves the client within its session", async () => {
  await nas.connect(laptop);
  const [before] = nas.sessions;
  server.vlan = "99";
  expect((await order("CoA-Request", [auditSession(laptop.mac), REAUTHENTICATE]))?.code).toBe("CoA-ACK");
  await until(() => nas.vlanOf(laptop.mac) === "99");
  expect(nas.sessions[0]!.acctSessionId).toBe(before!.acctSessionId);
  await until(() => accounted("interim").length === 1);
  expect(read.readClasses(accounted("interim")[0]!).map(String)).toEqual(["in-99"]);
  expect(events.at(-1)).toMatchObject({ kind: "access", occasion: "coa" });
});

test("a Disconnect is acknowledged, ends the session in accounting, and the client comes back with a new one", async () => {
  await nas.connect(PRINTER);
  const { acctSessionId } = nas.sessions[0]!;
  server.vlan = "99";
  const answer = await order("Disconnect-Request", [write.writeAcctSessionId(acctSessionId)]);
  expect(answer?.code).toBe("Disconnect-ACK");
  await until(() => nas.vlanOf(PRINTER.mac) === "99");
  await until(() => accounted("stop").length === 1);
  expect(read.readAcctSessionId(accounted("stop")[0]!)).toBe(acctSessionId);
  expect(read.readAcctTerminateCause(accounted("stop")[0]!)).toBe(6);
  expect(nas.sessions[0]!.acctSessionId).not.toBe(acctSessionId);
});

test("sessions that are not there, and other commands, are refused by their Error-Cause", async () => {
  await nas.connect(PRINTER);
  const elsewhere = write.writeCallingStationId("00-00-5E-00-53-01");
  const gone = await order("Disconnect-Request", [elsewhere]);
  expect([gone?.code, read.readErrorCause(gone!)]).toEqual(["Disconnect-NAK", 503]);
  const half = await order("CoA-Request", [auditSession(PRINTER.mac), elsewhere, REAUTHENTICATE]);
  expect([half?.code, read.readErrorCause(half!)]).toEqual(["CoA-NAK", 503]);
  const other = await order("CoA-Request", [auditSession(PRINTER.mac)]);
  expect([other?.code, read.readErrorCause(other!)]).toEqual(["CoA-NAK", 405]);
  const nasNamed = await order("CoA-Request", [write.writeNasIdentifier("another"), REAUTHENTICATE]);
  expect(read.readErrorCause(nasNamed!)).toBe(403);
});

test("a wrong secret is met with silence", async () => {
  await nas.connect(PRINTER);
  const mac = write.writeCallingStationId("00-17-C8-00-00-01");
  expect(await order("Disconnect-Request", [mac], secret("another-secret"))).toBeUndefined();
  expect(nas.sessions).toHaveLength(1);
});

test("accounting that is sent again says how late it is, under an identifier of its own", async () => {
  await until(() => accounted("on").length === 1);
  const radius = await openRadiusClient({ address: ADDRESS, secret: SECRET, firstRetryMs: 1_050 });
  server.ignore = 1;
  const start = [write.writeAccountingKind("start"), write.writeAcctSessionId("7")];
  expect((await radius.ask(server.address, "Accounting-Request", start))?.packet.code).toBe("Accounting-Response");
  expect(accounted("start").map(read.readAcctDelaySeconds)).toEqual([1]);
  radius.close();
});

test("closing tells the server that the NAS goes down", async () => {
  await nas.close();
  expect(accounted("off")).toHaveLength(1);
});
