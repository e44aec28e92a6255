import type { OrganizationId } from "../../domain/identifiers.ts";
import { DAY_MS } from "../../domain/time.ts";
import { insertEvents, searchEvents } from "../../store/events.ts";
import { createRetention, ensurePartitions } from "../../store/partitions.ts";
import { event } from "../support/edge-records.ts";
import { newOrganization, openTestStore } from "../support/store.ts";
import type { TestStore } from "../support/store.ts";

let store: TestStore;
let organizationId: OrganizationId;
beforeAll(async () => {
  store = await openTestStore();
  organizationId = await newOrganization(store);
});
afterAll(() => store.close());

const partitionOf = async (at: number): Promise<string | undefined> => {
  const { rows } = await store.pool.query<{ partition: string }>(
    "select tableoid::regclass::text as partition from events where organization_id = $1 and at = $2",
    [organizationId, new Date(at)],
  );
  return rows[0]?.partition;
};

test("events go to the partition of their day, and move there when it is made after them", async () => {
  const now = Date.now();
  const far = now + 9 * DAY_MS;
  await insertEvents(store, [event(organizationId, { at: now }), event(organizationId, { at: far })]);
  const nameOf = (at: number): string => `events_${new Date(at).toISOString().slice(0, 10).replaceAll("-", "")}`;
  expect(await partitionOf(now)).toBe(nameOf(now));
  expect(await partitionOf(far)).toBe("events_default");
  await Promise.all([1, 2, 3].map(() => ensurePartitions(store, { daysAhead: 10 })));
  expect(await partitionOf(far)).toBe(nameOf(far));
  const { events } = await searchEvents(store, organizationId, { start: now, end: far + 1, limit: 10 });
  expect(events.map(({ at }) => at)).toEqual([far, now]);
});

test("a second delivery of an event counts once in its day's partition too", async () => {
  const twice = event(organizationId, { at: Date.now() + 1 });
  await insertEvents(store, [twice]);
  await insertEvents(store, [twice]);
  const { events } = await searchEvents(store, organizationId, { start: twice.at, end: twice.at + 1, limit: 10 });
  expect(events).toEqual([twice]);
});

test("days past their retention are dropped whole, with what came late for them; younger ones stay", async () => {
  const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const at = (daysAgo: number): number => today - daysAgo * DAY_MS + 1;
  const nameOf = (daysAgo: number): string =>
    `events_${new Date(at(daysAgo)).toISOString().slice(0, 10).replaceAll("-", "")}`;
  for (const daysAgo of [8, 7]) {
    const [from, to] = [daysAgo, daysAgo - 1].map((days) => new Date(today - days * DAY_MS).toISOString());
    await store.pool.query(
      `create table ${nameOf(daysAgo)} partition of events for values from ('${from}') to ('${to}')`,
    );
  }
  const kept = [7, 6, 0].map((daysAgo) => event(organizationId, { at: at(daysAgo) }));
  const late = event(organizationId, { at: at(30) });
  await insertEvents(store, [late, event(organizationId, { at: at(8) }), ...kept]);
  const listed = async () => {
    const { events } = await searchEvents(store, organizationId, { start: 0, end: at(0) + 1, limit: 100 });
    return events.map((each) => each.at);
  };
  expect(await listed()).toEqual([0, 6, 7, 8, 30].map(at));
  const drops = await Promise.all([1, 2].map(() => createRetention(store, { retentionDays: 7 })()));
  expect(drops.flat()).toContain(nameOf(8));
  expect(drops.flat()).not.toContain(nameOf(7));
  expect(await listed()).toEqual([0, 6, 7].map(at));
  expect(await createRetention(store, { retentionDays: 7 })()).toEqual([]);
});
