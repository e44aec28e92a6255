import { X509Certificate } from "node:crypto";
import { DAY_MS, MINUTE_MS } from "../../../domain/time.ts";
import { judgeClientCertificate } from "../../../radius-edge/eap/client-certificate.ts";
import { createAuthority } from "../../../simulators/certificates.ts";
import { aSentence } from "./bench.ts";

const x509 = ({ certificatePem }: { readonly certificatePem: string }): X509Certificate =>
  new X509Certificate(certificatePem);

test("what OpenSSL found sound once is refused when the certificate, or its authority, has run out of time", async () => {
  const authority = await createAuthority("Acme Devices");
  const notAfter = Date.parse(x509(authority).validTo);
  const certificate = x509(await authority.issue({ commonName: "mac-01", notAfter: notAfter + 9 * DAY_MS }));
  const trusted = [x509(await createAuthority("Other")), x509(authority)];
  const judge = (now: number) => judgeClientCertificate({ certificate, code: undefined }, trusted, now);
  expect(judge(notAfter - MINUTE_MS)).toMatchObject({ kind: "trusted", certificate: { commonName: "mac-01" } });
  const expired = { kind: "refused", failure: { reason: "certificateExpired", sentence: aSentence } };
  expect(judge(notAfter + MINUTE_MS)).toMatchObject(expired);
  expect(judge(notAfter + 10 * DAY_MS)).toMatchObject(expired);
  expect(judge(notAfter + MINUTE_MS)).toMatchObject({
    failure: { sentence: expect.stringContaining("authority") as unknown },
  });
});

test("a certificate of an authority that the client vouched for with a chain is judged by its own time", async () => {
  const intermediate = await createAuthority("Issuing");
  const certificate = x509(await intermediate.issue({ commonName: "mac-01" }));
  const trusted = [x509(await createAuthority("Root"))];
  expect(judgeClientCertificate({ certificate, code: undefined }, trusted, Date.now()).kind).toBe("trusted");
});
