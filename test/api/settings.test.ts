import { createPrivateKey } from "node:crypto";
import { reveal, secret } from "../../domain/secret.ts";
import { createAuthority } from "../../simulators/certificates.ts";
import type { Authority, CertifiedKey } from "../../simulators/certificates.ts";
import { subscribe } from "../../store/notifications.ts";
import { loadEdgeSettings, writeSetting } from "../../store/settings.ts";
import { openTestApi } from "../support/api.ts";
import type { Tenant, TestApi } from "../support/api.ts";
import { openedText, underLostKey } from "../support/lost-key.ts";

let api: TestApi;
let acme: Tenant;
let authority: Authority;
let server: CertifiedKey;
let other: CertifiedKey;
beforeAll(async () => {
  api = await openTestApi();
  authority = await createAuthority("Acme CA");
  server = await authority.issue({ commonName: "radius.acme.example", eku: "server" });
  other = await authority.issue({ commonName: "other.acme.example", eku: "server" });
});
beforeEach(async () => void (acme = await api.tenant()));
afterAll(() => api.close());

const put = (mistNac: object) => acme.ask("PUT", "setting", { mist_nac: mistNac });
const inForce = () => loadEdgeSettings(api.store, acme.organizationId);

test("a new organization has Mist's defaults", async () => {
  expect((await acme.ask("GET", "setting")).json).toEqual({
    org_id: acme.organizationId,
    mist_nac: {
      cacerts: [],
      mdm: { coa_type: "reauth", trust_mac_authentication: false },
      crl: { mode: "soft", urls: [] },
    },
  });
});

test("certificates and options are taken; the key is sealed and never shown", async () => {
  const answer = await put({
    cacerts: [authority.certificatePem],
    server_cert: { cert: server.certificatePem, key: server.keyPem },
    mdm: { coa_type: "disconnect", trust_mac_authentication: "True" },
    crl: { mode: "hard", urls: ["http://pki.acme.example/root.crl"] },
  });
  expect(answer).toMatchObject({
    status: 200,
    json: {
      mist_nac: {
        cacerts: [authority.certificatePem],
        server_cert: { cert: server.certificatePem, key_set: true },
        mdm: { coa_type: "disconnect", trust_mac_authentication: true },
        crl: { mode: "hard", urls: ["http://pki.acme.example/root.crl"] },
      },
    },
  });
  expect(answer.text + (await acme.ask("GET", "setting")).text + api.logged.join("")).not.toContain("PRIVATE KEY");
  const { rows } = await api.store.pool.query<{ row: string }>("select settings::text as row from settings");
  expect(rows.map(({ row }) => row).join("\n")).not.toContain("PRIVATE KEY");
  expect(openedText((await inForce()).serverKey)).toBe(server.keyPem);
});

test("what is absent stays, and an empty server_cert takes the certificate away", async () => {
  await put({ server_cert: { cert: server.certificatePem, key: server.keyPem }, cacerts: [authority.certificatePem] });
  await put({ mdm: { coa_type: "disconnect" }, crl: { mode: "hard" } });
  await put({ crl: { urls: ["https://pki.acme.example/root.crl"] } });
  expect(await inForce()).toMatchObject({
    serverCertificate: server.certificatePem,
    coaType: "disconnect",
    crl: { mode: "hard", urls: ["https://pki.acme.example/root.crl"] },
  });
  expect((await inForce()).cacerts).toHaveLength(1);
  await put({ server_cert: {} });
  expect(await inForce()).toMatchObject({ serverCertificate: undefined, serverKey: undefined });
});

test("two changes of different fields at once are both kept", async () => {
  const urls = ["http://crl.example/ca.crl"];
  for (const coaType of ["disconnect", "reauth", "disconnect"]) {
    const answers = await Promise.all([
      acme.ask("PUT", "setting", { mist_nac: { mdm: { coa_type: coaType } } }),
      acme.ask("PUT", "setting", { mist_nac: { crl: { urls } } }),
    ]);
    expect(answers).toMatchObject([{ status: 200 }, { status: 200 }]);
    const { json } = await acme.ask("GET", "setting");
    expect(json.mist_nac).toMatchObject({ mdm: { coa_type: coaType }, crl: { urls } });
    await acme.ask("PUT", "setting", { mist_nac: { crl: { urls: [] } } });
  }
});

