import { parseMac } from "../../domain/mac-address.ts";
import type { OrganizationId } from "../../domain/identifiers.ts";
import { secret } from "../../domain/secret.ts";
import { EAP_TYPE, encodeEapMessage } from "../../radius-edge/eap/packet.ts";
import { readEapMessage, readState } from "../../radius-edge/wire/attribute-readers.ts";
import * as write from "../../radius-edge/wire/attribute-writers.ts";
import type { Attribute } from "../../radius-edge/wire/packet.ts";
import { hashPassword } from "../../runtime/password-hash.ts";
import { authenticate } from "../../simulators/fleet/access.ts";
import type { CertifiedClient, PasswordClient } from "../../simulators/fleet/client.ts";
import { openRadiusClient } from "../../simulators/fleet/radius-client.ts";
import type { RadiusClient } from "../../simulators/fleet/radius-client.ts";
import { createLocalUser } from "../../store/local-users.ts";
import { eventually, metricOf } from "../fuzz/edge-under-fire.ts";
import { createTenant, NAS_SECRET, startTestEdge } from "../support/edge.ts";
import type { TestEdge } from "../support/edge.ts";
import { createSite } from "./eap/bench.ts";
import type { Site } from "./eap/bench.ts";
import { FAILING_THREAD } from "./eap/in-threads.ts";

const NAS_ADDRESS = "127.0.0.99";

let site: Site;
let running: TestEdge;
let radius: RadiusClient;

beforeAll(async () => {
  site = await createSite();
  const prepare = async (store: TestEdge["store"]): Promise<void> => {
    const acme = { name: "Acme", site, nasAddress: NAS_ADDRESS, rules: [{ gives: [] }] };
    const organizationId: OrganizationId = await createTenant(store, acme);
    const passwordHash = await hashPassword(secret("correct horse"));
    await createLocalUser(store, organizationId, { name: "amy", passwordHash, labels: [] });
  };
  running = await startTestEdge(prepare, {}, { threads: { count: 2, entry: FAILING_THREAD } });
  radius = await openRadiusClient({ address: NAS_ADDRESS, secret: NAS_SECRET, firstRetryMs: 500 });
}, 60_000);
afterAll(async () => {
  radius.close();
  await running.close();
});

type Common = "name" | "mac" | "port";

function connect(number: number, client: Omit<CertifiedClient, Common> | Omit<PasswordClient, Common>) {
  const mac = parseMac(`a4:83:e7:00:99:${10 + number}`)!;
  return authenticate({ name: "laptop", mac, port: "wired", ...client }, [write.writeCallingStationId(mac)], {
    secret: NAS_SECRET,
    ask: (attributes) => radius.ask(running.edge.authentication, "Access-Request", attributes),
  });
}

const trusted = () => ({ trustedCas: [site.authority.certificatePem] });

test("an edge with EAP in threads lets clients in by certificate and by password, and refuses strangers", async () => {
  const device = await site.authority.issue({ commonName: "mac-01" });
  const certified = { kind: "eap-tls", identity: "host/mac-01", ...device, ...trusted() } as const;
  const outcomes = await Promise.all(Array.from({ length: 8 }, (_, number) => connect(number, certified)));
  expect(outcomes.map(({ kind }) => kind)).toEqual(Array(8).fill("accepted"));
  const amy = { kind: "eap-ttls", identity: "anonymous", ...trusted() } as const;
  expect(await connect(1, { ...amy, user: { name: "amy", password: "correct horse" } })).toMatchObject({
    kind: "accepted",
  });
  expect(await connect(2, { ...amy, user: { name: "amy", password: "wrong" } })).toMatchObject({ kind: "rejected" });
  const stranger = await createSite();
  const foreign = await stranger.authority.issue({ commonName: "mac-02" });
  expect(await connect(3, { ...certified, ...foreign })).toMatchObject({ kind: "rejected" });
  await eventually(async () => (await metricOf(running, "portcullis_eap_conversations")) === 0);
});

test("an EAP response that names no conversation is dropped, and counted under a name of its own", async () => {
  const drops = () => metricOf(running, "portcullis_radius_drops_total", 'reason="eap-state-missing"');
  const before = await drops();
  const place = [write.writeUserName("laptop"), write.writeCallingStationId("A4-83-E7-00-99-30")];
  const hello = encodeEapMessage({ kind: "response", identifier: 7, type: EAP_TYPE.tls, typeData: Buffer.from([0]) });
  void radius.ask(running.edge.authentication, "Access-Request", [...place, ...write.writeEapMessage(hello)]);
  await eventually(async () => (await drops()) > before);
  expect(await metricOf(running, "portcullis_radius_drops_total", 'reason="eap-state-expired"')).toBe(0);
});

test("a thread that ends is counted with what it lost, and the edge lives on", async () => {
  const device = await site.authority.issue({ commonName: "mac-01" });
  const certified = { kind: "eap-tls", identity: "host/mac-01", ...device, ...trusted() } as const;
  const place = [write.writeCallingStationId("A4-83-E7-00-99-10")];
  const ask = (eap: Buffer, more: readonly Attribute[] = []) => {
    const attributes = [write.writeUserName("laptop"), ...place, ...write.writeEapMessage(eap), ...more];
    return radius.ask(running.edge.authentication, "Access-Request", attributes);
  };
  const start = await ask(Buffer.concat([Buffer.from([2, 1, 0, 5 + 6, EAP_TYPE.identity]), Buffer.from("laptop")]));
  if (start === undefined) throw new Error("no answer");
  const identifier = readEapMessage(start.packet)!.readUInt8(1);
  const exit = Buffer.from("\0exit");
  const message = encodeEapMessage({ kind: "response", identifier, type: EAP_TYPE.tls, typeData: exit });
  void ask(message, [write.writeState(readState(start.packet)!)]);
  await eventually(async () => (await metricOf(running, "portcullis_eap_conversations_lost_total")) > 0);
  expect(await metricOf(running, "portcullis_radius_drops_total", 'reason="eap-conversation-lost"')).toBeGreaterThan(0);
  await eventually(async () => (await connect(0, certified)).kind === "accepted");
});
