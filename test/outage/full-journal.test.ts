import { MINUTE_MS } from "../../domain/time.ts";
import { compare, NONE } from "../load/books.ts";
import { learnPlain, vlanOf } from "../load/known-devices.ts";
import { openSite, readMetric, untilDelivered } from "../load/site.ts";
import type { Site } from "../load/site.ts";
import { openStays } from "../load/stays.ts";
import type { Stays } from "../load/stays.ts";
import type { KillableEdge } from "../support/killable-edge.ts";
import { createDatabase } from "../support/postgres.ts";
import type { TestDatabase } from "../support/postgres.ts";
import { openProxy } from "../support/severable-proxy.ts";
import type { SeverableProxy } from "../support/severable-proxy.ts";
import type { Member } from "./fleet.ts";
import { until } from "./outage.ts";

/** More than a journal of the smallest size holds, which is some 500. */
const DEVICES = 1_500;
const SMALLEST_JOURNAL = String(1024 * 1024);
const SWITCHES = 10;
const TEST_MS = 5 * MINUTE_MS;

let database: TestDatabase;
let network: SeverableProxy;
let isSevered = false;
let site: Site;
let members: readonly Member[];
let edge: KillableEdge;
let stays: Stays;

/** An edge with a small journal, and Postgres out of its reach. */
async function open(isStrict: boolean): Promise<void> {
  database = await createDatabase();
  const direct = new URL(database.url);
  network = await openProxy({ host: direct.hostname, port: Number(direct.port) });
  const url = new URL(database.url);
  url.host = `127.0.0.1:${network.port}`;
  const settings = {
    DATABASE_URL: url.href,
    PORTCULLIS_JOURNAL_MAX_BYTES: SMALLEST_JOURNAL,
    PORTCULLIS_JOURNAL_STRICT: String(isStrict),
  };
  site = await openSite({ databaseUrl: database.url, switches: SWITCHES, settings });
  members = await learnPlain(site, DEVICES);
  edge = await site.startEdge();
  stays = await openStays(site, edge, { keepsAccounts: false, firstRetryMs: 250 });
  await network.sever();
  isSevered = true;
}

async function bringPostgresBack(): Promise<void> {
  await network.mend();
  isSevered = false;
}

afterEach(async () => {
  stays.close();
  await edge.kill();
  await site.close();
  if (!isSevered) await network.sever();
  await database.drop();
}, TEST_MS);

const unrecorded = (): Promise<number> => readMetric(edge, "portcullis_unrecorded");

function wronged(): readonly string[] {
  const vlans = new Map(members.map((member, n) => [member, vlanOf(n)]));
  return stays.book.flatMap(({ member, outcome, vlan }) =>
    outcome === "accepted" && vlan === vlans.get(member) ? [] : [`${member.client.name}: ${outcome} ${vlan}`],
  );
}

test(
  "behaviour 10.1: when the journal of an edge is full, all are answered as before, and as many events are missing as it has counted",
  async () => {
    await open(false);
    await Promise.all(members.map((member) => stays.stay(member)));
    expect(wronged()).toEqual([]);
    const gap = await unrecorded();
    expect(gap).toBeGreaterThan(0);
    expect(gap).toBeLessThan(DEVICES);

    await bringPostgresBack();
    await untilDelivered(edge);
    await Promise.all(members.slice(0, 10).map((member) => stays.stay(member)));
    await untilDelivered(edge);
    const { lost, twice } = await compare(site.store, stays.book);
    expect(twice).toEqual([]);
    expect(lost).toHaveLength(gap);
    expect(await unrecorded()).toBe(gap);
  },
  TEST_MS,
);

test(
  "behaviour 10.1: when the journal of a strict edge is full, it falls silent until Postgres is back, and no answer lacks its event",
  async () => {
    await open(true);
    const all = Promise.all(members.map((member) => stays.stay(member)));
    const refused = (): Promise<number> =>
      readMetric(edge, "portcullis_radius_drops_total", 'reason="event-not-recorded"');
    await until("it is silent", async () => {
      const [answered, before] = [stays.book.length, await refused()];
      await until("more are met with silence", async () => (await refused()) >= before + 100);
      return stays.book.length === answered;
    });
    expect(stays.book.length).toBeGreaterThan(0);
    expect(stays.book.length).toBeLessThan(DEVICES);

    await bringPostgresBack();
    await all;
    await untilDelivered(edge);
    expect(wronged()).toEqual([]);
    expect(await compare(site.store, stays.book)).toEqual(NONE);
  },
  TEST_MS,
);
