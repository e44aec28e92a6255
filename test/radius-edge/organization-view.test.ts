import { randomBytes } from "node:crypto";
import type { OrganizationId } from "../../domain/identifiers.ts";
import { secret } from "../../domain/secret.ts";
import { nextView } from "../../radius-edge/organization-view.ts";
import type { OrganizationView } from "../../radius-edge/organization-view.ts";
import { createVerdictTable } from "../../radius-edge/snapshot/verdict-table.ts";
import { createAuthority } from "../../simulators/certificates.ts";
import type { Authority, CertifiedKey } from "../../simulators/certificates.ts";
import { loadChanges } from "../../store/edge-snapshot.ts";
import { writeSetting } from "../../store/settings.ts";
import { newOrganization, openTestStore } from "../support/store.ts";
import type { TestStore } from "../support/store.ts";

const PARTS = { resumptionSecret: randomBytes(32), agesUntil: () => 0 };
let store: TestStore;
let organizationId: OrganizationId;
let authority: Authority;
let stolen: Authority;
let server: CertifiedKey;
beforeAll(async () => {
  store = await openTestStore();
  [authority, stolen] = [await createAuthority("Acme Devices"), await createAuthority("Stolen")];
  server = await authority.issue({ commonName: "radius.acme.example", eku: "server" });
});
afterAll(() => store.close());

/** The view after the setting was written as `mist_nac`. */
async function after(mist_nac: object, held?: OrganizationView): Promise<OrganizationView> {
  await writeSetting(store, organizationId, { setting: { mist_nac }, serverKey: secret(server.keyPem) });
  const changes = await loadChanges(store, organizationId, held?.revision ?? 0, () => undefined);
  return nextView(held, changes!, held?.verdicts ?? createVerdictTable(), PARTS);
}
const settingOf = (authorities: readonly Authority[], cert = server.certificatePem) => ({
  cacerts: authorities.map(({ certificatePem }) => certificatePem),
  ...(cert === "" ? {} : { server_cert: { cert } }),
});
let held: OrganizationView;
beforeEach(async () => {
  organizationId = await newOrganization(store);
  held = await after(settingOf([authority, stolen]));
});

test("a server certificate that does not work leaves the one before in force", async () => {
  expect(held.eap.kind).toBe("ready");
  expect((await after(settingOf([authority, stolen], "broken"), held)).eap).toBe(held.eap);
});

test("behaviour 8.1: a CA that was taken away vouches for nobody, though what is left does not work", async () => {
  expect((await after(settingOf([]), held)).eap).toMatchObject({ kind: "refused", fault: "noTrustedCa" });
  const broken = await after(settingOf([authority], "broken"), held);
  expect(broken.eap).toMatchObject({ kind: "refused", fault: "serverCertificateUnreadable" });
});

test("a server certificate that was taken away is shown no more", async () => {
  expect((await after(settingOf([authority, stolen], ""), held)).eap).toMatchObject({ kind: "refused" });
});
