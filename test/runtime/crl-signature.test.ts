import "reflect-metadata";
import { KeyUsageFlags } from "@peculiar/x509";
import { parseCrl } from "../../domain/crl.ts";
import type { Crl } from "../../domain/crl.ts";
import { crlAuthority, parseCrlFile, signerOf } from "../../runtime/crl-signature.ts";
import { createAuthority } from "../../simulators/certificates.ts";
import type { CertifiedKey } from "../../simulators/certificates.ts";

const authorityOf = ({ certificatePem }: CertifiedKey) => crlAuthority(certificatePem)!;

function crlOf(der: Uint8Array): Crl {
  const parsed = parseCrl(der);
  if (parsed.kind === "refused") throw new Error(parsed.sentence);
  return parsed.crl;
}

test.each(["ec", "rsa"] as const)("a list is its signer's (%s), and not a namesake's", async (keyType) => {
  const [authority, namesake, other] = await Promise.all([
    createAuthority("Acme", keyType),
    createAuthority("Acme", keyType),
    createAuthority("Other", keyType),
  ]);
  const all = [other, namesake, authority].map(authorityOf);
  const crl = crlOf(await authority.crl());
  expect(signerOf(crl, all)).toBe(all[2]);
  expect(signerOf(crl, all.slice(0, 2))).toBeUndefined();

  const forged = Buffer.from(crl.der);
  const middle = forged.indexOf(Buffer.from(crl.signed)) + crl.signed.length - 1;
  forged[middle] = forged[middle]! ^ 1;
  expect(signerOf(crlOf(forged), all)).toBeUndefined();
});

test("an authority whose key usage lacks cRLSign signs no list", async () => {
  const authority = await createAuthority("Acme", "ec", KeyUsageFlags.keyCertSign);
  expect(signerOf(crlOf(await authority.crl()), [authorityOf(authority)])).toBeUndefined();
});

test("a list is taken in DER and in PEM, and nothing else is", async () => {
  const der = await (await createAuthority("Acme")).crl();
  const pem = `-----BEGIN X509 CRL-----\n${der.toString("base64").replace(/.{64}/g, "$&\n")}\n-----END X509 CRL-----\n`;
  expect(parseCrlFile(der)).toMatchObject({ kind: "crl" });
  expect(parseCrlFile(Buffer.from(pem))).toMatchObject({ kind: "crl", crl: { der } });
  for (const other of ["", "a CRL", "-----BEGIN X509 CRL-----\n!\n-----END X509 CRL-----"])
    expect(parseCrlFile(Buffer.from(other))).toMatchObject({ kind: "refused", sentence: expect.any(String) as string });
});
