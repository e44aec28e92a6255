import type { OrganizationId, RuleId } from "../../domain/identifiers.ts";
import type { IdentityKey } from "../../domain/identity.ts";
import { parseMac } from "../../domain/mac-address.ts";
import type { NacEvent } from "../../domain/event.ts";
import { searchClients } from "../../store/clients.ts";
import type { ClientFilter } from "../../store/clients.ts";
import { recordBatch } from "../../store/edge-records.ts";
import { insertEvents, searchEvents } from "../../store/events.ts";
import type { EventFilter, EventPage } from "../../store/events.ts";
import { identitiesInUse, isInUse } from "../../store/identities-in-use.ts";
import { storeVerdict } from "../../store/verdicts.ts";
import { accountId, MAC, NOW, OTHER_MAC, snapshot, verdict } from "../support/domain-values.ts";
import { authentication, event, newId } from "../support/edge-records.ts";
import { newOrganization, openTestStore } from "../support/store.ts";
import type { TestStore } from "../support/store.ts";

let store: TestStore;
let organizationId: OrganizationId;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());
beforeEach(async () => {
  organizationId = await newOrganization(store);
});

const find = (filter: Partial<EventFilter> = {}): Promise<EventPage> =>
  searchEvents(store, organizationId, { start: NOW - 1_000, end: NOW + 1_000_000, limit: 100, ...filter });

test("events are paged from event to event, latest first, none twice and none lost among equals in time", async () => {
  const events = Array.from({ length: 25 }, (_, i) => event(organizationId, { at: NOW + Math.floor(i / 5) }));
  await insertEvents(store, events);
  const ids: string[] = [];
  let page = await find({ limit: 4 });
  ids.push(...page.events.map(({ id }) => id));
  // News on top do not shift what follows.
  await insertEvents(store, [event(organizationId, { at: NOW + 500 })]);
  while (page.next !== undefined) {
    page = await find({ limit: 4, before: page.next });
    ids.push(...page.events.map(({ id }) => id));
  }
  const latestFirst = events.toSorted((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1));
  expect(ids).toEqual(latestFirst.map(({ id }) => id));
});

test("an event comes back as it was written, and a second delivery changes nothing", async () => {
  const first = event(organizationId, { identity: `mac:${MAC}` as IdentityKey, body: { vlan: "20", resp_attrs: [] } });
  await insertEvents(store, [first]);
  await insertEvents(store, [{ ...first, text: "another" }]);
  await insertEvents(store, []);
  expect((await find()).events).toEqual([first]);
});

test.each<[string, Partial<EventFilter>]>([
  ["type", { types: ["NAC_CLIENT_DENY"] }],
  ["MAC", { macs: [OTHER_MAC] }],
  ["identity", { identity: `mac:${OTHER_MAC}` as IdentityKey }],
  ["rule", { ruleId: "0198b5a0-0000-7000-8000-0000000000aa" as RuleId }],
  ["part of the sentence", { text: "100% LOST_" }],
  ["time", { start: NOW + 10, end: NOW + 11 }],
])("events are found by %s", async (_, filter) => {
  const wanted: NacEvent = event(organizationId, {
    at: NOW + 10,
    type: "NAC_CLIENT_DENY",
    mac: OTHER_MAC,
    identity: `mac:${OTHER_MAC}` as IdentityKey,
    text: "100% lost_ here",
    body: { nacrule_id: "0198b5a0-0000-7000-8000-0000000000aa" },
  });
  const others = [event(organizationId), event(organizationId, { at: NOW + 11, text: "100 lostx" })];
  const foreign = { ...wanted, id: newId<never>(), organizationId: await newOrganization(store, "Other") };
  await insertEvents(store, [wanted, ...others, foreign]);
  expect((await find(filter)).events).toEqual([wanted]);
});

