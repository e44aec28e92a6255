import "reflect-metadata";
import { X509Certificate } from "node:crypto";
import { Extension } from "@peculiar/x509";
import fc from "fast-check";
import { isNewer, LARGEST_CRL, parseCrl, scopeKey } from "../../domain/crl.ts";
import type { Crl } from "../../domain/crl.ts";
import { indexCrl } from "../../domain/crl-index.ts";
import { readCertificateParts } from "../../domain/x509.ts";
import { createAuthority } from "../../simulators/certificates.ts";
import type { Authority, CertifiedKey } from "../../simulators/certificates.ts";
import type { CrlWish } from "../../simulators/crls.ts";

const AT = Date.UTC(2026, 4, 17, 8, 30, 15);
const LATER = Date.UTC(2051, 0, 2);
let authority: Authority;
let laptop: CertifiedKey;
let phone: CertifiedKey;
beforeAll(async () => {
  authority = await createAuthority("Acme Devices");
  [laptop, phone] = await Promise.all([
    authority.issue({ commonName: "laptop", crlUrls: ["http://pki.acme.example/a.crl", "ldap:///CN=a"] }),
    authority.issue({ commonName: "phone" }),
  ]);
});

const derOf = ({ certificatePem }: CertifiedKey): Buffer => new X509Certificate(certificatePem).raw;
const partsOf = (certified: CertifiedKey) => readCertificateParts(derOf(certified))!;

function read(der: Uint8Array): Crl {
  const parsed = parseCrl(der);
  if (parsed.kind === "refused") throw new Error(parsed.sentence);
  return parsed.crl;
}
const listed = async (wish?: CrlWish) => read(await authority.crl(wish));
const extension = (oid: string, critical: boolean, ...octets: number[]) =>
  new Extension(oid, critical, Uint8Array.from(octets));
const refusal = async (...extensions: Extension[]) => {
  const parsed = parseCrl(await authority.crl({ extensions }));
  return parsed.kind === "refused" ? parsed.sentence : parsed.kind;
};

test("a list tells its issuer, number, times and entries, and the index finds each by its serial", async () => {
  const revoked = [
    { ...laptop, at: AT, reason: 1 },
    { ...phone, at: LATER, reason: 6 },
  ];
  const crl = await listed({ revoked, number: 0x1a2b, thisUpdate: AT, nextUpdate: LATER });
  expect(crl).toMatchObject({ number: "1a2b", thisUpdate: AT, nextUpdate: LATER, entries: { count: 2 } });
  expect(Buffer.from(crl.issuer).equals(partsOf(authority).subject)).toBe(true);
  expect(scopeKey(crl.scope)).toBe("");
  const index = indexCrl(crl);
  expect(index.find(partsOf(laptop).serial)).toEqual({ at: AT, reason: "its key was compromised" });
  expect(index.find(partsOf(phone).serial)).toEqual({ at: LATER, reason: "it is on hold" });
  expect(index.find(partsOf(authority).serial)).toBeUndefined();
});

test("a list that revokes nothing is a list", async () => {
  const crl = await listed();
  expect(crl.entries.count).toBe(0);
  expect(indexCrl(crl).find(partsOf(laptop).serial)).toBeUndefined();
});

test("a certificate tells what its list is found by", () => {
  expect(partsOf(laptop)).toMatchObject({
    isAuthority: false,
    maySignCrls: false,
    namesCrl: true,
    crlUrls: ["http://pki.acme.example/a.crl", "ldap:///CN=a"],
  });
  expect(partsOf(authority)).toMatchObject({ isAuthority: true, maySignCrls: true, namesCrl: false, crlUrls: [] });
  expect(readCertificateParts(Buffer.from("no certificate"))).toBeUndefined();
});

/** DER of an element with short length. */
const der = (tag: number, ...content: (number | Uint8Array)[]): Buffer => {
  const octets = Buffer.concat(content.map((part) => (typeof part === "number" ? Buffer.of(part) : part)));
  return Buffer.concat([Buffer.of(tag, octets.length), octets]);
};

