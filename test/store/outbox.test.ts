import type { EventId, OrganizationId } from "../../domain/identifiers.ts";
import { addCoaWish, completeWish, postponeWish, takeWishes } from "../../store/outbox.ts";
import { MAC, NOW } from "../support/domain-values.ts";
import { newId } from "../support/edge-records.ts";
import { newOrganization, openTestStore } from "../support/store.ts";
import type { TestStore } from "../support/store.ts";

let store: TestStore;
let organizationId: OrganizationId;
beforeEach(async () => {
  store = await openTestStore();
  organizationId = await newOrganization(store);
});
afterEach(() => store.close());

const LEASE_MS = 60_000;

async function ask(id = newId<EventId>()): Promise<EventId> {
  await addCoaWish(store, { organizationId, mac: MAC, coaType: "reauth", source: "admin@acme.example", id });
  return id;
}

const take = (limit: number, leaseMs = LEASE_MS) => takeWishes(store, { limit, leaseMs });

test("wishes are taken newest first, and none by two takers at once", async () => {
  const ids: EventId[] = [];
  for (let i = 0; i < 30; i++) ids.push(await ask());
  const [newest] = await take(1);
  expect(newest).toMatchObject({
    kind: "coa",
    subject: ids.at(-1),
    organizationId,
    attempts: 1,
    payload: { organizationId, mac: MAC, coaType: "reauth", source: "admin@acme.example" },
  });
  const taken = (await Promise.all([take(10), take(10), take(10)])).flat().map(({ subject }) => subject);
  const rest = (await take(100)).map(({ subject }) => subject);
  expect([...taken, ...rest].toSorted()).toEqual(ids.slice(0, -1).toSorted());
});

test("a wish whose taker died is due again when its lease ends; one that is postponed, when its delay does", async () => {
  const id = await ask();
  expect(await take(10, 0)).toHaveLength(1);
  const [again] = await take(10, 0);
  expect(again).toMatchObject({ subject: id, attempts: 2 });
  await postponeWish(store, again!, LEASE_MS);
  expect(await take(10)).toEqual([]);
  await postponeWish(store, again!, 0);
  const [third] = await take(10);
  expect(third).toMatchObject({ attempts: 3, createdAt: again!.createdAt });
  await completeWish(store, third!);
  await postponeWish(store, third!, 0);
  expect(await take(10)).toEqual([]);
});

test("one CoA request is one wish, however often it is written", async () => {
  const id = newId<EventId>(NOW);
  await Promise.all([ask(id), ask(id), ask(id)]);
  expect(await take(10)).toEqual([expect.objectContaining({ subject: id, generation: 1 })]);
});
