import { examineCertificates } from "../../../cli/doctor/certificates.ts";
import type { Finding } from "../../../cli/doctor/finding.ts";
import { secret } from "../../../domain/secret.ts";
import { DAY_MS, HOUR_MS } from "../../../domain/time.ts";
import { createAuthority } from "../../../simulators/certificates.ts";
import type { Authority } from "../../../simulators/certificates.ts";
import { findOrganization } from "../../../store/organizations.ts";
import { writeSetting } from "../../../store/settings.ts";
import { newOrganization, openTestStore } from "../../support/store.ts";
import type { TestStore } from "../../support/store.ts";

let store: TestStore;
let authority: Authority;
beforeAll(async () => {
  store = await openTestStore();
  authority = await createAuthority("Acme CA");
});
afterAll(() => store.close());

/** What is found of a server certificate, and of an authority, that are good between these. */
async function findingsOf(notBefore: number, notAfter: number): Promise<readonly Finding[]> {
  const id = await newOrganization(store);
  const server = await authority.issue({ commonName: "radius", eku: "server", notBefore, notAfter });
  const setting = {
    mist_nac: {
      server_cert: { cert: server.certificatePem },
      cacerts: [authority.certificatePem, server.certificatePem],
    },
  };
  await writeSetting(store, id, { setting, serverKey: secret(server.keyPem) });
  return examineCertificates(store, (await findOrganization(store, id))!);
}

test.each([
  ["that is good for a year", -HOUR_MS, 365 * DAY_MS, "good", /is good for 36[45] days$/, /^none$/],
  ["that expires in a fortnight", -HOUR_MS, 14.5 * DAY_MS, "warning", /is good for 14 days$/, /^renew it before then/],
  ["that expired yesterday", -9 * DAY_MS, -DAY_MS, "fault", /expired on .+ GMT$/, /^renew it: clients are refused/],
  ["whose time has yet to come", DAY_MS, 9 * DAY_MS, "fault", /is not good before .+ GMT$/, /this machine's clock/],
])("the doctor tells of a certificate %s", async (_, begin, end, level, text, mend) => {
  const [server, first, second] = await findingsOf(Date.now() + begin, Date.now() + end);
  expect(server!.text).toMatch(/^Acme: the server certificate \(CN=radius\) /);
  expect(first).toMatchObject({ level: "good", text: expect.stringContaining("trusted authority 1") as string });
  expect(second!.text).toMatch(/^Acme: trusted authority 2 /);
  for (const finding of [server!, second!]) {
    expect(finding.level).toBe(level);
    expect(finding.text).toMatch(text);
    expect(finding.mend ?? "none").toMatch(mend);
  }
});

test("the doctor looks at all of a chain, not at the server's certificate alone", async () => {
  const id = await newOrganization(store);
  const server = await authority.issue({ commonName: "radius", eku: "server" });
  const above = await authority.issue({ commonName: "intermediate", notAfter: Date.now() + 3.5 * DAY_MS });
  const setting = {
    mist_nac: {
      server_cert: { cert: `${server.certificatePem}${above.certificatePem}` },
      cacerts: [`${authority.certificatePem}${above.certificatePem}`],
    },
  };
  await writeSetting(store, id, { setting, serverKey: secret(server.keyPem) });
  const findings = await examineCertificates(store, (await findOrganization(store, id))!);
  expect(findings.filter(({ level }) => level === "warning").map(({ text }) => text)).toEqual([
    "Acme: the server certificate, number 2 of its chain (CN=intermediate) is good for 3 days",
    "Acme: trusted authority 1, number 2 of its chain (CN=intermediate) is good for 3 days",
  ]);
});

test("the doctor tells of a certificate that is none", async () => {
  const id = await newOrganization(store);
  await writeSetting(store, id, {
    setting: { mist_nac: { server_cert: { cert: "no PEM" }, cacerts: [authority.certificatePem] } },
    serverKey: secret("no key"),
  });
  expect(await examineCertificates(store, (await findOrganization(store, id))!)).toContainEqual({
    level: "fault",
    text: "Acme: the server certificate is not readable",
    mend: "put it into the setting again, as PEM",
  });
});
