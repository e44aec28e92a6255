import { DEFAULT_NAS_READY_MS } from "../../../domain/nas-profile.ts";
import { createSocket } from "node:dgram";
import type { Socket } from "node:dgram";
import { once } from "node:events";
import type { ActivityDeps } from "../../../activities/deps.ts";
import { enforce } from "../../../activities/enforce.ts";
import { parseDeviceId } from "../../../domain/device-id.ts";
import type { OrganizationId } from "../../../domain/identifiers.ts";
import { identityKey } from "../../../domain/identity.ts";
import { hyphenatedMac, parseMac } from "../../../domain/mac-address.ts";
import type { MacAddress } from "../../../domain/mac-address.ts";
import { HOUR_MS, SECOND_MS } from "../../../domain/time.ts";
import { createTokenCache } from "../../../mdm/tokens.ts";
import { createHttp } from "../../../outbound/http.ts";
import { readAuditSessionId } from "../../../radius-edge/wire/attribute-readers.ts";
import * as write from "../../../radius-edge/wire/attribute-writers.ts";
import { buildResponse, verifyRequest } from "../../../radius-edge/wire/exchange.ts";
import { decodePacket } from "../../../radius-edge/wire/packet.ts";
import type { Attribute, Packet } from "../../../radius-edge/wire/packet.ts";
import { makeInternalToken } from "../../../runtime/edge-access.ts";
import { createLog } from "../../../runtime/log.ts";
import type { CertifiedClient } from "../../../simulators/fleet/client.ts";
import { openSessionsOfMac } from "../../../store/sessions.ts";
import { storeVerdict } from "../../../store/verdicts.ts";
import { verdict } from "../../support/domain-values.ts";
import { createTenant, NAS_SECRET, startTestEdge } from "../../support/edge.ts";
import type { TestEdge } from "../../support/edge.ts";
import { openEdgeNas } from "../../support/edge-nas.ts";
import type { EdgeNas } from "../../support/edge-nas.ts";
import { createSite } from "../eap/bench.ts";
import type { Site } from "../eap/bench.ts";

const ADDRESS = "127.0.0.65";
const AT_MOST_MS = 3 * SECOND_MS;
let site: Site;
let running: TestEdge;
let organizationId: OrganizationId;
let nas: EdgeNas;
let coaPort: Socket;
/** CoA-Requests that reached the NAS; each is acknowledged. */
let ordered: Packet[];
const http = createHttp({ allowedNetworks: [], guard: false });

beforeAll(async () => {
  site = await createSite();
  coaPort = createSocket("udp4").bind(0, ADDRESS);
  await once(coaPort, "listening");
  coaPort.on("message", (datagram, peer) => {
    const decoded = decodePacket(datagram);
    if (decoded.kind === "drop") return;
    if (verifyRequest(decoded.packet, NAS_SECRET).kind === "drop") return;
    ordered.push(decoded.packet);
    const answer = buildResponse({ code: "CoA-ACK", attributes: [] }, decoded.packet, NAS_SECRET);
    if (answer.kind === "encoded") coaPort.send(answer.bytes, peer.port, peer.address);
  });
  running = await startTestEdge(async (store) => {
    organizationId = await createTenant(store, {
      name: "Acme",
      site,
      nasAddress: ADDRESS,
      coaPort: coaPort.address().port,
      rules: [
        { verdict: "Compliant", gives: [{ name: "staff", type: "vlan", values: ["20"] }] },
        { gives: [{ name: "quarantine", type: "vlan", values: ["99"] }] },
      ],
    });
  });
  nas = await openEdgeNas(running.edge, ADDRESS);
});
afterAll(async () => {
  nas.close();
  coaPort.close();
  await http.close();
  await running.close();
});
beforeEach(() => {
  ordered = [];
});

/** A new laptop in quarantine, found compliant a moment later: what enforcement would now do, at the instant `now`. */
async function foundCompliant(mac: MacAddress, deviceId: string) {
  const place = [
    write.writeCallingStationId(hyphenatedMac(mac)),
    write.writeAcctSessionId(`of-${mac}`),
    write.writeCiscoAvPair(`audit-session-id=of-${mac}`),
  ];
  const certified = await site.authority.issue({ commonName: "laptop", sanDns: [deviceId] });
  const trustedCas = [site.authority.certificatePem];
  const common = { kind: "eap-tls", name: "laptop", port: "wireless", identity: "laptop" } as const;
  const laptop: CertifiedClient = { ...common, ...certified, mac, trustedCas };
  const { outcome } = await nas.authenticate(laptop, place);
  if (outcome.kind !== "accepted") throw new Error(outcome.kind);
  expect(outcome.authorization.vlan).toBe("99");
  const identity = identityKey({ kind: "device", deviceId: parseDeviceId(deviceId)! });
  const at = Date.now();
  const held = verdict({ checkedAt: at, changedAt: at, dueAt: at + 2 * HOUR_MS });
  const revision = await storeVerdict(running.store, organizationId, identity, { verdict: held, changed: true });
  const [session] = await openSessionsOfMac(running.store, organizationId, mac);
  const accounting: readonly Attribute[] = [...place, ...outcome.authorization.classes.map(write.writeClass)];
  return {
    acceptedAt: session!.acceptedAt,
    start: () => nas.account("start", accounting),
    enforceAt: (now: number) => enforce(depsAt(now), { organizationId, identity, revision }),
  };
}

/** The activities' own dependencies, with a clock that stands still: however slow the machine, three seconds never pass. */
function depsAt(now: number): ActivityDeps {
  return {
    store: running.store,
    http,
    edgeHttp: http,
    tokens: createTokenCache(() => now),
    internalToken: makeInternalToken(running.keys),
    nasReadyMs: () => DEFAULT_NAS_READY_MS,
    intervalMs: 2 * HOUR_MS,
    now: () => now,
    random: () => 0.5,
    log: createLog("test", "silent"),
  };
}

test("behaviour 5.1: the first CoA after an Accept waits for that session's Accounting-Start", async () => {
  const { acceptedAt, enforceAt, start } = await foundCompliant(
    parseMac("a4:83:e7:00:30:01")!,
    "A20E0F3D-66AF-4B92-B31E-1DA394DF1E01",
  );
  const enforced = enforceAt(acceptedAt + 100);
  const first = await Promise.race([enforced, new Promise((resolve) => setTimeout(resolve, 700, "nothing yet"))]);
  expect(first).toBe("nothing yet");
  expect(ordered).toEqual([]);
  await start();
  await expect(enforced).resolves.toMatchObject({ kind: "awaitingReturn" });
  expect(ordered.map((packet) => [packet.code, readAuditSessionId(packet)])).toEqual([
    ["CoA-Request", "of-a483e7003001"],
  ]);
});

test("behaviour 5.1: without an Accounting-Start it waits three seconds and no longer", async () => {
  const { acceptedAt, enforceAt } = await foundCompliant(
    parseMac("a4:83:e7:00:30:02")!,
    "A20E0F3D-66AF-4B92-B31E-1DA394DF1E02",
  );
  await expect(enforceAt(acceptedAt + AT_MOST_MS)).resolves.toMatchObject({ kind: "awaitingReturn" });
  expect(ordered.map(({ code }) => code)).toEqual(["CoA-Request"]);
});
