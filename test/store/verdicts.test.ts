import { identityKey } from "../../domain/identity.ts";
import type { IdentityKey } from "../../domain/identity.ts";
import type { OrganizationId } from "../../domain/identifiers.ts";
import { MAC, OTHER_MAC, NOW, verdict } from "../support/domain-values.ts";
import { loadChanges, loadOrganizationSnapshot } from "../../store/edge-snapshot.ts";
import { createNas } from "../../store/nases.ts";
import { loadPolicy } from "../../store/policies.ts";
import { changedVerdicts, loadVerdicts, readVerdict, storeVerdict } from "../../store/verdicts.ts";
import { reveal, secret } from "../../domain/secret.ts";
import { newId } from "../support/edge-records.ts";
import { newOrganization, openTestStore } from "../support/store.ts";
import type { TestStore } from "../support/store.ts";

const identity = identityKey({ kind: "mac", mac: MAC });
const other = identityKey({ kind: "mac", mac: OTHER_MAC });
let store: TestStore;
let organizationId: OrganizationId;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());
beforeEach(async () => {
  organizationId = await newOrganization(store);
});

test("a verdict comes back as it was stored, with the revision that it was given", async () => {
  const found = verdict({ details: ["OS too old"], matchedBy: "mac", matchedMac: MAC, device: undefined });
  expect(await readVerdict(store, organizationId, identity)).toBeUndefined();
  const revision = await storeVerdict(store, organizationId, identity, { verdict: found, changed: true });
  expect(revision).toBe(2); // the first labels took 1
  const stored = await readVerdict(store, organizationId, identity);
  expect(stored).toStrictEqual({ ...found, revision });
});

test("an unchanged verdict's new due time reaches edges too", async () => {
  const first = verdict();
  const revision = await storeVerdict(store, organizationId, identity, { verdict: first, changed: true });
  const refreshed = { ...first, checkedAt: NOW + 5, dueAt: NOW + 10, revision };
  const next = await storeVerdict(store, organizationId, identity, { verdict: refreshed, changed: false });
  expect(await changedVerdicts(store, organizationId, revision)).toEqual([
    { identity, verdict: { ...refreshed, revision: next } },
  ]);
  expect(await changedVerdicts(store, organizationId, next)).toEqual([]);
});

test("verdicts belong to one organization", async () => {
  await storeVerdict(store, organizationId, identity, { verdict: verdict(), changed: true });
  const stranger = await newOrganization(store, "Other");
  expect(await readVerdict(store, stranger, identity)).toBeUndefined();
  expect(await loadVerdicts(store, stranger)).toEqual(new Map());
  expect([...(await loadVerdicts(store, organizationId)).keys()]).toEqual([identity]);
});

test("a reader that asks for all above the revision it holds misses none, however many write at once", async () => {
  const identities = Array.from({ length: 60 }, (_, i) => `mac:a483e7${String(i).padStart(6, "0")}` as IdentityKey);
  const heard = new Map<IdentityKey, number>();
  let held = 1;
  let writing = true;
  const reader = (async () => {
    while (writing || heard.size < identities.length) {
      for (const { identity: key, verdict: found } of await changedVerdicts(store, organizationId, held)) {
        expect(found.revision).toBeGreaterThan(held);
        held = found.revision;
        heard.set(key, found.revision);
      }
    }
  })();
  const revisions = await Promise.all(
    identities.map((key) => storeVerdict(store, organizationId, key, { verdict: verdict(), changed: true })),
  );
  writing = false;
  await reader;
  expect(revisions.toSorted((a, b) => a - b)).toEqual(identities.map((_, i) => i + 2));
  expect([...heard.values()].toSorted((a, b) => a - b)).toEqual(revisions.toSorted((a, b) => a - b));
});

test("a snapshot is the organization whole at one revision; changes hold only the verdicts above one", async () => {
  const first = await storeVerdict(store, organizationId, identity, { verdict: verdict(), changed: true });
  const nas = await createNas(store, organizationId, {
    name: "AP",
    address: "10.9.0.1",
    secret: secret("radius"),
    profile: "generic",
  });
  const second = await storeVerdict(store, organizationId, other, { verdict: verdict(), changed: true });
  const whole = await loadOrganizationSnapshot(store, organizationId);
  expect(whole).toMatchObject({
    organizationId,
    revision: second,
    settings: { cacerts: [], trustMacAuthentication: false, coaType: "reauth", serverKey: undefined },
  });
  expect(whole?.policy).toEqual(await loadPolicy(store, organizationId));
  expect(whole?.nases.map(({ id }) => id)).toEqual([nas.kind === "ok" && nas.nas.id]);
  expect([...whole!.verdicts.keys()]).toEqual([identity, other]);
  const changes = await loadChanges(store, organizationId, first);
  expect([...changes!.verdicts.keys()]).toEqual([other]);
  expect(changes?.policy).toEqual(whole?.policy);
  expect(changes?.nases.map(({ secret: sealed }) => reveal(sealed!))).toEqual(["radius"]);
  expect(await loadOrganizationSnapshot(store, newId<OrganizationId>())).toBeUndefined();
});
