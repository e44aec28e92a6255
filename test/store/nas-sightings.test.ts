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
