import { parseMac } from "../../domain/mac-address.ts";
import { ATTRIBUTE } from "../../radius-edge/wire/attribute-type.ts";
import { writeCallingStationId, writeEapMessage } from "../../radius-edge/wire/attribute-writers.ts";
import type { Attribute } from "../../radius-edge/wire/packet.ts";
import { createAuthority } from "../../simulators/certificates.ts";
import { authenticate } from "../../simulators/fleet/access.ts";
import type { CertifiedClient } from "../../simulators/fleet/client.ts";
import { openRadiusClient } from "../../simulators/fleet/radius-client.ts";
import type { RadiusClient } from "../../simulators/fleet/radius-client.ts";
import { createSite } from "../radius-edge/eap/bench.ts";
import { NAS_SECRET } from "../support/edge.ts";
import type { TestEdge } from "../support/edge.ts";
import { eventually, memoryInUse, metricOf, NAS_ADDRESS, startStrictEdge } from "./edge-under-fire.ts";
import { chance, damaged } from "./mutation.ts";
import type { Chance } from "./mutation.ts";

const CONVERSATIONS = Number(process.env["PORTCULLIS_TEST_FUZZ_CONVERSATIONS"] ?? 2_000);
const SEED = Number(process.env["PORTCULLIS_TEST_FUZZ_SEED"] ?? Date.now() % 1_000_000);
const AT_ONCE = 32;

let running: TestEdge;
let client: CertifiedClient;

beforeAll(async () => {
  const site = await createSite();
  running = await startStrictEdge(site);
  const impostor = await createAuthority("Acme Devices");
  const certified = await impostor.issue({ commonName: "mac-01" });
  const trustedCas = [site.authority.certificatePem];
  const mac = parseMac("a4:83:e7:00:f0:01")!;
  client = { kind: "eap-tls", name: "rogue", mac, port: "wireless", identity: "rogue", ...certified, trustedCas };
});
afterAll(() => running.close());

/** What the client says at one turn comes damaged; the Message-Authenticator around it is right. */
function fired(attributes: readonly Attribute[], turn: number, hit: number, from: Chance): readonly Attribute[] {
  if (turn !== hit) return attributes;
  const isEap = ([type]: Attribute): boolean => type === ATTRIBUTE.EapMessage;
  const eap = damaged(Buffer.concat(attributes.filter(isEap).map(([, value]) => value)), from);
  // A length that fits gets the damage past EAP's header.
  if (eap.length >= 4 && from.below(2) === 0) eap.writeUInt16BE(eap.length, 2);
  return [...attributes.filter((attribute) => !isEap(attribute)), ...writeEapMessage(eap)];
}

async function converse(radius: RadiusClient, from: Chance): Promise<string> {
  const version = from.pick(["TLSv1.2", "TLSv1.3"] as const);
  const versions = { minVersion: version, maxVersion: version, fragmentOctets: from.pick([300, 1_000, 1_398]) };
  const hit = from.below(8);
  let turn = 0;
  const ask = (attributes: readonly Attribute[]) =>
    radius.ask(running.edge.authentication, "Access-Request", fired(attributes, turn++, hit, from));
  const place = [writeCallingStationId("A4-83-E7-00-F0-01")];
  const { kind } = await authenticate({ ...client, ...versions }, place, { secret: NAS_SECRET, ask });
  return kind;
}

async function faultsOfOurOwn(): Promise<number> {
  const { total } = await running.store.db
    .selectFrom("events")
    .select((eb) => eb.fn.countAll<string>().as("total"))
    .where((eb) => eb(eb.ref("body", "->>").key("reason"), "=", "internalError"))
    .executeTakeFirstOrThrow();
  return Number(total);
}

test(`${CONVERSATIONS} damaged EAP conversations of a rogue: none is accepted, none breaks the edge (seed ${SEED})`, async () => {
  let left = CONVERSATIONS;
  let atHalf = 0;
  const kinds = new Map<string, number>();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async (_, n) => {
      const from = chance(SEED * AT_ONCE + n);
      const radius = await openRadiusClient({ address: NAS_ADDRESS, secret: NAS_SECRET, firstRetryMs: 40 });
      while (left-- > 0) {
        const kind = await converse(radius, from);
        kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
        if (atHalf === 0 && left < CONVERSATIONS / 2) atHalf = memoryInUse();
      }
      radius.close();
    }),
  );
  expect(await metricOf(running, "portcullis_radius_drops_total", 'reason="internal-error"')).toBe(0);
  expect(await faultsOfOurOwn()).toBe(0);
  expect(kinds.get("accepted")).toBeUndefined();
  expect(kinds.get("rejected")).toBeGreaterThan(CONVERSATIONS / 10);
  await eventually(async () => (await metricOf(running, "portcullis_eap_conversations")) === 0, 90_000);
  expect(memoryInUse() - atHalf).toBeLessThan(32 * 1024 * 1024);
}, 7_200_000);
