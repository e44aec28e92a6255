import { createPrivateKey, generateKeyPairSync, X509Certificate } from "node:crypto";
import { DAY_MS } from "../../../domain/time.ts";
import { secret } from "../../../domain/secret.ts";
import { createEapTlsContext, type EapTlsMaterial } from "../../../radius-edge/eap/tls-context.ts";
import { aSentence, createSite, materialOf, type Site } from "./bench.ts";

let site: Site;
let good: EapTlsMaterial;
beforeAll(async () => {
  site = await createSite();
  good = materialOf(site.server, [site.authority.certificatePem]);
});

test("good material makes a context that knows when its certificate expires", () => {
  const serverNotAfter = Date.parse(new X509Certificate(site.server.certificatePem).validTo);
  expect(createEapTlsContext(good)).toMatchObject({ kind: "ready", context: { serverNotAfter } });
});

test("an encrypted key opens with its passphrase, and with no other", () => {
  const cipher = { type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "correct horse" } as const;
  const serverKey = secret(createPrivateKey(site.server.keyPem).export(cipher).toString());
  const open = (passphrase: string) => createEapTlsContext({ ...good, serverKey, passphrase: secret(passphrase) });
  expect(open("correct horse").kind).toBe("ready");
  expect(open("battery staple")).toMatchObject({ kind: "refused", fault: "serverKeyUnreadable" });
  expect(createEapTlsContext({ ...good, serverKey })).toMatchObject({ fault: "serverKeyUnreadable" });
});

test("each fault has its name, and a sentence without the key", () => {
  const stranger = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  const other = secret(stranger.export({ type: "pkcs8", format: "pem" }).toString());
  const broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  const faults: [string, EapTlsMaterial][] = [
    ["serverCertificateUnreadable", { ...good, serverCertificate: "no PEM" }],
    ["serverCertificateUnreadable", { ...good, serverCertificate: broken }],
    ["serverKeyUnreadable", { ...good, serverKey: secret("no key") }],
    ["serverKeyMismatch", { ...good, serverKey: other }],
    ["noTrustedCa", { ...good, trustedCas: [] }],
    ["trustedCaUnreadable", { ...good, trustedCas: [site.authority.certificatePem, broken] }],
    ["trustedCaNotAuthority", { ...good, trustedCas: [site.server.certificatePem] }],
  ];
  for (const [fault, material] of faults) {
    const made = createEapTlsContext(material);
    expect(made).toEqual({ kind: "refused", fault, sentence: aSentence });
    expect(JSON.stringify(made)).not.toContain(site.server.keyPem.split("\n")[1]!);
  }
});

test("a server certificate out of its time is refused before it is in force", () => {
  expect(createEapTlsContext(good, () => Date.now() + 400 * DAY_MS)).toMatchObject({
    fault: "serverCertificateExpired",
  });
  expect(createEapTlsContext(good, () => Date.now() - DAY_MS)).toMatchObject({ fault: "serverCertificateNotYetValid" });
});
