import { examineAccounts } from "../../../cli/doctor/accounts.ts";
import { examineCertificates } from "../../../cli/doctor/certificates.ts";
import { examineDirectories } from "../../../cli/doctor/directories.ts";
import { secret } from "../../../domain/secret.ts";
import { createAuthority } from "../../../simulators/certificates.ts";
import { createDirectory } from "../../../store/directories.ts";
import { linkAccount, recordAccountHealth, updateAccount } from "../../../store/linked-accounts.ts";
import { findOrganization } from "../../../store/organizations.ts";
import { writeSetting } from "../../../store/settings.ts";
import { DIRECTORY } from "../../support/domain-values.ts";
import { underLostKey } from "../../support/lost-key.ts";
import { newOrganization, openTestStore } from "../../support/store.ts";
import type { TestStore } from "../../support/store.ts";

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

test("the doctor names a directory whose bind password no key opens, and says of the others that they have theirs", async () => {
  const id = await newOrganization(store);
  await createDirectory(underLostKey(store), id, { ...DIRECTORY, name: "lost" });
  await createDirectory(store, id, { ...DIRECTORY, name: "found" });
  expect(await examineDirectories(store, (await findOrganization(store, id))!)).toEqual([
    {
      level: "fault",
      text: expect.stringMatching(/^Acme: the directory lost is not asked: the secret of directory:/) as string,
      mend: expect.stringContaining("ldap_bind_password") as string,
    },
    { level: "good", text: "Acme: the directory found has its bind password" },
  ]);
});

test("the doctor says of a server key that no key opens what it costs and how to get out, and looks at the certificates", async () => {
  const id = await newOrganization(store);
  const authority = await createAuthority("Acme CA");
  const { certificatePem: cert, keyPem } = await authority.issue({ commonName: "radius.acme.example", eku: "server" });
  const setting = { mist_nac: { cacerts: [authority.certificatePem], server_cert: { cert } } };
  await writeSetting(underLostKey(store), id, { setting, serverKey: secret(keyPem) });
  expect(await examineCertificates(store, (await findOrganization(store, id))!)).toEqual([
    {
      level: "fault",
      text: expect.stringMatching(
        /^Acme: EAP is refused, MAC authentication goes on: the secret of settings:/,
      ) as string,
      mend: expect.stringContaining("mist_nac.server_cert") as string,
    },
    expect.objectContaining({ text: expect.stringContaining("the server certificate") as string }),
    expect.objectContaining({ text: expect.stringContaining("trusted authority 1") as string }),
  ]);
});

test("the doctor names an account whose secret no key opens, though its last round went well", async () => {
  const id = await newOrganization(store);
  const { account: linked } = await linkAccount(store, id, {
    kind: "vmware",
    name: "uem",
    instanceUrl: "https://uem.example",
    clientId: "portcullis",
    clientSecret: secret("client secret"),
    tenantCode: secret("code"),
    linkedBy: "a test",
  });
  await recordAccountHealth(store, linked.accountId, { lastStatus: "success", at: Date.now() });
  const organization = (await findOrganization(store, id))!;
  expect(await examineAccounts(store, organization)).toMatchObject([{ level: "good" }]);
  await updateAccount(underLostKey(store), id, linked.accountId, { tenantCode: secret("under a lost key") });
  expect(await examineAccounts(store, organization)).toEqual([
    {
      level: "fault",
      text: expect.stringMatching(/^Acme: uem .* is not asked: the secret of linked_account:.*tenant_code/) as string,
      mend: expect.stringContaining("client_secret") as string,
    },
  ]);
});
