import { X509Certificate } from "node:crypto";
import type { CrlId, OrganizationId } from "../../domain/identifiers.ts";
import { createAuthority } from "../../simulators/certificates.ts";
import type { Authority, CertifiedKey } from "../../simulators/certificates.ts";
import { listSources, reconcileSources } from "../../store/crl-sources.ts";
import { deleteCrl, listCrls, saveCrl } from "../../store/crls.ts";
import { noteShown, readIntermediates } from "../../store/intermediates.ts";
import { findOrganization } from "../../store/organizations.ts";
import { crlDraft, storeCrl } from "../support/crls.ts";
import { edgeView } from "../support/edge-view.ts";
import { newOrganization, openTestStore } from "../support/store.ts";
import type { TestStore } from "../support/store.ts";

let store: TestStore;
let authority: Authority;
let organizationId: OrganizationId;
beforeAll(async () => {
  store = await openTestStore();
  authority = await createAuthority("Acme Devices");
});
beforeEach(async () => {
  organizationId = await newOrganization(store);
});
afterAll(() => store.close());

const der = ({ certificatePem }: CertifiedKey): Buffer => new X509Certificate(certificatePem).raw;
const revision = async () => (await findOrganization(store, organizationId))!.revision;

test("a list gives way to a newer one alone, under its id; what changed nothing tells no edge", async () => {
  const second = await crlDraft(authority, { number: 2 });
  const saved = await saveCrl(store, organizationId, second);
  expect(saved).toMatchObject({ kind: "ok", crl: { number: "02", source: "uploaded", entries: 0 } });
  const { id } = (await listCrls(store, organizationId))[0]!;
  const before = await revision();
  expect(await saveCrl(store, organizationId, second)).toMatchObject({ kind: "unchanged", crl: { id } });
  expect(await storeCrl(store, organizationId, authority, { number: 1 })).toMatchObject({ kind: "older", crl: { id } });
  expect(await revision()).toBe(before);
  expect(await storeCrl(store, organizationId, authority, { number: 3 })).toMatchObject({ kind: "ok", crl: { id } });
  expect(await revision()).toBe(before + 1);
  expect(await listCrls(store, organizationId)).toHaveLength(1);

  // An authority that was renewed with another key keeps a list for each.
  await storeCrl(store, organizationId, await createAuthority("Acme Devices"), { number: 1 });
  expect(await listCrls(store, organizationId)).toHaveLength(2);
  expect(await deleteCrl(store, organizationId, id)).toBe(true);
  expect(await deleteCrl(store, organizationId, "0198b5a0-0000-7000-8000-0000000000ff" as CrlId)).toBe(false);
});

test("edges read lists and intermediates when one of them changed, and not with every change", async () => {
  const held = (await edgeView(store, organizationId))!;
  expect(held.revocation).toBeUndefined();
  const draft = await crlDraft(authority);
  await saveCrl(store, organizationId, draft);
  const next = (await edgeView(store, organizationId, held.revision))!;
  expect(next.configuration).toBeUndefined();
  expect(next.revocation!.intermediates).toEqual([]);
  expect(next.revocation!.crls.map((octets) => Buffer.from(octets))).toEqual([draft.crl.der]);
  expect((await edgeView(store, organizationId, next.revision))!.revocation).toBeUndefined();

  const issuing = await authority.issueAuthority("Issuing");
  await noteShown(store, organizationId, { crlUrls: [], intermediates: new Map([["01", der(issuing)]]) });
  const last = (await edgeView(store, organizationId, next.revision))!;
  expect(last.revocation!.intermediates.map((octets) => Buffer.from(octets))).toEqual([der(issuing)]);
});

test("what clients show is noted once, up to a limit, and only new authorities are news", async () => {
  const shown = { crlUrls: ["http://pki.example/a.crl"], intermediates: new Map([["01", der(authority)]]) };
  await noteShown(store, organizationId, shown);
  const before = await revision();
  await noteShown(store, organizationId, shown);
  await noteShown(store, organizationId, { crlUrls: ["http://pki.example/b.crl"], intermediates: new Map() });
  expect(await revision()).toBe(before);
  expect((await listSources(store, organizationId)).map(({ url }) => url)).toEqual([
    "http://pki.example/a.crl",
    "http://pki.example/b.crl",
  ]);

  const numbers = Array.from({ length: 100 }, (_, n) => String(n).padStart(3, "0"));
  await noteShown(store, organizationId, {
    crlUrls: numbers.map((n) => `http://pki.example/${n}.crl`),
    intermediates: new Map(numbers.map((n) => [n, der(authority)])),
  });
  expect(await listSources(store, organizationId)).toHaveLength(64);
  expect(await readIntermediates(store.db, organizationId)).toHaveLength(64);
});

test("an organization holds as many lists as edges can bear, and an old one may still be renewed", async () => {
  const draft = await crlDraft(authority);
  for (let n = 0; n < 64; n++) {
    const scope = { only: undefined, distributionPoints: [`http://pki.example/${n}.crl`] };
    expect(await saveCrl(store, organizationId, { ...draft, crl: { ...draft.crl, scope } })).toMatchObject({
      kind: "ok",
    });
  }
  expect(await saveCrl(store, organizationId, draft)).toEqual({ kind: "tooMany", most: 64 });
  const { crl } = await crlDraft(authority, { number: 2 });
  const scope = { only: undefined, distributionPoints: ["http://pki.example/7.crl"] };
  expect(await saveCrl(store, organizationId, { ...draft, crl: { ...crl, scope } })).toMatchObject({ kind: "ok" });
});

test("a source that clients show stays when the setting no longer names it", async () => {
  const url = "http://crl.example/both.crl";
  await reconcileSources(store, { organizationId, urls: [url, "http://crl.example/setting-only.crl"] });
  await noteShown(store, organizationId, { intermediates: new Map(), crlUrls: [url] });
  await reconcileSources(store, { organizationId, urls: [] });
  expect(await listSources(store, organizationId)).toMatchObject([{ url, origin: "certificate" }]);
});
