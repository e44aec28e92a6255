import type { EventType } from "../../domain/event.ts";
import { isDatabaseAway } from "../../store/availability.ts";
import { hold } from "../activities/bench.ts";
import { plainMember } from "./fleet.ts";
import type { Member } from "./fleet.ts";
import { openInstallation } from "./installation.ts";
import type { Installation } from "./installation.ts";
import { outage, TEST_MS, until } from "./outage.ts";
import { openPostgres } from "./servers.ts";
import type { MortalServer } from "./servers.ts";
import { steadily } from "./traffic.ts";
import { openVisits } from "./visits.ts";
import type { Visit, Visits } from "./visits.ts";

/** Clients with a verdict, the even ones compliant; above them, such as nobody has seen. */
const KNOWN = 100;

let server: MortalServer;
let installation: Installation;
let visits: Visits;
/** The known clients that are not on the network at the moment. */
const idle: Member[] = [];
const newcomers: Member[] = [];
const vlans = new Map<Member, string>();

beforeAll(async () => {
  server = await openPostgres();
  installation = await openInstallation(server.address);
  await installation.registerNas();
  for (let n = 0; n < KNOWN; n++) await learn(plainMember(n), n % 2 === 0);
  visits = await openVisits(installation);
  const last = idle.findLast((member) => vlans.get(member) === "20")!;
  await until("the edge knows every verdict", async () => (await visits.visit(last)).vlan === "20");
  await installation.store.db.deleteFrom("outbox").execute(); // the wishes of those first visits: no relay runs here
}, TEST_MS);

afterAll(async () => {
  visits?.close();
  await installation?.close();
  await server?.close();
}, TEST_MS);

async function learn(member: Member, compliant: boolean): Promise<void> {
  const { store, organizationId } = installation;
  const { mac } = member.client;
  await hold({ store, deps: { now: Date.now } }, organizationId, member.identity, {
    status: compliant ? "compliant" : "noncompliant",
    matchedBy: "mac",
    matchedMac: mac,
  });
  idle.push(member);
  vlans.set(member, compliant ? "20" : "666");
}

/** A known client that is away comes again; every tenth visitor is a newcomer. */
async function nextVisit(n: number): Promise<Visit> {
  const known = n % 10 === 0 ? undefined : idle.shift();
  if (known === undefined) return visits.visit(newcomer());
  try {
    return await visits.visit(known);
  } finally {
    idle.push(known);
  }
}

function newcomer(): Member {
  const member = plainMember(KNOWN + newcomers.length);
  newcomers.push(member);
  vlans.set(member, "666");
  return member;
}

const isPostgresAway = (): Promise<boolean> =>
  installation.store.db
    .selectFrom("organizations")
    .select("id")
    .execute()
    .then(() => false, isDatabaseAway);

const events = (type: EventType) =>
  installation.store.db.selectFrom("events").select(["id", "body"]).where("type", "=", type).execute();

const accountedAs = async (type: EventType): Promise<readonly string[]> =>
  (await events(type)).map(({ body }) => String(body?.["acct_session_id"])).toSorted();

async function stored() {
  const { db } = installation.store;
  const sessions = await db.selectFrom("sessions").select(["id", "accounting_started_at", "ended_at"]).execute();
  const wishes = await db.selectFrom("outbox").select(["kind", "subject"]).execute();
  return {
    accepts: (await events("NAC_CLIENT_PERMIT")).map(({ id }) => id).toSorted(),
    refusals: await events("NAC_CLIENT_DENY"),
    starts: await accountedAs("NAC_ACCOUNTING_START"),
    stops: await accountedAs("NAC_ACCOUNTING_STOP"),
    sessions: sessions.map(({ id }) => id).toSorted(),
    unended: sessions.filter((session) => session.accounting_started_at === null || session.ended_at === null),
    wishes: wishes.map(({ kind, subject }) => `${kind} ${subject}`).toSorted(),
  };
}

/** The same by the switch's books. */
function answered(): Awaited<ReturnType<typeof stored>> {
  const { book } = visits;
  const accounted = (kind: "start" | "stop") =>
    book
      .filter(({ accounted: kinds }) => kinds.includes(kind))
      .map(({ acctSessionId }) => acctSessionId)
      .toSorted();
  return {
    accepts: book.map(({ decisionId }) => decisionId!).toSorted(),
    refusals: [],
    starts: accounted("start"),
    stops: accounted("stop"),
    sessions: book.map(({ sessionId }) => sessionId!).toSorted(),
    unended: [],
    wishes: newcomers.map(({ identity }) => `seen ${identity}`).toSorted(),
  };
}

test.each(["stopped", "killed"] as const)(
  "Postgres is %s while clients authenticate: all are answered, known ones as before, and every event is there afterwards, once",
  async (how) => {
    const traffic = steadily({ perSecond: 50, atMost: 6_000 }, nextVisit);
    await until("clients come and go", () => traffic.results.length > 50);
    await outage(server, how, async () => {
      expect(await isPostgresAway()).toBe(true);
      const { length } = traffic.results;
      await until("clients are answered without Postgres", () => traffic.results.length > length + 50);
    });
    const { length } = traffic.results;
    await until("clients are answered with Postgres again", () => traffic.results.length > length + 50);
    const visited = await traffic.end();

    const answers = visited.map(({ outcome, vlan, accounted }) => [outcome, vlan, ...accounted].join(" "));
    expect(answers).toEqual(visited.map(({ member }) => `accepted ${vlans.get(member)} start stop`));
    const { starts, stops, accepts } = answered();
    await until("Postgres has as many events as there were answers", async () => {
      const found = await stored();
      return (
        found.accepts.length >= accepts.length &&
        found.starts.length >= starts.length &&
        found.stops.length >= stops.length
      );
    });
    expect(await stored()).toEqual(answered());
  },
  TEST_MS,
);
