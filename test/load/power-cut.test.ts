import { MINUTE_MS, SECOND_MS } from "../../domain/time.ts";
import type { KillableEdge } from "../support/killable-edge.ts";
import { openPostgres } from "../outage/servers.ts";
import type { MortalServer } from "../outage/servers.ts";
import type { Member } from "../outage/fleet.ts";
import { compare, NONE } from "./books.ts";
import { learnLaptops, learnPlain, vlanOf } from "./known-devices.ts";
import { describeDrops, openSite, readMetric, untilDelivered } from "./site.ts";
import type { Site } from "./site.ts";
import { openStays } from "./stays.ts";
import type { Stays } from "./stays.ts";

/** `npm run test:load` has 100,000 and 2,000. */
const DEVICES = Number(process.env["PORTCULLIS_TEST_LOAD_DEVICES"] ?? 5_000);
const CONVERSATIONS = Number(process.env["PORTCULLIS_TEST_LOAD_CONVERSATIONS"] ?? 100);
/** 4,800 ports: as many clients at once. */
const SWITCHES = 100;
const TEST_MS = 5 * MINUTE_MS + (DEVICES + 30 * CONVERSATIONS) * 10;

let server: MortalServer;
let site: Site;
let edge: KillableEdge;
let stays: Stays;
let plain: readonly Member[];
let laptops: readonly Member[];

beforeAll(async () => {
  server = await openPostgres();
  const settings = { PORTCULLIS_EAP_THREADS: "1" };
  site = await openSite({ databaseUrl: server.address, switches: SWITCHES, settings });
  plain = await learnPlain(site, DEVICES);
  laptops = await learnLaptops(site, DEVICES, CONVERSATIONS);
  edge = await site.startEdge();
  stays = await openStays(site, edge, { keepsAccounts: false });
}, TEST_MS);

afterAll(async () => {
  stays?.close();
  await edge?.kill();
  await site?.close();
  await server?.close();
}, TEST_MS);

/**
 * All at once, as far as there are ports: the next is plugged in when one is free. Answers with what those met with that are
 * not where they belong.
 */
async function comeBack(members: readonly Member[], vlanOfMember: (n: number) => string): Promise<readonly string[]> {
  const startedAt = performance.now();
  const memoryBefore = await readMetric(edge, "process_resident_memory_bytes");
  const returned = await Promise.all(members.map((member) => stays.stay(member)));
  const seconds = (performance.now() - startedAt) / SECOND_MS;
  const again = returned.filter(({ decisions }) => decisions > 1).length;
  const drops = await describeDrops(edge);
  const memory = await readMetric(edge, "process_resident_memory_bytes");
  const rate = `${members.length} came back within ${seconds.toFixed(1)} s (${(members.length / seconds).toFixed(0)}/s)`;
  const repeats = `${again} devices asked for more than six seconds; dropped since the start: ${drops}`;
  process.stderr.write(
    `power cut: ${rate}; ${repeats}; edge's memory ${megabytes(memoryBefore)}, then ${megabytes(memory)}\n`,
  );
  return returned.flatMap(({ member, outcome, vlan }, n) =>
    outcome === "accepted" && vlan === vlanOfMember(n) ? [] : [`${member.client.name}: ${outcome} ${vlan}`],
  );
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 1024 / 1024)} MB`;

test(
  `after a power cut ${DEVICES} devices come back at once: each is in its VLAN, and has its event once`,
  async () => {
    const wronged = await comeBack(plain, vlanOf);
    await untilDelivered(edge);
    expect({ ...(await compare(site.store, stays.book)), wronged }).toEqual({ ...NONE, wronged: [] });
  },
  TEST_MS,
);

test(
  `${CONVERSATIONS} EAP-TLS conversations begin at once: all end in an Accept, and have their event once`,
  async () => {
    const wronged = await comeBack(laptops, () => "20");
    await untilDelivered(edge);
    expect({ ...(await compare(site.store, stays.book)), wronged }).toEqual({ ...NONE, wronged: [] });
  },
  TEST_MS,
);
