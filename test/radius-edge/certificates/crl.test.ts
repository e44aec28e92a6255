import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { findDueCrls } from "../../../activities/find-due-crls.ts";
import { refreshCrls } from "../../../activities/refresh-crls.ts";
import type { OrganizationId } from "../../../domain/identifiers.ts";
import { secret } from "../../../domain/secret.ts";
import { DAY_MS, HOUR_MS } from "../../../domain/time.ts";
import { createHttp } from "../../../outbound/http.ts";
import { createLog } from "../../../runtime/log.ts";
import { createAuthority } from "../../../simulators/certificates.ts";
import type { Authority, CertifiedKey } from "../../../simulators/certificates.ts";
import { listSources } from "../../../store/crl-sources.ts";
import { searchEvents } from "../../../store/events.ts";
import { writeSetting } from "../../../store/settings.ts";
import { storeCrl } from "../../support/crls.ts";
import { authenticateAt } from "../../support/edge-supplicant.ts";
import type { Ended } from "../../support/edge-supplicant.ts";
import { createTenant, startTestEdge } from "../../support/edge.ts";
import type { TestEdge } from "../../support/edge.ts";
import { createSite } from "../eap/bench.ts";
import type { Site } from "../eap/bench.ts";

const NAS = "127.0.0.67";
const CRL_URL = "http://pki.acme.example/issuing.crl";
let site: Site;
let issuing: Authority;
let running: TestEdge;
let acme: OrganizationId;

/** An organization that trusts a root; an authority below it issues to some of its devices. */
beforeAll(async () => {
  site = await createSite();
  issuing = await site.authority.issueAuthority("Acme Issuing");
  running = await startTestEdge(async (store) => {
    const rules = [{ gives: [{ name: "staff", type: "vlan", values: ["20"] }] }] as const;
    acme = await createTenant(store, { name: "Acme", site, nasAddress: NAS, rules });
  });
});
afterAll(() => running.close());

const authenticate = (
  device: CertifiedKey,
  session?: Buffer,
  trusted: CertifiedKey = site.authority,
  betweenRounds?: (round: number) => Promise<void>,
): Promise<Ended> =>
  authenticateAt(
    running.edge,
    NAS,
    { identity: "laptop", ...device, trustedCas: [trusted.certificatePem], ...(session && { session }) },
    betweenRounds,
  );
/** The edge hears of what was stored a moment later. */
async function authenticateUntil(isIt: (ended: Ended) => boolean, device: CertifiedKey, session?: Buffer) {
  for (let tries = 0; tries < 400; tries++) {
    const ended = await authenticate(device, session);
    if (isIt(ended)) return ended;
  }
  throw new Error("the edge did not come to it");
}
const isRejected = ({ packet }: Ended): boolean => packet.code === "Access-Reject";
const isAccepted = ({ packet }: Ended): boolean => packet.code === "Access-Accept";
const lastEvent = async () => {
  const page = await searchEvents(running.store, acme, { start: 0, end: Date.now() + HOUR_MS, limit: 1 });
  return page.events[0];
};
const text = (part: string): unknown => expect.stringContaining(part);
const behind = (leaf: CertifiedKey): CertifiedKey => ({
  ...leaf,
  certificatePem: leaf.certificatePem + issuing.certificatePem,
});

test("behaviour 8.1: a revoked certificate is refused in a full handshake, and to who comes back with its session", async () => {
  const [device, other] = await Promise.all(
    ["laptop", "other"].map((commonName) => site.authority.issue({ commonName })),
  );
  const { session } = await authenticate(device!);
  expect(await authenticate(device!, session)).toMatchObject({ packet: { code: "Access-Accept" }, resumed: true });

  await storeCrl(running.store, acme, site.authority, { number: 1, revoked: [{ ...device!, reason: 1 }] });
  await authenticateUntil(isRejected, device!, session);
  expect(await lastEvent()).toMatchObject({
    type: "NAC_CLIENT_CERT_REVOKED",
    text: text('was revoked by "CN=Acme Devices" on'),
    body: { reason: "certificateRevoked", cert_cn: "laptop" },
  });
  expect((await lastEvent())!.text).toContain("its key was compromised");
  expect(await authenticate(device!)).toMatchObject({ packet: { code: "Access-Reject" } });
  expect(await authenticate(other!)).toMatchObject({ packet: { code: "Access-Accept" } });
});

test("behaviour 8.1: an intermediate authority that was revoked takes its clients with it, resumed ones too", async () => {
  const device = behind(await issuing.issue({ commonName: "branch" }));
  const { session } = await authenticate(device);
  await storeCrl(running.store, acme, site.authority, { number: 2, revoked: [issuing] });
  await authenticateUntil(isRejected, device, session);
  expect(await lastEvent()).toMatchObject({
    type: "NAC_CLIENT_CERT_REVOKED",
    text: text('The authority "CN=Acme Issuing" in the client\'s chain'),
  });
  expect(await authenticate(device)).toMatchObject({ packet: { code: "Access-Reject" } });
  // Taken off the list again, as a hold may be.
  await storeCrl(running.store, acme, site.authority, { number: 3 });
  await authenticateUntil(isAccepted, device, session);
});

