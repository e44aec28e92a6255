import { X509Certificate } from "node:crypto";
import { createSecureContext, TLSSocket } from "node:tls";
import { MINUTE_MS } from "../../../domain/time.ts";
import type { EapContext, ShownChain } from "../../../radius-edge/eap/method.ts";
import { periodOf, RESUMPTION_PERIOD_MS, resumptionKeys } from "../../../radius-edge/eap/tls-resumption.ts";
import { type Authority, type CertifiedKey, createAuthority } from "../../../simulators/certificates.ts";
import type { SupplicantProfile } from "../../../simulators/supplicant.ts";
import { contextOf, createSite, materialOf, meet, type Meeting, type Site } from "./bench.ts";

const VERSIONS = ["TLSv1.2", "TLSv1.3"] as const;
type Version = (typeof VERSIONS)[number];

let site: Site;
let other: Authority;
let device: CertifiedKey;
beforeAll(async () => {
  site = await createSite();
  other = await createAuthority("Other Devices");
  device = await site.authority.issue({ commonName: "mac-01" });
});

/** A clock that stands in the middle of a period, at or after now: what is in force by it is in force for OpenSSL too. */
function middleOfPeriod(): number {
  const ahead = (RESUMPTION_PERIOD_MS * 1.5 - (Date.now() % RESUMPTION_PERIOD_MS)) % RESUMPTION_PERIOD_MS;
  return Date.now() + ahead;
}

type Surroundings = NonNullable<Parameters<typeof contextOf>[2]>;
const at = middleOfPeriod();
const contextAround = (surroundings: Surroundings = {}, cas: readonly Authority[] = [site.authority]): EapContext =>
  contextOf(
    site.server,
    cas.map(({ certificatePem }) => certificatePem),
    { clock: () => at, ...surroundings },
  );

function profile(version: Version, shown: CertifiedKey | undefined, session?: Buffer): SupplicantProfile {
  return {
    identity: "host/mac-01",
    ...shown,
    trustedCas: [site.authority.certificatePem],
    minVersion: version,
    maxVersion: version,
    ...(session === undefined ? {} : { session }),
  };
}

async function ticketFrom(context: EapContext, version: Version, shown: CertifiedKey = device): Promise<Buffer> {
  const { server, session } = await meet({ context }, profile(version, shown));
  expect(server).toMatchObject({ kind: "accept", evidence: { resumed: false } });
  return session!;
}

const resumed: Pick<Meeting, "server" | "client"> = {
  server: expect.objectContaining({
    kind: "accept",
    evidence: expect.objectContaining({ resumed: true }) as unknown,
  }) as never,
  client: expect.objectContaining({ kind: "success", resumed: true }) as never,
};
const inFull: Pick<Meeting, "server" | "client"> = {
  server: expect.objectContaining({
    kind: "accept",
    evidence: expect.objectContaining({ resumed: false }) as unknown,
  }) as never,
  client: expect.objectContaining({ kind: "success", resumed: false }) as never,
};
const refused = (reason: string): object => ({ server: { kind: "reject", failure: { reason } } });

