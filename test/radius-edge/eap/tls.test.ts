import { DAY_MS } from "../../../domain/time.ts";
import type { CertifiedKey } from "../../../simulators/certificates.ts";
import { createAuthority } from "../../../simulators/certificates.ts";
import { contextOf, createSite, meet, type Site } from "./bench.ts";

const DEVICE_ID = "B7C2E9D0-1111-5222-8333-0123456789AB";
const VERSIONS = ["TLSv1.2", "TLSv1.3"] as const;
type Version = (typeof VERSIONS)[number];

let ec: Site;
let rsa: Site;
beforeAll(async () => {
  ec = await createSite("ec");
  rsa = await createSite("rsa");
});

function profile(site: Site, device: CertifiedKey | undefined, version: Version, fragmentOctets?: number) {
  return {
    identity: "host/mac-01",
    ...device,
    trustedCas: [site.authority.certificatePem],
    minVersion: version,
    maxVersion: version,
    ...(fragmentOctets === undefined ? {} : { fragmentOctets }),
  };
}

describe.each(VERSIONS)("EAP-TLS over %s", (version) => {
  test.each([
    ["EC", "ec", undefined, undefined],
    ["RSA", "rsa", undefined, undefined],
    ["EC in fragments of 300 octets", "ec", 300, undefined],
    ["RSA in fragments of 100 octets, link of 200", "rsa", 100, 200],
    ["EC on a link of 9000", "ec", undefined, 9_000],
  ] as const)("gives both ends the same MSK and the server the certificate: %s", async (_name, kind, fragment, mtu) => {
    const site = kind === "ec" ? ec : rsa;
    const device = await site.authority.issue({ commonName: "mac-01", sanDns: [DEVICE_ID], keyType: kind });
    const { server, client, largestOctets } = await meet(site, profile(site, device, version, fragment), mtu);
    expect(server).toMatchObject({
      kind: "accept",
      evidence: {
        method: "EAP-TLS",
        identity: "host/mac-01",
        tlsVersion: version,
        certificate: { sanDns: [DEVICE_ID] },
      },
    });
    if (server.kind !== "accept" || client.kind !== "success") throw new Error(JSON.stringify(client));
    expect(server.msk).toHaveLength(64);
    expect(client.msk.equals(server.msk)).toBe(true);
    const most = mtu === undefined ? 1_020 : Math.min(mtu - 4, 1_280);
    expect(largestOctets).toBeLessThanOrEqual(most);
  });

  test("carries a server chain of 18 KB", async () => {
    const issued = Array.from({ length: 30 }, (_, index) => createAuthority(`Padding ${index} ${"x".repeat(60)}`));
    const padding = (await Promise.all(issued)).map((authority) => authority.certificatePem).join("");
    const server = { ...ec.server, certificatePem: ec.server.certificatePem + padding };
    const site = { ...ec, server, context: contextOf(server, [ec.authority.certificatePem]) };
    const device = await ec.authority.issue({ commonName: "mac-01" });
    const { server: said, client, rounds } = await meet(site, profile(site, device, version));
    expect([said.kind, client.kind]).toEqual(["accept", "success"]);
    expect(rounds).toBeGreaterThan(15);
  });

  test("refuses a certificate of an authority that is not trusted, and shows it", async () => {
    const rogue = await createAuthority("Rogue");
    const device = await rogue.issue({ commonName: "mac-01", sanDns: [DEVICE_ID] });
    const { server, client } = await meet(ec, profile(ec, device, version));
    expect(server).toMatchObject({
      kind: "reject",
      identity: "host/mac-01",
      failure: { reason: "unknownAuthority", certificate: { issuer: "CN=Rogue", sanDns: [DEVICE_ID] } },
    });
    expect(client.kind).toBe("failure");
  });

  test.each([
    [true, "unknownAuthority"],
    [false, "certificateInvalid"],
  ])("refuses an authority of the trusted one's name (key identifier: %p)", async (authorityKeyIdentifier, reason) => {
    const impostor = await createAuthority("Acme Devices");
    const device = await impostor.issue({ commonName: "mac-01", authorityKeyIdentifier });
    const { server } = await meet(ec, profile(ec, device, version));
    expect(server).toMatchObject({ kind: "reject", failure: { reason } });
  });

  test.each([
    ["an expired certificate", { notBefore: -9, notAfter: -2 }, "certificateExpired"],
    ["a certificate of tomorrow", { notBefore: 1, notAfter: 9 }, "certificateNotYetValid"],
    ["a server's certificate", { eku: "server" as const }, "wrongPurpose"],
  ])("refuses %s", async (_name, { notBefore, notAfter, ...wish }: Wish, reason) => {
    const days = (count: number): number => Date.now() + count * DAY_MS;
    const validity =
      notBefore === undefined || notAfter === undefined ? {} : { notBefore: days(notBefore), notAfter: days(notAfter) };
    const device = await ec.authority.issue({ commonName: "mac-01", ...wish, ...validity });
    const { server, client } = await meet(ec, profile(ec, device, version));
    expect(server).toMatchObject({ kind: "reject", failure: { reason, certificate: { commonName: "mac-01" } } });
    expect(client.kind).toBe("failure");
  });

  test("accepts a certificate without extended key usage, which restricts nothing", async () => {
    const device = await ec.authority.issue({ commonName: "mac-01", eku: "none" });
    const { server } = await meet(ec, profile(ec, device, version));
    expect(server.kind).toBe("accept");
  });

  test("refuses a client without a certificate", async () => {
    const { server } = await meet(ec, profile(ec, undefined, version));
    expect(server).toMatchObject({ kind: "reject", failure: { reason: "noCertificate" } });
  });

  test("keeps a hundred handshakes at once apart", async () => {
    const devices = await Promise.all(
      Array.from({ length: 100 }, (_, index) => ec.authority.issue({ commonName: `mac-${index}` })),
    );
    const met = await Promise.all(devices.map((device) => meet(ec, profile(ec, device, version, 600))));
    met.forEach(({ server, client }, index) => {
      if (server.kind !== "accept" || client.kind !== "success") throw new Error(JSON.stringify(client));
      expect(server.evidence).toMatchObject({ certificate: { commonName: `mac-${index}` } });
      expect(client.msk.equals(server.msk)).toBe(true);
    });
    expect(new Set(met.map(({ client }) => client.kind === "success" && client.msk.toString("hex"))).size).toBe(100);
  });
});

interface Wish {
  readonly notBefore?: number;
  readonly notAfter?: number;
  readonly eku?: "server";
}

test("a client that speaks nothing newer than TLS 1.1 is told so by an alert, then refused", async () => {
  const device = await ec.authority.issue({ commonName: "mac-01" });
  const old = { ...profile(ec, device, "TLSv1.2"), minVersion: "TLSv1" as const, maxVersion: "TLSv1.1" as const };
  const { server, client, rounds } = await meet(ec, old);
  expect(server).toMatchObject({ kind: "reject", failure: { reason: "noCommonTls" } });
  expect(client).toEqual({ kind: "failure", sentence: "TLS failed: ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION." });
  expect(rounds).toBeGreaterThan(2);
});
