import { X509Certificate } from "node:crypto";
import { examineCrls } from "../../../cli/doctor/crls.ts";
import type { Organization } from "../../../store/organizations.ts";
import { DAY_MS } from "../../../domain/time.ts";
import { createAuthority } from "../../../simulators/certificates.ts";
import { recordFetch, reconcileSources } from "../../../store/crl-sources.ts";
import { noteShown } from "../../../store/intermediates.ts";
import { createOrganization } from "../../../store/organizations.ts";
import { writeSetting } from "../../../store/settings.ts";
import { storeCrl } from "../../support/crls.ts";
import { openTestStore } from "../../support/store.ts";
import type { TestStore } from "../../support/store.ts";

let store: TestStore;
let acme: Organization;
beforeAll(async () => {
  store = await openTestStore();
  acme = await createOrganization(store, { name: "Acme" });
});
afterAll(() => store.close());

test("the doctor tells which lists are current, due and stale, what that means by the mode, and which server fails", async () => {
  const [good, due, stale] = await Promise.all(["Good", "Due", "Stale"].map((name) => createAuthority(name)));
  await storeCrl(store, acme.id, good!, { nextUpdate: Date.now() + 3.5 * DAY_MS });
  await storeCrl(store, acme.id, due!, { nextUpdate: Date.now() + DAY_MS / 2 });
  await storeCrl(store, acme.id, stale!, { thisUpdate: Date.now() - 9 * DAY_MS, nextUpdate: Date.now() - DAY_MS });
  await reconcileSources(store, { organizationId: acme.id, urls: ["http://pki.example/a.crl"] });
  await recordFetch(store, acme.id, "http://pki.example/a.crl", { nextFetchAt: 0, error: "status 404" });
  const levels = async () => (await examineCrls(store, acme)).map(({ level }) => level).toSorted();
  expect(await levels()).toEqual(["good", "warning", "warning", "warning"]);
  await writeSetting(store, acme.id, { setting: { mist_nac: { crl: { mode: "hard" } } } });
  expect(await levels()).toEqual(["fault", "good", "warning", "warning"]);
  const texts = (await examineCrls(store, acme)).map(({ text }) => text).join("\n");
  expect(texts).toContain("is good for 3 days");
  expect(texts).toContain("is stale since");
  expect(texts).toContain("no CRL from http://pki.example/a.crl: status 404");
});

test("behaviour 8.5: the doctor names the authorities whose list hard mode lacks, those below a trusted one too", async () => {
  const globex = await createOrganization(store, { name: "Globex" });
  const [listed, bare] = [await createAuthority("Listed"), await createAuthority("Bare")];
  const nextWeek = { nextUpdate: Date.now() + 7 * DAY_MS };
  const issuing = await listed.issueAuthority("Issuing");
  const { raw } = new X509Certificate(issuing.certificatePem);
  await noteShown(store, globex.id, { crlUrls: [], intermediates: new Map([["01", raw]]) });
  await storeCrl(store, globex.id, listed, nextWeek);
  const cacerts = [listed, bare].map(({ certificatePem }) => certificatePem);
  const lacking = async (mode: "soft" | "hard") => {
    const crl = { mode, urls: ["http://pki.example/never-fetched.crl"] };
    await writeSetting(store, globex.id, { setting: { mist_nac: { cacerts, crl } } });
    return (await examineCrls(store, globex)).filter(({ level }) => level !== "good");
  };
  expect(await lacking("soft")).toEqual([]);
  expect(await lacking("hard")).toMatchObject([
    { level: "warning", text: 'Globex: no CRL of "CN=Bare" is held' },
    { level: "warning", text: 'Globex: no CRL of "CN=Issuing" is held' },
  ]);
  await storeCrl(store, globex.id, bare, nextWeek);
  await storeCrl(store, globex.id, issuing, nextWeek);
  expect(await lacking("hard")).toEqual([]);
});