describe.each(VERSIONS)("a ticket over %s", (version) => {
  test("resumes at any edge of the installation, with the certificate and the same keys at both ends", async () => {
    const session = await ticketFrom(contextAround(), version);
    const again = await meet({ context: contextAround() }, profile(version, device, session));
    expect(again).toMatchObject(resumed);
    const { server, client } = again;
    if (server.kind !== "accept" || client.kind !== "success") throw new Error(server.kind);
    expect(server.evidence).toMatchObject({ certificate: { commonName: "mac-01" } });
    expect(client.msk.equals(server.msk)).toBe(true);
  });

  test("behaviour 8.1: of another organization gets a full handshake", async () => {
    const session = await ticketFrom(contextAround({ organization: "acme" }), version);
    const there = { context: contextAround({ organization: "globex" }) };
    expect(await meet(there, profile(version, device, session))).toMatchObject(inFull);
    expect(await meet(there, profile(version, undefined, session))).toMatchObject(refused("noCertificate"));
  });

  test("behaviour 8.1: from before a CA was removed gets a full handshake, and its certificate is refused", async () => {
    const session = await ticketFrom(contextAround({}, [site.authority, other]), version);
    const after = { context: contextAround({}, [other]) };
    expect(await meet(after, profile(version, device, session))).toMatchObject(refused("unknownAuthority"));
    expect(await meet(after, profile(version, undefined, session))).toMatchObject(refused("noCertificate"));
  });

  test("behaviour 8.1: of another CA set gets a full handshake, the order of the CAs apart", async () => {
    const both = contextAround({}, [site.authority, other]);
    const session = await ticketFrom(both, version);
    const alone = { context: contextAround({}, [site.authority]) };
    expect(await meet(alone, profile(version, device, session))).toMatchObject(inFull);
    const turned = { context: contextAround({}, [other, site.authority]) };
    expect(await meet(turned, profile(version, device, session))).toMatchObject(resumed);
  });

  test("behaviour 8.1: of EAP-TTLS, which shows no certificate, is worth nothing to EAP-TLS", async () => {
    const context: EapContext = { ...contextAround(), checkPassword: async () => ({ kind: "right", labels: [] }) };
    const user = { name: "amy", password: "secret" };
    const { session } = await meet({ context }, { ...profile(version, undefined), user });
    expect(session).toBeInstanceOf(Buffer);
    expect(await meet({ context }, profile(version, undefined, session))).toMatchObject(refused("noCertificate"));
    expect(await meet({ context }, profile(version, device, session))).toMatchObject(inFull);
  });

  test("behaviour 8.1: of a certificate that has expired since is refused", async () => {
    let now = at;
    const context = contextAround({ clock: () => now });
    const shortLived = await site.authority.issue({ commonName: "mac-01", notAfter: at + MINUTE_MS });
    const session = await ticketFrom(context, version, shortLived);
    expect(await meet({ context }, profile(version, shortLived, session))).toMatchObject(resumed);
    now += 2 * MINUTE_MS;
    const { server, client } = await meet({ context }, profile(version, shortLived, session));
    expect({ server }).toMatchObject(refused("certificateExpired"));
    expect(client.kind).toBe("failure");
  });

  test("behaviour 8.1: of a certificate that was revoked since is refused, and the certificate shown", async () => {
    const context = contextAround();
    const session = await ticketFrom(context, version);
    const asked: ShownChain[] = [];
    const judgement = { kind: "refused", reason: "certificateRevoked", sentence: "It is revoked." } as const;
    const revocationOf = (shown: ShownChain) => {
      asked.push(shown);
      return judgement;
    };
    const revoking = { ...context, revocationOf };
    const { server } = await meet({ context: revoking }, profile(version, device, session));
    expect(server).toMatchObject({
      kind: "reject",
      failure: { reason: "certificateRevoked", sentence: "It is revoked.", certificate: { commonName: "mac-01" } },
    });
    expect(asked).toMatchObject([{ resumed: true, intermediates: [] }]);
  });

  test("behaviour 8.1: proves a certificate for one period, however often it is renewed by resumption", async () => {
    let now = at;
    const context = contextAround({ clock: () => now });
    const first = await ticketFrom(context, version);
    const second = await meet({ context }, profile(version, device, first));
    expect(second).toMatchObject(resumed);
    now += RESUMPTION_PERIOD_MS;
    const session = second.session ?? first;
    expect(await meet({ context }, profile(version, device, session))).toMatchObject(inFull);
    expect(await meet({ context }, profile(version, undefined, session))).toMatchObject(refused("noCertificate"));
  });

  test("is not given to a client that was refused", async () => {
    const rogue = await other.issue({ commonName: "mac-01" });
    const { server, session } = await meet({ context: contextAround() }, profile(version, rogue));
    expect({ server }).toMatchObject(refused("unknownAuthority"));
    expect(session).toBeUndefined();
  });
});

test("behaviour 8.1: a resumed session without a certificate is refused, though OpenSSL finds no fault with it", async () => {
  // What the separation of methods prevents: a ticket of the same keys, from a handshake that asked for no certificate.
  const { resumption } = materialOf(site.server, []);
  const keys = resumptionKeys(resumption, [new X509Certificate(site.authority.certificatePem)], periodOf(at));
  const { certificatePem: cert, keyPem: key } = site.server;
  const secureContext = createSecureContext({ cert, key, ca: [], ...keys });
  const honest = contextAround();
  const lax: EapContext = {
    tls: { ...honest.tls, acceptTtls: (wire) => new TLSSocket(wire, { isServer: true, secureContext }) },
    checkPassword: async () => ({ kind: "right", labels: [] }),
  };
  const asked = { ...profile("TLSv1.3", undefined), user: { name: "amy", password: "secret" } };
  const { session } = await meet({ context: lax }, asked);
  const attack = profile("TLSv1.3", undefined, session);
  const verdicts: (string | undefined)[] = [];
  const watched: EapContext = {
    tls: {
      ...honest.tls,
      judge(peer) {
        verdicts.push(peer.code);
        return honest.tls.judge(peer);
      },
    },
  };
  expect(await meet({ context: watched }, attack)).toMatchObject(refused("noCertificate"));
  expect(verdicts).toEqual([undefined]);
});

test("keys differ by installation, organization, authorities and period, and by nothing else", async () => {
  const [mine, theirs] = [site.authority, other].map(({ certificatePem }) => new X509Certificate(certificatePem));
  const scope = { secret: Buffer.alloc(32, 1), organization: "acme" };
  const text = (...args: Parameters<typeof resumptionKeys>): string => {
    const { ticketKeys, sessionIdContext } = resumptionKeys(...args);
    expect([ticketKeys.length, sessionIdContext.length]).toEqual([48, 32]);
    return `${ticketKeys.toString("hex")} ${sessionIdContext}`;
  };
  const all = [
    text(scope, [mine!], 1),
    text({ ...scope, secret: Buffer.alloc(32, 2) }, [mine!], 1),
    text({ ...scope, organization: "globex" }, [mine!], 1),
    text(scope, [theirs!], 1),
    text(scope, [mine!, theirs!], 1),
    text(scope, [mine!], 2),
  ];
  expect(new Set(all.flatMap((keys) => keys.split(" "))).size).toBe(2 * all.length);
  expect(text({ ...scope }, [mine!, mine!], 1)).toBe(all[0]);
  expect(text(scope, [theirs!, mine!], 1)).toBe(all[4]);
});
