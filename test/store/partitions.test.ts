import type { OrganizationId } from "../../domain/identifiers.ts";
import { DAY_MS } from "../../domain/time.ts";
import { insertEvents, searchEvents } from "../../store/events.ts";
import { ensurePartitions } from "../../store/partitions.ts";
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