test("edges are told at once", async () => {
  const heard: { organization: string; revision: number }[] = [];
  const subscription = await subscribe(api.store.databaseUrl, {
    onChange: (change) => void heard.push(change),
    onReconnect: () => undefined,
  });
  await put({ mdm: { coa_type: "disconnect" } });
  while (heard.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(heard[0]!.organization).toBe(acme.organizationId);
  await subscription.close();
});

test("a key with a password is taken with it, and a renewal may keep the key", async () => {
  const key = createPrivateKey(server.keyPem).export({
    type: "pkcs8",
    format: "pem",
    cipher: "aes-256-cbc",
    passphrase: "open sesame",
  });
  const cert = server.certificatePem;
  expect((await put({ server_cert: { cert, key } })).json.detail).toContain("needs a password");
  expect((await put({ server_cert: { cert, key, password: "wrong" } })).json.detail).toContain("the password is wrong");
  expect(await put({ server_cert: { cert, key, password: "open sesame" } })).toMatchObject({ status: 200 });
  expect(await put({ server_cert: { cert } })).toMatchObject({ status: 200 });
  expect(reveal((await inForce()).serverKeyPassword!)).toBe("open sesame");
});

test("what no edge could load is refused, and what was in force stays in force", async () => {
  await put({ server_cert: { cert: server.certificatePem, key: server.keyPem } });
  const expired = await authority.issue({
    commonName: "old",
    eku: "server",
    notAfter: Date.parse("2020-01-01"),
    notBefore: Date.parse("2019-01-01"),
  });
  const client = await authority.issue({ commonName: "laptop", eku: "client" });
  const refusals: [object, string][] = [
    [{ cacerts: ["not PEM"] }, "mist_nac.cacerts[0] is no PEM certificate"],
    [
      { cacerts: ["-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"] },
      "mist_nac.cacerts[0] is no PEM certificate",
    ],
    [
      { cacerts: [authority.certificatePem, server.certificatePem] },
      "mist_nac.cacerts[1] is not the certificate of a CA",
    ],
    [{ server_cert: { cert: server.certificatePem, key: other.keyPem } }, "belongs to another certificate"],
    [{ server_cert: { cert: other.certificatePem } }, "belongs to another certificate"],
    [{ server_cert: { cert: server.certificatePem, key: "no key" } }, "is no PEM private key"],
    [{ server_cert: { cert: "no certificate", key: server.keyPem } }, "server_cert.cert is no PEM certificate"],
    [{ server_cert: { cert: expired.certificatePem, key: expired.keyPem } }, "expired on"],
    [{ server_cert: { cert: client.certificatePem, key: client.keyPem } }, "is not for servers"],
    [{ mdm: { coa_type: "bounce" } }, 'field "mist_nac.mdm.coa_type" must be equal to one of the allowed values'],
    [{ crl: { mode: "medium" } }, 'field "mist_nac.crl.mode" must be equal to one of the allowed values'],
    [{ crl: { urls: ["ldap:///CN=Acme"] } }, 'field "mist_nac.crl.urls.0" must match pattern'],
    [{ crl: { urls: ["http://"] } }, 'mist_nac.crl.urls: "http://" is no URL'],
    [{ mdm: { trust_mac_auth: true } }, 'unknown field "mist_nac.mdm.trust_mac_auth"'],
  ];
  for (const [fields, sentence] of refusals) {
    const refused = await put(fields);
    expect([refused.status, refused.json.detail]).toEqual([400, expect.stringContaining(sentence)]);
  }
  expect(await inForce()).toMatchObject({ serverCertificate: server.certificatePem, cacerts: [], coaType: "reauth" });
});

test("Mist's other settings are taken without being kept, and said so", async () => {
  const answer = await acme.ask("PUT", "setting", { ap_updown_threshold: 5, mist_nac: { eap_ssl_security_level: 2 } });
  expect(answer.json.warnings).toEqual([
    "ap_updown_threshold has no meaning here and was not kept",
    "mist_nac.eap_ssl_security_level has no meaning here and was not kept",
  ]);
});

test.each(["key", "password"])(
  "a server %s that no key opens is told, and left alone until there is another",
  async (which) => {
    const [cert, key] = [server.certificatePem, server.keyPem];
    await put({ server_cert: { cert, key } });
    const lost = which === "key" ? { serverKey: secret(key) } : { serverKeyPassword: secret("open sesame") };
    const setting = { mist_nac: { server_cert: { cert } } };
    await writeSetting(underLostKey(api.store), acme.organizationId, { setting, ...lost });
    const fault = expect.stringMatching(
      /^the secret of settings:.*a master key that this process does not have/,
    ) as string;
    const told = { mist_nac: { server_cert: { cert, key_set: true, key_fault: fault } } };
    expect((await acme.ask("GET", "setting")).json).toMatchObject(told);
    expect((await put({ mdm: { coa_type: "disconnect" } })).json).toMatchObject(told);
    const renewal = await put({ server_cert: { cert } });
    expect(renewal.json.detail).toMatch(/^mist_nac\.server_cert\.key is wanted: the secret of settings:/);
    const mended = await put({ server_cert: { key } });
    expect(mended.status).toBe(200);
    expect(mended.text).not.toContain("key_fault");
    expect(openedText((await inForce()).serverKey)).toBe(key);
  },
);
