import type { OrganizationId } from "../../domain/identifiers.ts";
import { secret } from "../../domain/secret.ts";
import { findOrganization } from "../../store/organizations.ts";
import { loadEdgeSettings, readSetting, writeSetting } from "../../store/settings.ts";
import { openedText } from "../support/lost-key.ts";
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

const setting = {
  mist_nac: {
    cacerts: ["-----BEGIN CERTIFICATE-----"],
    server_cert: { cert: "-----BEGIN CERTIFICATE-----server" },
    mdm: { coa_type: "disconnect", trust_mac_authentication: true },
  },
  other: { field: 1 },
};

test("an organization that set nothing has an empty setting and safe defaults", async () => {
  expect(await readSetting(store, organizationId)).toEqual({
    setting: {},
    hasServerKey: false,
    hasServerKeyPassword: false,
  });
  expect(await loadEdgeSettings(store, organizationId)).toEqual({
    cacerts: [],
    serverCertificate: undefined,
    serverKey: undefined,
    serverKeyPassword: undefined,
    trustMacAuthentication: false,
    coaType: "reauth",
    crl: { mode: "soft", urls: [] },
  });
});

test("a setting is kept as given, its key sealed; a secret stays until it is replaced or removed", async () => {
  const revision = await writeSetting(store, organizationId, {
    setting,
    serverKey: secret("private key"),
    serverKeyPassword: secret("pass"),
  });
  expect(await findOrganization(store, organizationId)).toMatchObject({ revision });
  expect(await readSetting(store, organizationId)).toEqual({
    setting,
    hasServerKey: true,
    hasServerKeyPassword: true,
  });
  await writeSetting(store, organizationId, { setting, serverKeyPassword: null });
  const settings = await loadEdgeSettings(store, organizationId);
  expect(settings).toMatchObject({
    cacerts: setting.mist_nac.cacerts,
    serverCertificate: setting.mist_nac.server_cert.cert,
    serverKeyPassword: undefined,
    trustMacAuthentication: true,
    coaType: "disconnect",
  });
  expect(openedText(settings.serverKey)).toBe("private key");
  expect(JSON.stringify(await store.db.selectFrom("settings").selectAll().execute())).not.toContain("private key");
});

test("fields of another shape count as absent", async () => {
  await writeSetting(store, organizationId, {
    setting: { mist_nac: { cacerts: ["a", 1, null], server_cert: "x", mdm: [], trust_mac_authentication: true } },
  });
  expect(await loadEdgeSettings(store, organizationId)).toMatchObject({
    cacerts: ["a"],
    serverCertificate: undefined,
    trustMacAuthentication: false,
  });
});
