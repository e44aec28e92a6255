import pg from "pg";
import type { OrganizationId } from "../../domain/identifiers.ts";
import type { AuthenticationRecord, RepeatedAccept } from "../../domain/record.ts";
import { recordBatch } from "../../store/edge-records.ts";
import { beginStep } from "../../store/enforcements.ts";
import { repeatBatch } from "../../store/repeat-records.ts";
import { MAC, NOW, OTHER_MAC, snapshot } from "../support/domain-values.ts";
import { acceptElsewhere, accounting, authentication, disconnectOf, repeatOf } from "../support/edge-records.ts";
import { newOrganization, openTestStore, untilSomebodyWaits } from "../support/store.ts";
import type { TestStore } from "../support/store.ts";

/** When a client's row is written again. */
const LATER = NOW + 6 * 60_000;
let store: TestStore;
let holder: pg.Client;
let organizationId: OrganizationId;
let first: AuthenticationRecord;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());
beforeEach(async () => {
  organizationId = await newOrganization(store);
  first = authentication(organizationId);
  holder = new pg.Client({ connectionString: store.databaseUrl });
  await holder.connect();
});
afterEach(() => holder.end());

/** Lets one writer after the other come to the row of a session, and only then to it. */
async function meetAt({ session }: AuthenticationRecord, ...writers: readonly (() => Promise<unknown>)[]) {
  await holder.query("begin");
  await holder.query("select from sessions where id = $1 for no key update", [session!.id]);
  const under: Promise<unknown>[] = [];
  for (const write of writers) {
    under.push(write());
    under.at(-1)!.catch(() => undefined);
    await untilSomebodyWaits(store, under.length);
  }
  await holder.query("commit");
  return await Promise.allSettled(under);
}

/** Lets `write` happen while a record is being written: its statement has begun, and sees nothing of what `write` commits. */
async function whileWriting(record: AuthenticationRecord, write: () => Promise<unknown>): Promise<void> {
  const { id, at, organizationId: owner, type } = record.event;
  // Another is about to write the same event, and then does not.
  await holder.query("begin");
  await holder.query("insert into events (id, at, organization_id, type) values ($1, $2, $3, $4)", [
    id,
    new Date(at),
    owner,
    type,
  ]);
  const written = recordBatch(store, [record]);
  written.catch(() => undefined);
  await untilSomebodyWaits(store);
  await write();
  await holder.query("rollback");
  await written;
}

async function isWrittenWhole(again: RepeatedAccept): Promise<boolean> {
  const { rows } = await store.pool.query<{ id: string }>(repeatBatch([again]));
  return rows.some(({ id }) => id === again.id);
}

const BOTH_WRITTEN = ["fulfilled", "fulfilled"];
const statuses = (outcomes: readonly PromiseSettledResult<unknown>[]) => outcomes.map(({ status }) => status);

const begin = () => beginStep(store, disconnectOf(first));

const refused = (at: number): AuthenticationRecord => authentication(organizationId, { at, policy: snapshot([], []) });

const interim = (at: number) =>
  accounting(organizationId, "interim", { at, mac: MAC, sessionId: first.session!.id, acctSessionId: "A" });

test.each([
  [
    "a repeat that writes its client",
    "an Accept elsewhere",
    () => repeatOf(first, LATER),
    () => acceptElsewhere(first, LATER + 1),
  ],
  ["a Reject", "an Accept elsewhere", () => refused(LATER), () => acceptElsewhere(first, LATER + 1)],
  ["a repeat that writes its client", "accounting", () => repeatOf(first, LATER), () => interim(LATER + 1)],
  ["an Accept elsewhere", "accounting", () => acceptElsewhere(first, LATER), () => interim(LATER + 1)],
])("of one client %s, and at another edge %s, do not stop each other", async (_one, _another, one, another) => {
  await recordBatch(store, [first]);
  const outcomes = await meetAt(
    first,
    () => recordBatch(store, [one()]),
    () => recordBatch(store, [another()]),
  );
  expect(statuses(outcomes)).toEqual(BOTH_WRITTEN);
});

test("repeats of two addresses of one device, and an enforcement that begins, do not stop each other", async () => {
  const second = authentication(organizationId, { evidence: { mac: OTHER_MAC } });
  // Stored in the other order: whoever follows the table meets the last first.
  await recordBatch(store, [second]);
  await recordBatch(store, [first]);
  const repeats = [first, second].map((accept) => repeatOf(accept, NOW + 1_000));
  expect(statuses(await meetAt(first, () => recordBatch(store, repeats), begin))).toEqual(BOTH_WRITTEN);
});

test("an Accept of a client with two sessions, and an enforcement that begins, do not stop each other", async () => {
  const there = acceptElsewhere(first, NOW + 1_000);
  for (const accept of [first, there, repeatOf(first, NOW + 2_000)]) await recordBatch(store, [accept]);
  // Ends the one session there, and takes the mark from the other.
  const next = authentication(organizationId, { at: NOW + 3_000, evidence: { nas: there.decided!.evidence.nas } });
  expect(statuses(await meetAt(there, () => recordBatch(store, [next]), begin))).toEqual(BOTH_WRITTEN);
});

test("behaviour 5.1: an Accept that is being written while an enforcement begins does not hide the next from it", async () => {
  await recordBatch(store, [first]);
  await recordBatch(store, [refused(NOW + 1_000)]);
  const outcomes = await meetAt(first, () => recordBatch(store, [repeatOf(first, NOW + 2_000)]), begin);
  expect(statuses(outcomes)).toEqual(BOTH_WRITTEN);
  expect(await isWrittenWhole(repeatOf(first, NOW + 3_000))).toBe(true);
});

test("behaviour 5.1: an Accept that comes to its session after an enforcement began there does not hide the next from it", async () => {
  await recordBatch(store, [first]);
  await whileWriting(repeatOf(first, NOW + 1_000).whole(), begin);
  expect(await isWrittenWhole(repeatOf(first, NOW + 2_000))).toBe(true);
});

test("behaviour 5.1: a session that is being opened in place of another while an enforcement begins there does not hide the next Accept from it", async () => {
  await recordBatch(store, [first]);
  const second = authentication(organizationId, { at: NOW + 1_000 });
  const outcomes = await meetAt(first, () => recordBatch(store, [second]), begin);
  expect(statuses(outcomes)).toEqual(BOTH_WRITTEN);
  expect(await isWrittenWhole(repeatOf(second, NOW + 2_000))).toBe(true);
});
