import { sql } from "kysely";
import { identityKey } from "../../domain/identity.ts";
import type { IdentityKey } from "../../domain/identity.ts";
import type { OrganizationId } from "../../domain/identifiers.ts";
import type { DecisiveVerdict, Verdict } from "../../domain/verdict.ts";
import { MAC, OTHER_MAC, NOW, verdict } from "../support/domain-values.ts";
import { createNas } from "../../store/nases.ts";
import { jsonText } from "../../store/json.ts";
import { loadPolicy } from "../../store/policies.ts";
import { writeSetting } from "../../store/settings.ts";
import { countVerdicts, readVerdict, readVerdicts, storeVerdict } from "../../store/verdicts.ts";
import { reveal, secret } from "../../domain/secret.ts";
import { newId } from "../support/edge-records.ts";
import { edgeView } from "../support/edge-view.ts";
import { newOrganization, openTestStore } from "../support/store.ts";
import type { TestStore } from "../support/store.ts";

const identity = identityKey({ kind: "mac", mac: MAC });
const other = identityKey({ kind: "mac", mac: OTHER_MAC });
/** The part that edges hold. */
function decisive({ details: _d, source: _s, device: _v, changedAt: _c, ...held }: Verdict): DecisiveVerdict {
  return held;
}

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
  const changed = await edgeView(store, organizationId, revision);
  expect([...changed!.verdicts]).toEqual([[identity, decisive({ ...refreshed, revision: next })]]);
  expect(await readVerdict(store, organizationId, identity)).toEqual({ ...refreshed, revision: next });
  expect((await edgeView(store, organizationId, next))!.verdicts.size).toBe(0);
});

test("verdicts belong to one organization", async () => {
  await storeVerdict(store, organizationId, identity, { verdict: verdict(), changed: true });
  const stranger = await newOrganization(store, "Other");
  expect(await readVerdict(store, stranger, identity)).toBeUndefined();
  expect((await edgeView(store, stranger))!.verdicts.size).toBe(0);
  expect([...(await edgeView(store, organizationId))!.verdicts.keys()]).toEqual([identity]);
});

test("a reader that asks for all above the revision it holds misses none, however many write at once", async () => {
  const identities = Array.from({ length: 60 }, (_, i) => `mac:a483e7${String(i).padStart(6, "0")}` as IdentityKey);
  const heard = new Map<IdentityKey, number>();
  let held = 1;
  let writing = true;
  const reader = (async () => {
    while (writing || heard.size < identities.length) {
      for (const [key, found] of (await edgeView(store, organizationId, held))!.verdicts) {
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

test("an edge is told the organization whole at one revision, and then the parts that changed above one", async () => {
  const first = await storeVerdict(store, organizationId, identity, { verdict: verdict(), changed: true });
  const made = await createNas(store, organizationId, {
    name: "AP",
    address: "10.9.0.1",
    secret: secret("radius"),
    profile: "generic",
  });
  const nas = made.kind === "ok" ? made.nas.id : undefined;
  const second = await storeVerdict(store, organizationId, other, { verdict: verdict(), changed: true });
  const whole = await edgeView(store, organizationId);
  expect(whole).toMatchObject({
    revision: second,
    configuration: {
      settings: { cacerts: [], trustMacAuthentication: false, coaType: "reauth", serverKey: undefined },
      nases: [{ id: nas }],
    },
  });
  const policy = await loadPolicy(store, organizationId);
  expect(whole?.configuration?.policy).toEqual(policy);
  expect([...whole!.verdicts]).toEqual([
    [identity, decisive(verdict({ revision: first }))],
    [other, decisive(verdict({ revision: second }))],
  ]);
  const changes = await edgeView(store, organizationId, first);
  expect([...changes!.verdicts.keys()]).toEqual([other]);
  expect(changes?.configuration?.policy).toEqual(policy);
  expect(changes?.configuration?.nases.map((each) => reveal(each.secret!))).toEqual(["radius"]);
  expect(await edgeView(store, newId<OrganizationId>())).toBeUndefined();
});

test("a verdict alone does not make edges read rules, setting and NASes again", async () => {
  const held = (await edgeView(store, organizationId))!.revision;
  const next = await storeVerdict(store, organizationId, identity, { verdict: verdict(), changed: true });
  expect(await edgeView(store, organizationId, held)).toMatchObject({ revision: next, configuration: undefined });
  await writeSetting(store, organizationId, { setting: {} });
  expect((await edgeView(store, organizationId, next))!.configuration).toBeDefined();
});

test("more verdicts than a page holds are read once each and in order, though many have one revision", async () => {
  await sql`
    insert into verdicts (organization_id, identity, verdict, status, revision, due_at)
    select ${organizationId}, 'mac:' || lpad(to_hex(i), 12, '0'), ${jsonText(verdict())}::jsonb, 'compliant', 2 + i / 7000, now()
    from generate_series(1, 12000) as i
  `.execute(store.db);
  const keys: IdentityKey[] = [];
  await readVerdicts(store.db, organizationId, 0, ({ identity: key }) => void keys.push(key));
  // Of one revision in the order of their identities: in hexadecimal, as they were numbered.
  expect(keys).toEqual(Array.from({ length: 12_000 }, (_, i) => `mac:${(i + 1).toString(16).padStart(12, "0")}`));
  expect(await countVerdicts(store.db, organizationId)).toBe(12_000);
});
