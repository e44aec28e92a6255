import { createHash, X509Certificate } from "node:crypto";
import { readCertificate } from "../../../radius-edge/eap/certificate.ts";
import { type Authority, type CertificateWish, createAuthority } from "../../../simulators/certificates.ts";

const DEVICE_ID = "B7C2E9D0-1111-5222-8333-0123456789AB";
let authority: Authority;
beforeAll(async () => {
  authority = await createAuthority("Acme, Inc. Devices");
});

async function issued(wish: CertificateWish): Promise<X509Certificate> {
  return new X509Certificate((await authority.issue(wish)).certificatePem);
}

test("reads every name by kind, in order", async () => {
  const notBefore = Date.UTC(2026, 0, 1);
  const notAfter = Date.UTC(2030, 0, 1);
  const certificate = await issued({
    commonName: "mac-01",
    sanDns: [DEVICE_ID, "mac-01.acme.example"],
    sanUri: ["ID:Microsoft Endpoint Manager:GUID:5b1d4a0e-0f0c-4c71-9d51-0d7d6f3a5f10"],
    sanEmail: ["ann@acme.example"],
    sanUpn: ["ann@corp.acme.example"],
    notBefore,
    notAfter,
  });
  expect(readCertificate(certificate.raw)).toEqual({
    subject: "CN=mac-01",
    issuer: "CN=Acme\\, Inc. Devices",
    commonName: "mac-01",
    serial: certificate.serialNumber.toLowerCase(),
    sanDns: [DEVICE_ID, "mac-01.acme.example"],
    sanUri: ["ID:Microsoft Endpoint Manager:GUID:5b1d4a0e-0f0c-4c71-9d51-0d7d6f3a5f10"],
    sanEmail: ["ann@acme.example"],
    sanUpn: ["ann@corp.acme.example"],
    extendedKeyUsage: ["1.3.6.1.5.5.7.3.2"],
    notBefore,
    notAfter,
    fingerprint: createHash("sha256").update(certificate.raw).digest("hex"),
  });
});

test("a name with a comma stays one name and forges no other", async () => {
  const certificate = await issued({ commonName: "mac-01", sanDns: [`weird, DNS:${DEVICE_ID}`] });
  expect(readCertificate(certificate.raw)?.sanDns).toEqual([`weird, DNS:${DEVICE_ID}`]);
});

test("a certificate without names or purposes has empty lists", async () => {
  const certificate = await issued({ commonName: "mac-01", eku: "none" });
  expect(readCertificate(certificate.raw)).toMatchObject({ sanDns: [], sanUri: [], sanUpn: [], extendedKeyUsage: [] });
});

test("the same certificate is read once", async () => {
  const { raw } = await issued({ commonName: "mac-01" });
  expect(readCertificate(Buffer.from(raw))).toBe(readCertificate(raw));
});

test("a certificate of absurd length, which anybody can make, is not read: it would be kept, and stand in an event", async () => {
  const { raw } = await issued({ commonName: "mac-01", sanDns: ["x".repeat(20_000)] });
  expect(readCertificate(raw)).toBeUndefined();
});

test("what is no certificate is undefined", () => {
  expect(readCertificate(Buffer.from("not DER"))).toBeUndefined();
  expect(readCertificate(Buffer.alloc(0))).toBeUndefined();
});
