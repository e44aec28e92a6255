import { parseMac } from "../../domain/mac-address.ts";
import type { EapParts } from "../../radius-edge/edge-conversations.ts";
import { ATTRIBUTE } from "../../radius-edge/wire/attribute-type.ts";
import { writeCallingStationId, writeEapMessage } from "../../radius-edge/wire/attribute-writers.ts";
import type { PacketCode } from "../../radius-edge/wire/packet-code.ts";
import type { Attribute } from "../../radius-edge/wire/packet.ts";
import { createAuthority } from "../../simulators/certificates.ts";
import type { CertifiedKey } from "../../simulators/certificates.ts";
import { authenticate } from "../../simulators/fleet/access.ts";
import { openRadiusClient } from "../../simulators/fleet/radius-client.ts";
import type { RadiusClient } from "../../simulators/fleet/radius-client.ts";
import { createSite } from "../radius-edge/eap/bench.ts";
import type { Site } from "../radius-edge/eap/bench.ts";
import { THREAD } from "../radius-edge/eap/in-threads.ts";
import { NAS_SECRET } from "../support/edge.ts";
import type { TestEdge } from "../support/edge.ts";
import { eventually, memoryInUse, metricOf, NAS_ADDRESS, startEdgeUnderFire } from "./edge-under-fire.ts";
import { chance, damaged } from "./mutation.ts";
import type { Chance } from "./mutation.ts";

const CONVERSATIONS = Number(process.env["PORTCULLIS_TEST_FUZZ_CONVERSATIONS"] ?? 2_000);
const SEED = Number(process.env["PORTCULLIS_TEST_FUZZ_SEED"] ?? Date.now() % 1_000_000);
const AT_ONCE = 32;
const MAC = parseMac("a4:83:e7:00:f0:01")!;

/** Where EAP runs: in the thread of the sockets, or in threads of its own, as with several cores. */
const WAYS: readonly EapParts[] = [{}, { threads: { count: 2, entry: THREAD } }];

let site: Site;
let edges: readonly TestEdge[];
/** How often an edge answered with each code. */
const answers = new Map<PacketCode, number>();

beforeAll(async () => {
  site = await createSite();
  // The rule lets in whoever authenticates: nothing but EAP keeps a rogue out.
  edges = await Promise.all(WAYS.map((eap) => startEdgeUnderFire(site, { gives: [] }, eap)));
});
afterAll(() => Promise.all(edges.map((running) => running.close())));

/** What the client says at one turn comes damaged; the Message-Authenticator around it is right. */
function fired(attributes: readonly Attribute[], from: Chance): readonly Attribute[] {
  const isEap = ([type]: Attribute): boolean => type === ATTRIBUTE.EapMessage;
  const eap = damaged(Buffer.concat(attributes.filter(isEap).map(([, value]) => value)), from);
  // A length that fits gets the damage past EAP's header.
  if (eap.length >= 4 && from.below(2) === 0) eap.writeUInt16BE(eap.length, 2);
  return [...attributes.filter((attribute) => !isEap(attribute)), ...writeEapMessage(eap)];
}

interface Laptop extends CertifiedKey {
  readonly radius: RadiusClient;
  readonly edge: TestEdge["edge"];
}

/** `hit`: which turn of the client's comes damaged. */
async function converse({ radius, edge, ...certified }: Laptop, from: Chance, hit?: number): Promise<void> {
  const version = from.pick(["TLSv1.2", "TLSv1.3"] as const);
  const versions = { minVersion: version, maxVersion: version, fragmentOctets: from.pick([300, 1_000, 1_398]) };
  const trustedCas = [site.authority.certificatePem];
  const common = { kind: "eap-tls", name: "laptop", mac: MAC, port: "wireless", identity: "laptop" } as const;
  let turn = 0;
  const ask = async (attributes: readonly Attribute[]) => {
    const sent = turn++ === hit ? fired(attributes, from) : attributes;
    const answered = await radius.ask(edge.authentication, "Access-Request", sent);
    if (answered !== undefined) answers.set(answered.packet.code, (answers.get(answered.packet.code) ?? 0) + 1);
    return answered;
  };
  const client = { ...common, ...certified, ...versions, trustedCas };
  await authenticate(client, [writeCallingStationId(MAC)], { secret: NAS_SECRET, ask });
}

async function faultsOfOurOwn({ store }: TestEdge): Promise<number> {
  const { total } = await store.db
    .selectFrom("events")
    .select((eb) => eb.fn.countAll<string>().as("total"))
    .where((eb) => eb(eb.ref("body", "->>").key("reason"), "=", "internalError"))
    .executeTakeFirstOrThrow();
  return Number(total);
}

test(`${CONVERSATIONS} damaged EAP conversations of a rogue: none is accepted, none breaks the edge (seed ${SEED})`, async () => {
  // Of an authority that calls itself as the trusted one does.
  const impostor = await (await createAuthority("Acme Devices")).issue({ commonName: "mac-01" });
  let left = CONVERSATIONS;
  let atHalf = 0;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async (_, n) => {
      const from = chance(SEED * AT_ONCE + n);
      const { edge } = edges[n % edges.length]!;
      const radius = await openRadiusClient({ address: NAS_ADDRESS, secret: NAS_SECRET, firstRetryMs: 40 });
      while (left-- > 0) {
        await converse({ ...impostor, radius, edge }, from, from.below(8));
        if (atHalf === 0 && left < CONVERSATIONS / 2) atHalf = memoryInUse();
      }
      radius.close();
    }),
  );
  expect(answers.get("Access-Accept")).toBeUndefined();
  expect(answers.get("Access-Reject")).toBeGreaterThan(CONVERSATIONS / 10);
  for (const running of edges) {
    expect(await metricOf(running, "portcullis_radius_drops_total", 'reason="internal-error"')).toBe(0);
    expect(await metricOf(running, "portcullis_eap_conversations_lost_total")).toBe(0);
    expect(await faultsOfOurOwn(running)).toBe(0);
    await eventually(async () => (await metricOf(running, "portcullis_eap_conversations")) === 0, 90_000);
  }
  expect(memoryInUse() - atHalf).toBeLessThan(32 * 1024 * 1024);
}, 7_200_000);

test("and a client with a certificate of the authority is let in by both", async () => {
  const device = await site.authority.issue({ commonName: "mac-01" });
  const radius = await openRadiusClient({ address: NAS_ADDRESS, secret: NAS_SECRET });
  for (const { edge } of edges) await converse({ ...device, radius, edge }, chance(SEED));
  radius.close();
  expect(answers.get("Access-Accept")).toBe(edges.length);
});
