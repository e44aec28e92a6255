import type { MacAddress } from "../../domain/mac-address.ts";
import type { NasId } from "../../domain/identifiers.ts";
import { recordBatch } from "../../store/edge-records.ts";
import { nasSightings } from "../../store/nas-sightings.ts";
import { evidence, MAC, NOW, OTHER_MAC } from "../support/domain-values.ts";
import { authentication, newId } from "../support/edge-records.ts";
import { newOrganization, openTestStore } from "../support/store.ts";
import type { TestStore } from "../support/store.ts";

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

test("a NAS was seen at each address that its sessions came from, open or ended, by the newest of each", async () => {
  const organizationId = await newOrganization(store);
  const nasId = newId<NasId>();
  const accept = (sourceAddress: string, mac: MacAddress, at: number, of = nasId) => {
    const nas = { ...evidence().nas, nasId: of, sourceAddress, acctSessionId: `s${at}`, callingStationId: mac };
    return authentication(organizationId, { at, evidence: { mac, nas } });
  };
  await recordBatch(store, [accept("192.0.2.1", MAC, NOW)]);
  await recordBatch(store, [accept("192.0.2.2", OTHER_MAC, NOW + 1_000)]);
  await recordBatch(store, [accept("192.0.2.1", MAC, NOW + 2_000)]);
  await recordBatch(store, [accept("192.0.2.9", MAC, NOW + 3_000, newId<NasId>())]);
  const sightings = await nasSightings(store, nasId);
  expect(sightings.map(({ nas, at }) => [nas.sourceAddress, at - NOW])).toEqual([
    ["192.0.2.1", 2_000],
    ["192.0.2.2", 1_000],
  ]);
  expect(await nasSightings(store, newId<NasId>())).toEqual([]);
});

test("of the sessions that ended, the newest of the installation alone are looked at: no index leads to those of a NAS", async () => {
  const organizationId = await newOrganization(store);
  const seen = { ended: newId<NasId>(), open: newId<NasId>() };
  const sessions = Object.values(seen).map((nasId, n) => {
    const nas = { ...evidence().nas, nasId, acctSessionId: `s${n}`, callingStationId: MAC };
    return authentication(organizationId, { at: NOW + n, evidence: { mac: MAC, nas } });
  });
  for (const each of sessions) await recordBatch(store, [each]);
  await store.pool.query("update sessions set ended_at = last_seen_at where nas_id = $1", [seen.ended]);
  const found = () => Promise.all(Object.values(seen).map(async (nasId) => (await nasSightings(store, nasId)).length));
  expect(await found()).toEqual([1, 1]);
  await store.pool.query(
    `insert into sessions (id, organization_id, mac, edge_id, nas_id, evidence_hash, decision_id, applied, policy_version,
       verdict_revision, accepted_at, last_seen_at, ended_at)
     select ('ffffffff-ffff-7fff-8000-' || lpad(to_hex(n), 12, '0'))::uuid, $1, '02:00:00:00:00:01', $2, $2, '', $2, '{}', 1, 1,
       now(), now(), now()
     from generate_series(1, 10000) as n`,
    [organizationId, newId()],
  );
  expect(await found()).toEqual([0, 1]);
});
