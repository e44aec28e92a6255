import { MINUTE_MS, SECOND_MS } from "../../domain/time.ts";
import { createAuthority } from "../../simulators/certificates.ts";
import { arrive } from "../load/arrivals.ts";
import { compare, NONE } from "../load/books.ts";
import { learnLaptops, learnPlain, makeStrangers, vlanOf } from "../load/known-devices.ts";
import { openSite, readMetric, untilDelivered } from "../load/site.ts";
import type { Site } from "../load/site.ts";
import { openStays } from "../load/stays.ts";
import type { Stays } from "../load/stays.ts";
import type { KillableEdge } from "../support/killable-edge.ts";
import type { Member } from "./fleet.ts";
import { outage, until } from "./outage.ts";
import { openPostgres } from "./servers.ts";
import type { MortalServer } from "./servers.ts";

/** `npm run test:outage` has 120 s with 500 authentications a second. */
const SECONDS = Number(process.env["PORTCULLIS_TEST_EDGE_OUTAGE_SECONDS"] ?? 10);
const PER_SECOND = Number(process.env["PORTCULLIS_TEST_EDGE_OUTAGE_RATE"] ?? 100);
/** 4,800 ports: enough for those who come while the edge is away. */
const SWITCHES = 100;
/** So many that some are always off the network. */
const PLAIN = 6_000;
const LAPTOPS = 20 + PER_SECOND / 2;
/** A machine with much else to do may take three times as long for the same. */
const TEST_MS = 6 * MINUTE_MS + 3 * SECONDS * SECOND_MS;

let server: MortalServer;
let site: Site;
let edge: KillableEdge;
let stays: Stays;
/** Numbered from 0, with higher addresses than all who are known. */
let strangerOf: (n: number) => Member;
/** Where those belong who are known: they are off the network in turns. */
const vlans = new Map<Member, string>();
const idle: Record<"plain" | "laptops", Member[]> = { plain: [], laptops: [] };

beforeAll(async () => {
  server = await openPostgres();
  site = await openSite({ databaseUrl: server.address, switches: SWITCHES });
  idle.plain.push(...(await learnPlain(site, PLAIN)));
  idle.laptops.push(...(await learnLaptops(site, PLAIN, LAPTOPS)));
  idle.plain.forEach((member, n) => vlans.set(member, vlanOf(n)));
  idle.laptops.forEach((member) => vlans.set(member, "20"));
  strangerOf = await makeStrangers(site, await createAuthority("Another CA"), PLAIN + LAPTOPS);
  edge = await site.startEdge();
  stays = await openStays(site, edge, { keepsAccounts: true, firstRetryMs: SECONDS > 60 ? 2_000 : 500 });
  await until("the edge has on its disk what it knows", () => site.isOnDisk());
}, TEST_MS);

afterAll(async () => {
  stays?.close();
  await edge?.kill();
  await site?.close();
  await server?.close();
}, TEST_MS);

/** Of a hundred, one is a stranger and five are laptops with certificates; the others are plain devices. */
async function nextStay(n: number): Promise<void> {
  if (n % 100 === 50) return void (await stays.stay(strangerOf(n)));
  const resting = n % 20 === 0 && idle.laptops.length > 0 ? idle.laptops : idle.plain;
  const member = resting.shift()!;
  await stays.stay(member);
  resting.push(member);
}

/** What those met with that are not where they belong: known devices in their VLAN and accounted for, strangers outside. */
function wronged(): readonly string[] {
  return stays.book.flatMap(({ member, outcome, vlan, accounted }) => {
    const known = vlans.get(member);
    const met = [outcome, vlan, ...accounted.map(({ kind }) => kind)].join(" ");
    const belongs = known === undefined ? "rejected " : `accepted ${known} start stop`;
    return met === belongs ? [] : [`${member.client.name}: ${met} instead of ${belongs}`];
  });
}

/** Lets the edge die in the middle of the outage, and live again from its disk; says so. */
async function killEdge(): Promise<string> {
  await edge.kill();
  const asking = stays.interrupt();
  const startedAt = performance.now();
  edge = await site.startEdge();
  return `edge away for ${((performance.now() - startedAt) / SECOND_MS).toFixed(1)} s, ${asking} devices waiting for an answer`;
}

test(
  `behaviour 9.1, 10.1: Postgres is killed under ${PER_SECOND} authentications a second for ${SECONDS} s, and the edge in the middle: nobody is refused wrongly, and every event is there afterwards, once`,
  async () => {
    const room = { perSecond: PER_SECOND, hasRoom: () => stays.switches.hasFreePort && idle.plain.length > 0 };
    const arrivals = arrive(room, nextStay);
    const untilAnswered = (many: number): Promise<void> => {
      const { length } = stays.book;
      return until(`${many} more are answered`, () => stays.book.length >= length + many);
    };
    await untilAnswered(PER_SECOND);
    let told = "";
    await outage(
      server,
      "killed",
      async () => {
        const [first, startedAt] = [arrivals.begun, performance.now()];
        for (let second = 1; second <= SECONDS; second++) {
          const many = first + second * PER_SECOND;
          await until(`${many} have come`, () => arrivals.begun >= many);
          if (second === Math.floor(SECONDS / 2)) told = await killEdge();
        }
        await untilAnswered(PER_SECOND);
        const seconds = (performance.now() - startedAt) / SECOND_MS;
        told = `${arrivals.begun - first} came within ${seconds.toFixed(0)} s without Postgres; ${told}; `;
        told += `${await readMetric(edge, "portcullis_journal_records")} events in the journal`;
      },
      SECONDS * SECOND_MS,
    );
    await untilAnswered(PER_SECOND);
    await arrivals.end();
    await untilDelivered(edge);
    process.stderr.write(`outage: ${told}\n`);
    const isStranger = (mac: string): boolean => mac >= strangerOf(0).client.mac;
    const discrepancies = await compare(site.store, stays.book, isStranger);
    expect({ ...discrepancies, wronged: wronged() }).toEqual({ ...NONE, wronged: [] });
  },
  TEST_MS,
);