test("behaviour 8.5: without a current list, soft lets in and says so, hard refuses; where the list is to be had is noted", async () => {
  const device = behind(await issuing.issue({ commonName: "field", crlUrls: [CRL_URL, "ldap:///CN=Acme"] }));
  expect(await authenticate(device)).toMatchObject({ packet: { code: "Access-Accept" } });
  expect(await lastEvent()).toMatchObject({
    type: "NAC_CLIENT_PERMIT",
    text: text('No CRL of "CN=Acme Issuing" is held yet.'),
  });
  let sources = await listSources(running.store, acme);
  for (; sources.length === 0; sources = await listSources(running.store, acme)) await authenticate(device);
  expect(sources).toMatchObject([{ url: CRL_URL, origin: "certificate" }]);

  await setCrl("hard");
  await authenticateUntil(isRejected, device);
  expect(await lastEvent()).toMatchObject({
    type: "NAC_CLIENT_CERT_CHECK_FAILURE",
    body: { reason: "crlUnavailable", cert_cn: "field" },
  });
  await storeCrl(running.store, acme, issuing);
  const { session } = await authenticateUntil(isAccepted, device);
  expect((await lastEvent())!.text).not.toContain("CRL");
  expect(await authenticate(device, session)).toMatchObject({ packet: { code: "Access-Accept" }, resumed: true });

  const past = { number: 2, thisUpdate: Date.now() - 2 * DAY_MS, nextUpdate: Date.now() - DAY_MS };
  await storeCrl(running.store, acme, issuing, past);
  await authenticateUntil(isRejected, device, session);
  expect(await lastEvent()).toMatchObject({ text: text("should have been replaced by") });
  await setCrl("soft");
  await authenticateUntil(isAccepted, device, session);
});

test("behaviour 8.5: the list that a client's certificate names is fetched by a round, and its holder refused", async () => {
  const lists = new Map<string, Buffer>();
  const server = createServer((request, reply) => reply.end(lists.get(request.url!))).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/branch.crl`;
  const branch = await site.authority.issueAuthority("Acme Branch");
  const leaf = await branch.issue({ commonName: "lost", crlUrls: [url] });
  const device = { ...leaf, certificatePem: leaf.certificatePem + branch.certificatePem };
  const { session } = await authenticateUntil(isAccepted, device);
  const isNoted = async () => (await listSources(running.store, acme)).some((source) => source.url === url);
  while (!(await isNoted())) await authenticate(device);

  lists.set("/branch.crl", await branch.crl({ revoked: [device] }));
  const http = createHttp({ allowedNetworks: ["127.0.0.0/8"], guard: true });
  const deps = { store: running.store, http, now: Date.now, log: createLog("worker", "silent") };
  try {
    expect((await findDueCrls(deps)).organizationIds).toContain(acme);
    expect((await refreshCrls(deps, acme)).fetched).toBe(1);
  } finally {
    await http.close();
    server.close();
  }
  await authenticateUntil(isRejected, device, session);
  expect(await lastEvent()).toMatchObject({ type: "NAC_CLIENT_CERT_REVOKED", text: text('by "CN=Acme Branch"') });
});

/** The setting as it was made, but for this. */
async function setCrl(mode: "soft" | "hard", server: CertifiedKey = site.server): Promise<void> {
  const [cacerts, server_cert] = [[site.authority.certificatePem], { cert: server.certificatePem }];
  const setting = { mist_nac: { cacerts, server_cert, crl: { mode } } };
  await writeSetting(running.store, acme, { setting, serverKey: secret(server.keyPem) });
}

test("a server certificate that was changed shows in the next handshake, and who had begun ends with the old one", async () => {
  const device = await site.authority.issue({ commonName: "roaming" });
  const authority = await createAuthority("Next Server CA");
  const server = await authority.issue({ commonName: "radius.acme.example", eku: "server" });
  const ended = await authenticate(device, undefined, site.authority, async (round) => {
    // The first Response after Identity carries the ClientHello: from here on the old certificate is on its way.
    if (round !== 2) return;
    await setCrl("soft", server);
    for (let tries = 0; tries < 400; tries++) if (isAccepted(await authenticate(device, undefined, authority))) return;
    throw new Error("the new certificate was not shown");
  });
  expect(ended).toMatchObject({ packet: { code: "Access-Accept" }, resumed: false });
  // Who trusts the old authority alone now turns away.
  expect(await authenticate(device)).toMatchObject({ packet: { code: "Access-Challenge" }, resumed: undefined });
});
