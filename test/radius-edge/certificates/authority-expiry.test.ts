import "reflect-metadata";
import { createPrivateKey, webcrypto, X509Certificate } from "node:crypto";
import { BasicConstraintsExtension, X509Certificate as Certificate, X509CertificateGenerator } from "@peculiar/x509";
import { DAY_MS } from "../../../domain/time.ts";
import { createCertificateChecks } from "../../../radius-edge/certificates/certificate-check.ts";
import { readLists } from "../../../radius-edge/certificates/revocation.ts";
import { createAuthority } from "../../../simulators/certificates.ts";
import type { Authority, CertifiedKey } from "../../../simulators/certificates.ts";
import { organizationId } from "../../support/domain-values.ts";

type Pem = Pick<CertifiedKey, "certificatePem">;
const der = ({ certificatePem }: Pem): Buffer => new X509Certificate(certificatePem).raw;
const YEAR_MS = 365 * DAY_MS;

let root: Authority;
let branch: Authority;
let device: CertifiedKey;
beforeAll(async () => {
  root = await createAuthority("Root");
  branch = await root.issueAuthority("Branch");
  device = await branch.issue({ commonName: "laptop" });
});

/** What an edge says that trusts `cacerts` and was shown `intermediates` before; an authority lasts 5 years, a root 10. */
function judge(
  { cacerts = [root], intermediates }: { readonly cacerts?: readonly Pem[]; readonly intermediates: readonly Pem[] },
  years: number,
  { mode = "soft", resumed = true }: { readonly mode?: "soft" | "hard"; readonly resumed?: boolean } = {},
) {
  const pems = cacerts.map(({ certificatePem }) => certificatePem);
  const lists = readLists(pems, { crls: [], intermediates: intermediates.map(der) });
  const checks = createCertificateChecks({
    viewOf: () => ({ lists, settings: { crl: { mode, urls: [] } } }),
    chains: { note: () => undefined },
    now: () => Date.now() + years * YEAR_MS,
  });
  return checks.of(organizationId)({ certificate: der(device), intermediates: [], resumed });
}
const expired = (name: string) => ({
  kind: "refused",
  reason: "certificateExpired",
  sentence: expect.stringMatching(
    `^The authority "CN=${name}" in the chain of the client's certificate expired on 20`,
  ) as unknown,
});
const good = { kind: "good", notes: [] };

/** The authority's name and key in another certificate, for 20 years. */
async function certifiedAnew(authority: Authority, by: Authority): Promise<Pem> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const pkcs8 = createPrivateKey(by.keyPem).export({ type: "pkcs8", format: "der" });
  const { subjectName: subject, publicKey } = new Certificate(authority.certificatePem);
  const certificate = await X509CertificateGenerator.create({
    subject,
    issuer: new Certificate(by.certificatePem).subjectName,
    notAfter: new Date(Date.now() + 20 * YEAR_MS),
    signingAlgorithm: algorithm,
    publicKey,
    signingKey: await webcrypto.subtle.importKey("pkcs8", pkcs8, algorithm, false, ["sign"]),
    extensions: [new BasicConstraintsExtension(true, undefined, true)],
  });
  return { certificatePem: certificate.toString("pem") };
}

test.each(["soft", "hard"] as const)(
  "behaviour 8.1: no session is resumed below an authority that has expired since, known from other clients (%s)",
  async (mode) => {
    const intermediates = [branch];
    expect(await judge({ intermediates }, 0, { mode })).toEqual(good);
    expect(await judge({ intermediates }, 6, { mode })).toEqual(expired("Branch"));
    // OpenSSL has just judged what was shown in full.
    expect(await judge({ intermediates }, 6, { mode, resumed: false })).toEqual(good);
    // Nobody has shown it yet: the next full handshake tells.
    expect(await judge({ intermediates: [] }, 6, { mode })).toEqual(good);
  },
);

test("behaviour 8.1: an authority that was renewed under its old key goes on, as long as who trusts it does", async () => {
  const intermediates = [branch, await certifiedAnew(branch, root)];
  expect(await judge({ intermediates }, 6)).toEqual(good);
  expect(await judge({ intermediates }, 11)).toEqual(expired("Branch"));
  // Trusted itself, it needs no root.
  const cacerts = [intermediates[1]!, root];
  expect(await judge({ cacerts, intermediates: [branch] }, 11)).toEqual(good);
  const trusted = [root, await certifiedAnew(root, root)];
  expect(await judge({ cacerts: trusted, intermediates }, 11)).toEqual(good);
});

test("behaviour 8.1: of two roots above an authority, one that is in time will do", async () => {
  const second = await createAuthority("Second");
  const lasting = await certifiedAnew(second, second);
  const intermediates = [await certifiedAnew(branch, root), await certifiedAnew(branch, second)];
  expect(await judge({ cacerts: [root, lasting], intermediates }, 11)).toEqual(good);
  expect(await judge({ cacerts: [root, second], intermediates }, 11)).toEqual(expired("Root"));
});
