import { createHash, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import type { Socket } from "node:net";
import type { CoaOutcome, CoaStep } from "../../../domain/coa.ts";
import type { NasId, OrganizationId } from "../../../domain/identifiers.ts";
import { identityKey } from "../../../domain/identity.ts";
import { parseMac } from "../../../domain/mac-address.ts";
import { secret } from "../../../domain/secret.ts";
import { HOUR_MS } from "../../../domain/time.ts";
import * as read from "../../../radius-edge/wire/attribute-readers.ts";
import * as write from "../../../radius-edge/wire/attribute-writers.ts";
import { buildRequest, buildResponse, newRequestAuthenticator } from "../../../radius-edge/wire/exchange.ts";
import type { Attribute } from "../../../radius-edge/wire/packet.ts";
import { createAuthority } from "../../../simulators/certificates.ts";
import type { Authority, CertifiedKey } from "../../../simulators/certificates.ts";
import { authenticate } from "../../../simulators/fleet/access.ts";
import { searchEvents } from "../../../store/events.ts";
import { beginStep, closeEnforcement, finishStep, stepsSoFar } from "../../../store/enforcements.ts";
import { deleteNas } from "../../../store/nases.ts";
import { takeWishes } from "../../../store/outbox.ts";
import type { Wish } from "../../../store/outbox.ts";
import { openSessionsOfMac } from "../../../store/sessions.ts";
import { eventually, metricOf } from "../../fuzz/edge-under-fire.ts";
import { evidence } from "../../support/domain-values.ts";
import { createTenant } from "../../support/edge.ts";
import { orderCoa } from "../../support/order-coa.ts";
import { createSite } from "../eap/bench.ts";
import type { Site } from "../eap/bench.ts";
import { nak } from "../coa/nas.ts";
import { registerRadsecNas, startRadsecEdge } from "./edge.ts";
import type { RadsecEdge } from "./edge.ts";
import { openRadsecNas, RADSEC } from "./nas.ts";
import type { RadsecNas } from "./nas.ts";
import { bytesOf, packetOf } from "../wire/make.ts";

const MAC = "A4-83-E7-00-70-01";
const MAB: readonly Attribute[] = [
  write.writeUserName(MAC),
  write.writeCallingStationId(MAC),
  write.writeServiceType(10),
];

let site: Site;
let running: RadsecEdge;
let organizationId: OrganizationId;
let nasId: NasId;
let rivalId: OrganizationId;
let certified: CertifiedKey;
const open: RadsecNas[] = [];

beforeAll(async () => {
  site = await createSite();
  running = await startRadsecEdge(async (store) => {
    const rules = [{ gives: [{ name: "staff", type: "vlan", values: ["20"] }] }] as const;
    organizationId = await createTenant(store, { name: "Acme", site, nasAddress: "127.0.0.90", rules });
    rivalId = await createTenant(store, { name: "Rival", nasAddress: "127.0.0.91", rules: [] });
    nasId = await registerRadsecNas(store, organizationId, "ap-1.acme.example");
    await registerRadsecNas(store, rivalId, "ap-2.rival.example");
  });
  certified = await issue("ap-1.acme.example");
});
afterEach(() => {
  for (const nas of open.splice(0)) nas.close();
});
afterAll(() => running.close());

const issue = (san: string): Promise<CertifiedKey> => running.nasCa.issue({ commonName: "a NAS", sanDns: [san] });

async function connect(as: CertifiedKey | undefined = certified, options = {}): Promise<RadsecNas> {
  const nas = await openRadsecNas(running.edge.radsec!, as, running.nasCa.certificatePem, options);
  open.push(nas);
  return nas;
}

/** How often connections have ended so, once that is `wanted`. */
async function endedOnce(reason: string, wanted: number): Promise<number> {
  await eventually(async () => (await ended(reason)) >= wanted);
  return ended(reason);
}
const ended = (reason: string) => metricOf(running, "portcullis_radsec_ended_total", `reason="${reason}"`);
const dropped = (reason: string) => metricOf(running, "portcullis_radius_drops_total", `reason="${reason}"`);

test.each(["TLSv1.2", "TLSv1.3"] as const)(
  "over %s one connection serves authentication, accounting and the watchdog",
  async (version) => {
    const nas = await connect(certified, { minVersion: version, maxVersion: version });
    const watched = await nas.ask("Status-Server");
    expect(watched.packet.code).toBe("Access-Accept");
    const { packet } = await nas.ask("Access-Request", MAB);
    expect(packet.code).toBe("Access-Accept");
    expect(packet.attributes[0]![0]).toBe(80);
    const [classValue] = read.readClasses(packet);
    const session = [write.writeAcctSessionId("7001"), write.writeClass(classValue!), ...MAB];
    const accounted = await nas.ask("Accounting-Request", [write.writeAccountingKind("start"), ...session]);
    expect(accounted.packet.code).toBe("Accounting-Response");
    expect(accounted.packet.attributes).toHaveLength(0);
  },
);

test("EAP-TLS runs over it, and its keys are hidden with RFC 6614's secret", async () => {
  const nas = await connect();
  const device = await site.authority.issue({ commonName: "mac-70" });
  const mac = parseMac(MAC)!;
  const trustedCas = [site.authority.certificatePem];
  const client = { kind: "eap-tls", name: "mac-70", mac, port: "wireless", identity: "mac-70", trustedCas } as const;
  const outcome = await authenticate({ ...client, ...device }, [write.writeCallingStationId(MAC)], {
    secret: RADSEC,
    ask: (attributes) => nas.ask("Access-Request", attributes),
  });
  expect(outcome).toMatchObject({ kind: "accepted", authorization: { vlan: "20" } });
});

test("behaviour 8.1: the certificate alone says whose NAS it is, and with it whose rules decide", async () => {
  const rival = await connect(await issue("AP-2.rival.example"));
  const mac = "A4-83-E7-00-70-02";
  const { packet } = await rival.ask("Access-Request", [write.writeUserName(mac), write.writeServiceType(10)]);
  expect(packet.code).toBe("Access-Reject");
  const range = { start: 0, end: Date.now() + 60_000, limit: 10 };
  const { events } = await searchEvents(running.store, rivalId, { types: ["NAC_CLIENT_DENY"], ...range });
  expect(events.length).toBeGreaterThan(0);
});

test("a NAS without a certificate, with one of another CA, for another purpose, or of old TLS does not get in", async () => {
  const before = await ended("handshake");
  const stranger = await createAuthority("NAS CA"); // the same name, another key
  const forged = await stranger.issue({ commonName: "ap-1", sanDns: ["ap-1.acme.example"] });
  const server = await running.nasCa.issue({ commonName: "ap-1", sanDns: ["ap-1.acme.example"], eku: "server" });
  for (const certificate of [undefined, forged, server]) {
    // Over TLS 1.3 the client has ended its handshake before the server judges it.
    const attempt = openRadsecNas(running.edge.radsec!, certificate, running.nasCa.certificatePem);
    await attempt.then(
      (nas) => nas.ended,
      () => undefined,
    );
  }
  await expect(connect(certified, { minVersion: "TLSv1", maxVersion: "TLSv1.1" })).rejects.toThrow(
    /alert|version|protocol/,
  );
  expect(await endedOnce("handshake", before + 4)).toBe(before + 4);
});

test("behaviour 8.1: an authority that may vouch for NASes does not get in with another's, by a name that it gave away", async () => {
  const before = await ended("unknown-nas");
  const namesake = await running.otherCa.issueAuthority("NAS CA");
  const forged = await namesake.issue({ commonName: "a NAS", sanDns: ["ap-1.acme.example"] });
  const nas = await connect({ ...forged, certificatePem: forged.certificatePem + namesake.certificatePem });
  await nas.ended;
  expect(await endedOnce("unknown-nas", before + 1)).toBe(before + 1);
});

test("behaviour 8.1: by a name that two authorities have nobody gets in, and by its key only the one that signed", async () => {
  const keyOf = (pem: string): string =>
    createHash("sha256")
      .update(new X509Certificate(pem).publicKey.export({ type: "spki", format: "der" }))
      .digest("hex");
  const { twinCa, otherCa } = running;
  const branch = await otherCa.issueAuthority("Branch CA");
  const [twin, under] = [{ issuer: "CN=Twin CA" }, { issuer: "CN=Branch CA" }];
  const keys = [keyOf(twinCa.certificatePem), keyOf(branch.certificatePem)];
  await registerRadsecNas(running.store, organizationId, "by-name.twin.example", twin);
  await registerRadsecNas(running.store, organizationId, "by-key.twin.example", { ...twin, issuerKeys: [keys[0]!] });
  await registerRadsecNas(running.store, organizationId, "other.twin.example", { ...twin, issuerKeys: [keys[1]!] });
  await registerRadsecNas(running.store, organizationId, "by-name.branch.example", under);
  await registerRadsecNas(running.store, organizationId, "by-key.branch.example", { ...under, issuerKeys: keys });
  const isServed = async (ca: Authority, san: string, chain = ""): Promise<boolean> => {
    const issued = await ca.issue({ commonName: "a NAS", sanDns: [san] });
    const nas = await connect({ ...issued, certificatePem: issued.certificatePem + chain });
    return nas.ask("Status-Server").then(
      () => true,
      () => false,
    );
  };
  // Registered last, so known last.
  await eventually(() => isServed(branch, "by-key.branch.example", branch.certificatePem));
  expect(await isServed(twinCa, "by-key.twin.example")).toBe(true);
  expect(await isServed(twinCa, "by-name.twin.example")).toBe(false);
  expect(await isServed(twinCa, "other.twin.example")).toBe(false);
  expect(await isServed(branch, "by-name.branch.example", branch.certificatePem)).toBe(false);
});

test("a certificate that is registered for no NAS is closed at once, and counted", async () => {
  const before = await ended("unknown-nas");
  const nas = await connect(
    await running.nasCa.issue({ commonName: "ap-1.acme.example", sanDns: ["ap-9.acme.example"] }),
  );
  await nas.ended;
  expect(await endedOnce("unknown-nas", before + 1)).toBe(before + 1);
});

/** TCP connections from there that say nothing. */
function beginInSilence(localAddress: string, times: number): Socket[] {
  const [host, port] = running.edge.radsec!.split(":");
  return Array.from({ length: times }, () =>
    connectTcp({ host: host!, port: Number(port), localAddress }).on("error", () => undefined),
  );
}

test("a host that begins handshakes and ends none loses the oldest of them, and keeps no NAS out", async () => {
  const before = await ended("too-many-handshakes");
  const unfinished = await ended("handshake");
  const begun = beginInSilence("127.0.0.66", 140);
  expect(await endedOnce("too-many-handshakes", before + 12)).toBe(before + 12);
  expect((await (await connect()).ask("Status-Server")).packet.code).toBe("Access-Accept");
  for (const socket of begun) socket.destroy();
  expect(await endedOnce("handshake", unfinished + 128)).toBe(unfinished + 128);
});

test("hosts that hold all handshakes there may be keep no NAS out, not even one that comes from where they do", async () => {
  const before = await ended("too-many-handshakes");
  // A NAS of these tests comes from 127.0.0.1.
  const begun: Socket[] = [];
  for (const source of [1, 67, 68, 69, 70, 71, 72, 73]) {
    const some = beginInSilence(`127.0.0.${source}`, 128);
    begun.push(...some);
    // No more at once than the kernel keeps in line: what it drops comes a second later.
    await Promise.all(some.map((socket) => once(socket, "connect")));
  }
  begun.push(...beginInSilence("127.0.0.80", 1));
  expect(await endedOnce("too-many-handshakes", before + 1)).toBe(before + 1);
  expect((await (await connect()).ask("Status-Server")).packet.code).toBe("Access-Accept");
  for (const socket of begun) socket.destroy();
});

test("a NAS that is registered no longer is closed at its next packet", async () => {
  const id = await registerRadsecNas(running.store, organizationId, "ap-3.acme.example");
  const as = await issue("ap-3.acme.example");
  const isServed = (nas: RadsecNas): Promise<boolean> =>
    nas.ask("Status-Server").then(
      () => true,
      () => false,
    );
  let served: RadsecNas | undefined;
  await eventually(async () => {
    const nas = await connect(as);
    if (await isServed(nas)) served = nas;
    return served !== undefined;
  });
  const early = await ended("unknown-nas");
  await deleteNas(running.store, organizationId, id);
  await eventually(async () => !(await isServed(served!)));
  await served!.ended;
  expect(await endedOnce("unknown-nas", early + 1)).toBe(early + 1);
});

test("256 requests at once are each answered under their own identifier", async () => {
  const nas = await connect();
  const macs = Array.from({ length: 256 }, (_, n) => `A4-83-E7-00-71-${n.toString(16).padStart(2, "0")}`);
  const answers = await Promise.all(
    macs.map((mac) => nas.ask("Access-Request", [write.writeUserName(mac), write.writeServiceType(10)])),
  );
  expect(answers.map(({ packet }) => read.readUserName(packet))).toEqual(macs);
});

test("octet by octet, and many in one piece, requests are the same", async () => {
  const nas = await connect();
  const draft = { code: "Status-Server", identifier: 200, attributes: [] } as const;
  const request = (): Buffer => bytesOf(buildRequest({ ...draft, authenticator: newRequestAuthenticator() }, RADSEC));
  for (const octet of request()) nas.write(Buffer.of(octet));
  nas.write(Buffer.concat(Array.from({ length: 2_000 }, request)));
  expect((await nas.ask("Status-Server")).packet.code).toBe("Access-Accept");
});

test.each<[string, string, Buffer]>([
  ["a length below 20", "framing", Buffer.from([1, 1, 0, 19])],
  ["a length above 4096", "framing", Buffer.from([1, 1, 16, 1])],
  ["HTTP", "framing", Buffer.from("GET / HTTP/1.1\r\nHost: radius\r\n\r\n")],
  [
    "an attribute of no length",
    "packet",
    Buffer.concat([Buffer.from([1, 1, 0, 22]), Buffer.alloc(16), Buffer.from([1, 0])]),
  ],
  [
    "an attribute beyond the end",
    "packet",
    Buffer.concat([Buffer.from([1, 1, 0, 22]), Buffer.alloc(16), Buffer.from([1, 9])]),
  ],
  [
    "a forged Message-Authenticator",
    "packet",
    bytesOf(
      buildRequest(
        { code: "Access-Request", identifier: 1, authenticator: newRequestAuthenticator(), attributes: MAB },
        secret("other"),
      ),
    ),
  ],
  [
    "a forged Accounting-Request",
    "packet",
    bytesOf(buildRequest({ code: "Accounting-Request", identifier: 1, attributes: [] }, secret("other"))),
  ],
])("%s closes the connection, counted as %s (RFC 6613 §2.6.4)", async (_, reason, octets) => {
  const before = await ended(reason);
  const nas = await connect();
  nas.write(octets);
  await nas.ended;
  expect(await endedOnce(reason, before + 1)).toBe(before + 1);
});

test("a code that is not served is dropped, and what follows it is answered", async () => {
  const before = await dropped("unsupported-code");
  const nas = await connect();
  nas.write(Buffer.concat([Buffer.from([99, 1, 0, 20]), Buffer.alloc(16)]));
  expect((await nas.ask("Status-Server")).packet.code).toBe("Access-Accept");
  expect(await dropped("unsupported-code")).toBe(before + 1);
});

test("without Message-Authenticator EAP is dropped, and MAC authentication is not: TLS protects it", async () => {
  const nas = await connect();
  const bare = (...attributes: readonly Attribute[]): Buffer => {
    const [code, identifier, authenticator] = ["Accounting-Request", 9, newRequestAuthenticator()] as const;
    const bytes = bytesOf(buildRequest({ code, identifier, attributes }, RADSEC));
    bytes[0] = 1;
    authenticator.copy(bytes, 4);
    return bytes;
  };
  const before = await dropped("eap-without-message-authenticator");
  const accepts = () => metricOf(running, "portcullis_radius_answer_seconds_count", 'code="Access-Accept"');
  const earlier = await accepts();
  nas.write(bare(...write.writeEapMessage(Buffer.from([2, 1, 0, 5, 1]))));
  nas.write(bare(...MAB));
  await nas.ask("Status-Server"); // an Access-Accept too (RFC 5997 §3)
  await eventually(async () => (await accepts()) >= earlier + 2);
  expect(await dropped("eap-without-message-authenticator")).toBe(before + 1);
});

test("a NAS that reads late loses none of its answers, and holds up no other", async () => {
  const nas = await connect();
  nas.pause();
  const answers = Promise.all(
    Array.from({ length: 256 }, () =>
      nas.ask(
        "Status-Server",
        Array.from({ length: 15 }, () => write.writeProxyState(Buffer.alloc(250))),
      ),
    ),
  );
  expect((await (await connect()).ask("Status-Server")).packet.code).toBe("Access-Accept");
  nas.resume();
  expect(await answers).toHaveLength(256);
});

async function order(step: CoaStep): Promise<CoaOutcome> {
  const session = { nas: { ...evidence().nas, nasId, profile: "cisco" }, userName: "ada", acctSessionId: "7001" };
  const response = await orderCoa(running, { organizationId, nasId, minimumRevision: 0, step, session });
  return (await response.json()) as CoaOutcome;
}

test("CoA goes back over the connection that the NAS has opened, and its answer comes the same way", async () => {
  await eventually(async () => (await metricOf(running, "portcullis_radsec_connections")) === 0);
  const nas = await connect();
  await nas.ask("Status-Server");
  nas.onAsked((bytes) => {
    const request = packetOf(bytes);
    const draft =
      request.code === "CoA-Request" ? ({ code: "CoA-ACK", attributes: [] } as const) : nak(503, "Disconnect-NAK");
    return bytesOf(buildResponse(draft, request, RADSEC));
  });
  expect(await order("reauthenticate")).toEqual({ kind: "acknowledged" });
  expect(await order("disconnect")).toEqual({ kind: "sessionGone" });
  expect(nas.asked).toHaveLength(2);
  expect(read.readAcctSessionId(packetOf(nas.asked[1]!))).toBe("7001");
});

test("an answer to CoA that was not asked for is ignored; a forged one closes the connection, and is no answer", async () => {
  await eventually(async () => (await metricOf(running, "portcullis_radsec_connections")) === 0);
  const before = await ended("packet");
  const nas = await connect();
  nas.write(Buffer.concat([Buffer.from([44, 77, 0, 20]), Buffer.alloc(16)]));
  expect((await nas.ask("Status-Server")).packet.code).toBe("Access-Accept");
  nas.onAsked((bytes) => bytesOf(buildResponse({ code: "CoA-ACK", attributes: [] }, packetOf(bytes), secret("other"))));
  expect(await order("reauthenticate")).toEqual({ kind: "noAnswer", attempts: 1, advice: expect.anything() as string });
  await nas.ended;
  expect(await endedOnce("packet", before + 1)).toBe(before + 1);
});

test("a NAS that speaks RadSec only and is not connected has no path, and is not said to wait for re-authentication", async () => {
  await eventually(async () => (await metricOf(running, "portcullis_radsec_connections")) === 0);
  expect(await order("reauthenticate")).toMatchObject({
    kind: "noPath",
    text: expect.stringContaining("RadSec") as string,
  });
});

test("behaviour 5.6: a NAS that connects again has what could not be sent to it meanwhile begin anew", async () => {
  const away = async () => (await metricOf(running, "portcullis_radsec_connections")) === 0;
  await eventually(away);
  const { store } = running;
  const nas = await connect();
  expect((await nas.ask("Access-Request", MAB)).packet.code).toBe("Access-Accept");
  nas.close();
  await eventually(away);
  const [session] = await openSessionsOfMac(store, organizationId, parseMac(MAC)!);
  const identity = identityKey({ kind: "mac", mac: session!.mac });
  const key = { sessionId: session!.id, revision: 7, step: 0 };
  const { id: sessionId, applied: desired } = session!;
  const intent = { organizationId, identity, desired, stepName: "reauthenticate", sentAt: Date.now() } as const;
  await beginStep(store, { ...key, ...intent });
  await finishStep(store, key, { kind: "noPath", text: "the NAS has no connection to an edge now" });
  await closeEnforcement(store, sessionId, key.revision, "failed");
  await takeWishes(store, { limit: 100, leaseMs: HOUR_MS });
  await connect();
  const told: Wish[] = [];
  await eventually(async () => told.push(...(await takeWishes(store, { limit: 100, leaseMs: HOUR_MS }))) > 0);
  expect(told).toMatchObject([{ kind: "session_changed", organizationId, subject: identity }]);
  expect(await stepsSoFar(store, sessionId, key.revision)).toMatchObject([{ result: "superseded" }]);
});

test("an edge that stops answers what it has recorded, then closes the connection", async () => {
  const stopping = await startRadsecEdge(async (store) => {
    const id = await createTenant(store, { name: "Acme", nasAddress: "127.0.0.92", rules: [{ gives: [] }] });
    await registerRadsecNas(store, id, "ap-1.acme.example");
  });
  const as = await stopping.nasCa.issue({ commonName: "a NAS", sanDns: ["ap-1.acme.example"] });
  const nas = await openRadsecNas(stopping.edge.radsec!, as, stopping.nasCa.certificatePem);
  const asked = Array.from({ length: 100 }, () => nas.ask("Access-Request", MAB));
  await Promise.race(asked);
  await stopping.edge.close();
  const settled = await Promise.allSettled(asked);
  await nas.ended;
  const answered = settled.filter(({ status }) => status === "fulfilled").length;
  const recorded = await stopping.store.db.selectFrom("events").select("id").execute();
  // Some may be in the journal: a slow Postgres holds no answer up.
  expect(answered).toBeGreaterThanOrEqual(Math.max(1, recorded.length));
  await stopping.close();
});
