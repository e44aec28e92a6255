import "reflect-metadata";
import { X509Certificate } from "node:crypto";
import { Extension } from "@peculiar/x509";
import type { OrganizationId } from "../../../domain/identifiers.ts";
import { DAY_MS, HOUR_MS } from "../../../domain/time.ts";
import { createCertificateChecks } from "../../../radius-edge/certificates/certificate-check.ts";
import { chainStatus, readLists } from "../../../radius-edge/certificates/revocation.ts";
import { createAuthority } from "../../../simulators/certificates.ts";
import type { Authority, CertifiedKey } from "../../../simulators/certificates.ts";
import { organizationId } from "../../support/domain-values.ts";

const CRL_URL = "http://pki.acme.example/root.crl";
const der = ({ certificatePem }: CertifiedKey): Buffer => new X509Certificate(certificatePem).raw;
const shown = (leaf: CertifiedKey, ...intermediates: CertifiedKey[]) => ({
  certificate: der(leaf),
  intermediates: intermediates.map(der),
  resumed: false,
});

let root: Authority;
let issuing: Authority;
let direct: CertifiedKey;
let below: CertifiedKey;
beforeAll(async () => {
  root = await createAuthority("Root");
  issuing = await root.issueAuthority("Issuing", [CRL_URL]);
  direct = await root.issue({ commonName: "direct", crlUrls: [CRL_URL] });
  below = await issuing.issue({ commonName: "below" });
});

/** Held: these lists, and these intermediates. */
const held = (crls: readonly Uint8Array[], intermediates: readonly Authority[] = [], cacerts = [root]) =>
  readLists(
    cacerts.map(({ certificatePem }) => certificatePem),
    { crls, intermediates: intermediates.map(der) },
  );
const status = (lists: ReturnType<typeof held>, chain: ReturnType<typeof shown>, now = Date.now()) =>
  chainStatus(lists, chain, now);
const judge = (
  lists: ReturnType<typeof held>,
  mode: "soft" | "hard",
  chain: ReturnType<typeof shown>,
  note: Parameters<typeof createCertificateChecks>[0]["chains"]["note"] = () => undefined,
) =>
  createCertificateChecks({
    viewOf: () => ({ lists, settings: { crl: { mode, urls: [] } } }),
    chains: { note },
    now: Date.now,
  }).of(organizationId)(chain);
const revokedBy = (by: string) => ({
  kind: "revoked",
  sentence: expect.stringContaining(`revoked by "CN=${by}"`) as unknown,
});

test("behaviour 8.5: a listed certificate is revoked, with serial, issuer, day and reason; another of the issuer's is good", async () => {
  const at = Date.UTC(2026, 4, 17);
  const lists = held([await root.crl({ revoked: [{ ...direct, reason: 4, at }] })]);
  const { kind, ...said } = status(lists, shown(direct));
  const serial = new X509Certificate(direct.certificatePem).serialNumber.toLowerCase();
  expect(kind).toBe("revoked");
  expect(said).toEqual({
    sentence: `The client's certificate (serial ${serial}) was revoked by "CN=Root" on 2026-05-17T00:00:00.000Z: another has superseded it.`,
  });
  expect(status(lists, shown(await root.issue({ commonName: "other" })))).toEqual({ kind: "good" });
});

