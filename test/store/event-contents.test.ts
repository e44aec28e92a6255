import type { OrganizationId } from "../../domain/identifiers.ts";
import type { MacAddress } from "../../domain/mac-address.ts";
import type { AuthenticationRecord } from "../../domain/record.ts";
import { DAY_MS } from "../../domain/time.ts";
import { findClient } from "../../store/clients.ts";
import { recordBatch } from "../../store/edge-records.ts";
import { contentHash } from "../../store/event-contents.ts";
import { searchEvents } from "../../store/events.ts";
import { createRetention } from "../../store/partitions.ts";
import { evidence, MAC, OTHER_MAC } from "../support/domain-values.ts";
import { accounting, authentication, newId, repeatOf } from "../support/edge-records.ts";
import { newOrganization, openTestStore } from "../support/store.ts";
import type { TestStore } from "../support/store.ts";

let store: TestStore;
let organizationId: OrganizationId;
beforeAll(async () => {
  store = await openTestStore();
  organizationId = await newOrganization(store);
});
afterAll(() => store.close());

const hashes = async (): Promise<readonly string[]> => {
  const rows = await store.db.selectFrom("event_contents").select("hash").execute();
  return rows.map(({ hash }) => hash.toString("hex")).toSorted();
};
const hashOf = ({ event, decided }: AuthenticationRecord): string => contentHash(event, decided!);

test("what only events past their retention said goes with them; what an event, a client or a session says still, stays", async () => {
  const now = Date.now();
  const old = now - 20 * DAY_MS;
  const accept = (mac: MacAddress, ssid: string): AuthenticationRecord =>
    authentication(organizationId, {
      at: old,
      evidence: { mac, ssid, nas: { ...evidence().nas, acctSessionId: ssid } },
    });
  const stopped = accept(MAC, "stopped");
  const ofClient = { ...accept(MAC, "last of its client"), session: undefined };
  const repeated = accept(OTHER_MAC, "repeated");
  await recordBatch(store, [stopped, repeated]);
  await recordBatch(store, [
    accounting(organizationId, "stop", {
      at: old + 1,
      mac: MAC,
      acctSessionId: "stopped",
      sessionId: stopped.session!.id,
    }),
    { ...ofClient, event: { ...ofClient.event, at: old + 2 } },
  ]);
  await store.pool.query("update event_contents set written_at = $1", [new Date(old)]);
  const again = repeatOf(repeated, now);
  await recordBatch(store, [again]);
  expect(await hashes()).toEqual([stopped, ofClient, repeated].map(hashOf).toSorted());

  await createRetention(store, { retentionDays: 7 })();
  expect(await hashes()).toEqual([ofClient, repeated].map(hashOf).toSorted());
  const { events } = await searchEvents(store, organizationId, { start: 0, end: now + 1, limit: 10 });
  expect(events).toEqual([again.whole().event]);
  expect((await findClient(store, organizationId, MAC))?.client.evidence.ssid).toBe("last of its client");

  // A whole record says it again, and dates it anew.
  await recordBatch(store, [{ ...stopped, event: { ...stopped.event, id: newId<never>(now), at: now } }]);
  expect(await hashes()).toEqual([stopped, ofClient, repeated].map(hashOf).toSorted());
});