test("clients are searched by what policy saw of them, paged, and counted over all pages", async () => {
  const macs = Array.from({ length: 5 }, (_, i) => parseMac(`a483e700000${i}`)!);
  await recordBatch(
    store,
    macs.map((mac, i) =>
      authentication(organizationId, {
        at: NOW + i,
        evidence: { mac, certificate: undefined, ssid: i === 4 ? "guest" : "corp", userName: `user-${i}` },
        ...(i === 3 ? { policy: snapshot([], []) } : {}),
      }),
    ),
  );
  const source = { accountId, kind: "jamf" } as const;
  const identity = `mac:${macs[2]!}` as IdentityKey;
  await storeVerdict(store, organizationId, identity, { verdict: verdict({ source }), changed: true });
  const search = (filter: Partial<ClientFilter>) => searchClients(store, organizationId, { limit: 100, ...filter });
  const found = async (filter: Partial<ClientFilter>) => (await search(filter)).clients.map(({ mac }) => mac);

  expect(await found({})).toEqual(macs.toReversed());
  expect(await found({ lastStatus: "denied" })).toEqual([macs[3]]);
  expect(await found({ ssid: "guest" })).toEqual([macs[4]]);
  expect(await found({ vlan: "20", ssid: "corp" })).toEqual([macs[2], macs[1], macs[0]]);
  expect(await found({ provider: "jamf" })).toEqual([macs[2]]);
  expect(await found({ identity })).toEqual([macs[2]]);
  expect(await found({ text: "USER-1" })).toEqual([macs[1]]);
  expect(await found({ text: "e7000000" })).toEqual([macs[0]]);
  expect(await found({ macs: [macs[1]!], authentication: "eap-tls", compliance: "unknown" })).toEqual([macs[1]]);
  expect(await found({ start: NOW + 1, end: NOW + 3 })).toEqual([macs[2], macs[1]]);
  expect(await found({ ruleId: newId<RuleId>() })).toEqual([]);
  expect((await search({ identity })).clients[0]?.verdict).toMatchObject({ status: "compliant", source });

  const first = await search({ limit: 3 });
  expect(first).toMatchObject({ total: 5, next: { lastSeenAt: NOW + 2, mac: macs[2] } });
  const second = await search({ limit: 3, before: first.next });
  expect(second.clients.map(({ mac }) => mac)).toEqual([macs[1], macs[0]]);
  expect(second).toMatchObject({ total: 5, next: undefined });
});

test("in use are identities with an open session or an authentication within 14 days, page by page", async () => {
  const identities = [MAC, OTHER_MAC].map((mac) => `mac:${mac}` as IdentityKey);
  await recordBatch(
    store,
    [MAC, OTHER_MAC].map((mac) =>
      authentication(organizationId, { at: Date.now(), evidence: { mac, certificate: undefined } }),
    ),
  );
  const dueAt = NOW + 5;
  await storeVerdict(store, organizationId, identities[0]!, { verdict: verdict({ dueAt }), changed: true });
  const all: { identity: IdentityKey; dueAt: number | undefined }[] = [];
  let page = await identitiesInUse(store, { limit: 1 });
  while (page.length > 0) {
    all.push(...page.filter((one) => one.organizationId === organizationId));
    page = await identitiesInUse(store, { limit: 1, after: page.at(-1) });
  }
  expect(all).toEqual([
    { organizationId, identity: identities[0], dueAt },
    { organizationId, identity: identities[1], dueAt: undefined },
  ]);

  const inUse = () => Promise.all(identities.map((identity) => isInUse(store, organizationId, identity)));
  const long = "update clients set authenticated_at = now() - interval '15 days' where organization_id = $1";
  await store.pool.query(long, [organizationId]);
  expect(await inUse()).toEqual([true, true]);
  await store.pool.query("update sessions set ended_at = now() where organization_id = $1 and mac = $2", [
    organizationId,
    OTHER_MAC,
  ]);
  expect(await inUse()).toEqual([true, false]);
  expect((await identitiesInUse(store, { limit: 1_000 })).map(({ identity }) => identity)).not.toContain(identities[1]);
});