test("what a list says of its scope is read, and what would make it another's is refused by name", async () => {
  const uri = Buffer.from("http://pki.acme.example/part-7.crl");
  const point = der(0x30, der(0xa0, der(0xa0, der(0x86, uri))), der(0x81, 0xff));
  const scoped = await listed({ extensions: [extension("2.5.29.28", true, ...point)] });
  expect(scoped.scope).toEqual({ only: "users", distributionPoints: [uri.toString()] });
  expect(scopeKey(scoped.scope)).toBe(`users ${uri.toString()}`);

  expect(await refusal(extension("2.5.29.27", true, 2, 1, 1))).toContain("delta CRL");
  expect(await refusal(extension("2.5.29.28", true, ...der(0x30, der(0x84, 0xff))))).toContain("indirect CRL");
  expect(await refusal(extension("2.5.29.28", true, ...der(0x30, der(0x83, 6, 0x40))))).toContain("some reasons");
  expect(await refusal(extension("2.5.29.28", true, ...der(0x30, der(0x85, 0xff))))).toContain("attribute");
  // A part that is named otherwise than by URI: whose certificates it speaks of is not to be told.
  const named = der(0x30, der(0xa0, der(0xa0, der(0xa4, der(0x30)))));
  expect(await refusal(extension("2.5.29.28", true, ...named))).toContain("not by URI");
  expect(await refusal(extension("1.2.3.4", true, 5, 0))).toContain("critical extension 1.2.3.4");
  expect(await refusal(extension("1.2.3.4", false, 5, 0))).toBe("crl");
});

test("an older list never counts as newer, whatever its times say; without numbers the times decide", () => {
  const list = (number: string | undefined, thisUpdate: number) => ({ number, thisUpdate });
  expect(isNewer(list("100", AT), list("ff", AT))).toBe(true);
  expect(isNewer(list("ff", LATER), list("100", AT))).toBe(false);
  expect(isNewer(list("ff", LATER), list("ff", AT))).toBe(true);
  expect(isNewer(list(undefined, AT), list("ff", LATER))).toBe(false);
  expect(isNewer(list(undefined, LATER), list(undefined, AT))).toBe(true);
});

test("no octets make the reader throw, loop or hang, and a list that was cut short is refused", async () => {
  const whole = await authority.crl({ revoked: [laptop, phone] });
  for (let length = 0; length < whole.length; length++)
    expect(parseCrl(whole.subarray(0, length)).kind).toBe("refused");
  const position = fc.nat(whole.length - 1);
  fc.assert(
    fc.property(fc.array(fc.tuple(position, fc.nat(255)), { minLength: 1, maxLength: 4 }), (changes) => {
      const changed = Buffer.from(whole);
      for (const [at, octet] of changes) changed[at] = octet;
      const parsed = parseCrl(changed);
      if (parsed.kind === "refused") return /^[A-Z].+\.$/.test(parsed.sentence);
      indexCrl(parsed.crl).find(partsOf(laptop).serial);
      return true;
    }),
    { numRuns: 2_000 },
  );
  expect(parseCrl(new Uint8Array(LARGEST_CRL + 1))).toMatchObject({ kind: "refused" });
});

/** DER with a length of four octets. */
const long = (tag: number, content: Uint8Array): Buffer => {
  const head = Buffer.of(tag, 0x84, 0, 0, 0, 0);
  head.writeUInt32BE(content.length, 2);
  return Buffer.concat([head, content]);
};

test("a list of 200,000 entries is searched in its own octets", async () => {
  const count = 200_000;
  const time = der(0x17, Buffer.from("260517083015Z"));
  const serialOf = (n: number): Buffer => {
    const serial = Buffer.from("01000000000000000000000000000000", "hex");
    serial.writeUInt32BE(n, 12);
    return serial;
  };
  const entries = Array.from({ length: count }, (_, n) => der(0x30, der(0x02, serialOf(n)), time));
  const template = await listed();
  const [algorithm, issuer] = [Buffer.from(template.algorithm), Buffer.from(template.issuer)];
  const fields = [der(0x02, 1), algorithm, issuer, time, time, long(0x30, Buffer.concat(entries))];
  const signature = der(0x03, 0, 1);
  const crl = read(long(0x30, Buffer.concat([long(0x30, Buffer.concat(fields)), algorithm, signature])));
  const index = indexCrl(crl);
  expect(crl.entries.count).toBe(count);
  for (const n of [0, 1, 77_777, count - 1]) expect(index.find(serialOf(n))).toEqual({ at: AT, reason: undefined });
  expect(index.find(serialOf(count))).toBeUndefined();
});