test("behaviour 8.5: every certificate of the chain is asked about, and a list counts only for who signed it", async () => {
  const fresh = await root.crl();
  expect(
    status(held([fresh, await issuing.crl({ revoked: [below] })], [issuing]), shown(below, issuing)),
  ).toMatchObject(revokedBy("Issuing"));
  expect(status(held([await root.crl({ revoked: [issuing] })]), shown(below, issuing))).toMatchObject({
    kind: "revoked",
    sentence: expect.stringMatching(/^The authority "CN=Issuing" in the client's chain \(serial/) as unknown,
  });
  // The same names, and other keys.
  const namesake = await createAuthority("Root");
  const forged = await namesake.crl({ revoked: [direct] });
  expect(status(held([forged]), shown(direct))).toMatchObject({ kind: "unknown" });
  expect(status(held([forged], [], [root, namesake]), shown(direct))).toMatchObject({ kind: "unknown" });
  expect(status(held([forged, fresh], [], [namesake, root]), shown(direct))).toEqual({ kind: "good" });
});

test("behaviour 8.1: of a resumed session the intermediate authorities are those that clients have shown before", async () => {
  const crls = [await root.crl({ revoked: [issuing] })];
  expect(status(held(crls, [issuing]), shown(below))).toMatchObject(revokedBy("Root"));
  expect(status(held(crls), shown(below))).toMatchObject({
    kind: "unknown",
    sentence: expect.stringContaining("are not known here") as unknown,
  });
  // Nothing is held yet, but the certificate names a list.
  const named = await issuing.issue({ commonName: "named", crlUrls: [CRL_URL] });
  expect(status(held([]), shown(named))).toMatchObject({ kind: "unknown" });
  expect(status(held([]), shown(below))).toEqual({ kind: "good" });
});

test("behaviour 8.5: an intermediate that is trusted by name falls with its root's list, and needs none", async () => {
  const both = [issuing, root];
  expect(status(held([await root.crl({ revoked: [issuing] })], [], both), shown(below))).toMatchObject(
    revokedBy("Root"),
  );
  const stale = await root.crl({ thisUpdate: Date.now() - 2 * DAY_MS, nextUpdate: Date.now() - DAY_MS });
  expect(status(held([stale], [], both), shown(below))).toEqual({ kind: "good" });
});

test("behaviour 8.5: nothing tells where a list is due, stale or of other certificates; an issuer without lists is none of these", async () => {
  expect(status(held([]), shown(direct))).toEqual({ kind: "unknown", sentence: 'No CRL of "CN=Root" is held yet.' });
  expect(status(held([]), shown(below, issuing))).toMatchObject({ kind: "unknown" });
  expect(status(held([]), shown(await root.issue({ commonName: "no CRL" })))).toEqual({ kind: "good" });

  const nextUpdate = Date.now() + HOUR_MS;
  const stale = held([await root.crl({ nextUpdate, revoked: [issuing] })]);
  expect(status(stale, shown(direct))).toEqual({ kind: "good" });
  expect(status(stale, shown(direct), nextUpdate + DAY_MS)).toMatchObject({
    kind: "unknown",
    sentence: expect.stringContaining("should have been replaced by") as unknown,
  });
  expect(status(stale, shown(below, issuing), nextUpdate + DAY_MS)).toMatchObject(revokedBy("Root"));

  // IssuingDistributionPoint, RFC 5280 §5.2.5: onlyContainsCACerts.
  const authorities = new Extension("2.5.29.28", true, Uint8Array.of(0x30, 3, 0x82, 1, 0xff));
  const partial = held([await root.crl({ extensions: [authorities] })]);
  expect(status(partial, shown(direct))).toMatchObject({ kind: "unknown" });
});

/** An element of DER that is short. */
function tlv(tag: number, ...content: readonly Buffer[]): Buffer {
  const value = Buffer.concat(content);
  return Buffer.concat([Buffer.of(tag, value.length), value]);
}
/** cRLDistributionPoints, RFC 5280 §4.2.1.13, in forms that name no URI of http: DER. */
const name = tlv(0x31, tlv(0x30, tlv(0x06, Buffer.of(0x55, 4, 3)), tlv(0x0c, Buffer.from("CA"))));
const named = (...names: Buffer[]): Buffer => tlv(0x30, tlv(0x30, tlv(0xa0, ...names)));
const UNFETCHABLE = {
  "by LDAP": named(tlv(0xa0, tlv(0x86, Buffer.from("ldap:///CN=CA")))),
  "by a directory's name": named(tlv(0xa0, tlv(0xa4, tlv(0x30, name)))),
  "by a name relative to its own": named(tlv(0xa1, name)),
  "by who signs it": tlv(0x30, tlv(0x30, tlv(0xa2, tlv(0xa4, tlv(0x30, name))))),
  "without a word on where": tlv(0x30),
  "in octets that are no DER": Buffer.of(0x30, 0x7f, 0xa0),
};

test.each(Object.entries(UNFETCHABLE))(
  "behaviour 8.5: an issuer that publishes its list %s is asked for it all the same, and a person told what to do",
  async (_, value) => {
    const chain = shown(await root.issue({ commonName: "AD", extensions: [new Extension("2.5.29.31", false, value)] }));
    const other = await createAuthority("Other");
    const lacking = {
      kind: "unknown",
      sentence:
        'No CRL of "CN=Root" is held, and the certificate names none to be fetched by http or https: upload it, or set mist_nac.crl.urls.',
    };
    for (const lists of [held([]), held([await other.crl()], [], [root, other])]) {
      expect(status(lists, chain)).toEqual(lacking);
      expect(judge(lists, "soft", chain)).toEqual({ kind: "good", notes: [lacking.sentence] });
      expect(judge(lists, "hard", chain)).toMatchObject({ kind: "refused", reason: "crlUnavailable" });
    }
    expect(judge(held([await root.crl()]), "hard", chain)).toEqual({ kind: "good", notes: [] });
  },
);

test("behaviour 8.5: with no list held, a chain is followed as with one: what was shown before counts, and trust ends it", async () => {
  // Of the resumed session the authority is known that names a list of its issuer's; of this client nothing is readable.
  expect(status(held([], [issuing]), shown(below))).toMatchObject({ kind: "unknown" });
  expect(status(held([]), { certificate: Buffer.of(0), intermediates: [], resumed: false })).toEqual({
    kind: "unknown",
    sentence: "The client's certificate is not readable here, so it was not checked for revocation.",
  });
  expect(status(held([], [], [issuing, root]), shown(below, issuing))).toEqual({ kind: "good" });
});

test("behaviour 8.5: soft lets in with a note, hard refuses; a revoked certificate is refused by both, and shown to nobody", async () => {
  const noted: unknown[] = [];
  const note = (id: OrganizationId, what: unknown) => void noted.push([id, what]);
  const judgeDirect = (lists: ReturnType<typeof held>, mode: "soft" | "hard") =>
    judge(lists, mode, shown(direct), note);
  expect(judgeDirect(held([]), "soft")).toEqual({ kind: "good", notes: ['No CRL of "CN=Root" is held yet.'] });
  expect(judgeDirect(held([]), "hard")).toMatchObject({ kind: "refused", reason: "crlUnavailable" });
  expect(noted).toEqual([
    [organizationId, shown(direct)],
    [organizationId, shown(direct)],
  ]);
  const revoking = held([await root.crl({ revoked: [direct] })]);
  for (const mode of ["soft", "hard"] as const)
    expect(judgeDirect(revoking, mode)).toMatchObject({ kind: "refused", reason: "certificateRevoked" });
  expect(noted).toHaveLength(2);
  expect(judgeDirect(held([await root.crl()]), "hard")).toEqual({ kind: "good", notes: [] });
});

test("behaviour 8.5: of what a client sends, only authorities between it and a trusted one are noted", async () => {
  const noted: unknown[] = [];
  const checks = createCertificateChecks({
    viewOf: () => ({ lists: held([]), settings: { crl: { mode: "soft", urls: [] } } }),
    chains: { note: (_, { intermediates }) => void noted.push(intermediates) },
    now: Date.now,
  }).of(organizationId);
  const stranger = await createAuthority("Issuing");
  const junk = await stranger.issueAuthority("Junk", ["http://10.0.0.1/junk.crl"]);
  // Who holds a good certificate could fill up the place that the organization has for its authorities.
  await checks(shown(below, junk, stranger, issuing, root));
  await checks(shown(direct, junk, stranger));
  await checks(shown(await junk.issue({ commonName: "strange" }), junk, stranger));
  expect(noted).toEqual([[der(issuing)], [], []]);
});
