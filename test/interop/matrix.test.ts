/** The supplicant of hostap against the whole edge: every method, each `ROUNDS` times. */
import type { OrganizationId } from "../../domain/identifiers.ts";
import { parseMac } from "../../domain/mac-address.ts";
import { reveal, secret } from "../../domain/secret.ts";
import { HOUR_MS } from "../../domain/time.ts";
import { hashPassword } from "../../runtime/password-hash.ts";
import { createAuthority } from "../../simulators/certificates.ts";
import type { CertifiedKey } from "../../simulators/certificates.ts";
import { searchEvents } from "../../store/events.ts";
import { createLocalUser } from "../../store/local-users.ts";
import type { Store } from "../../store/pool.ts";
import { createToken } from "../../store/tokens.ts";
import { createSite } from "../radius-edge/eap/bench.ts";
import type { Site } from "../radius-edge/eap/bench.ts";
import { openTestApi } from "../support/api.ts";
import { crlForm } from "../support/crls.ts";
import { createTenant, NAS_SECRET, startTestEdge } from "../support/edge.ts";
import type { TestEdge } from "../support/edge.ts";
import { ROUNDS, runEapolTest } from "../support/eapol-test.ts";
import type { EapolAnswer, EapolClient } from "../support/eapol-test.ts";

const MAC = parseMac("a4:83:e7:00:f3:01")!;
const VERSIONS = ["TLSv1.2", "TLSv1.3"] as const;
const TICKETS = "tls_disable_session_ticket=0";
const FROM = { ec: "127.0.0.91", rsa: "127.0.0.92", longChain: "127.0.0.93" } as const;

let ec: Site;
let rsa: Site;
let running: TestEdge;
/** That of the site `ec`. */
let acme: OrganizationId;

beforeAll(async () => {
  ec = await createSite("ec");
  rsa = await createSite("rsa");
  const padding = await Promise.all(
    Array.from(
      { length: 36 },
      async (_, n) => (await createAuthority(`Padding ${n} ${"x".repeat(50)}`)).certificatePem,
    ),
  );
  const certificatePem = ec.server.certificatePem + padding.join("");
  const longChain: Site = { ...ec, server: { ...ec.server, certificatePem } };
  running = await startTestEdge(async (store) => {
    acme = await createOrganization(store, ec, FROM.ec);
    await createOrganization(store, rsa, FROM.rsa);
    await createOrganization(store, longChain, FROM.longChain);
  });
}, 60_000);
afterAll(() => running.close());

async function createOrganization(store: Store, site: Site, nasAddress: string): Promise<OrganizationId> {
  const rules = [{ gives: [{ name: "quarantine", type: "vlan", values: ["99"] } as const] }];
  const organizationId = await createTenant(store, { name: nasAddress, site, nasAddress, rules });
  const passwordHash = await hashPassword(secret("correct horse"));
  await createLocalUser(store, organizationId, { name: "ada", passwordHash, labels: [] });
  return organizationId;
}

type Case = Partial<EapolClient> & { readonly from?: string };

/** One run of the supplicant, which keeps what it learns of TLS sessions from one authentication to the next. */
async function authenticate(tls: EapolClient["tls"], { from = FROM.ec, ...client }: Case, times: number) {
  const caPem = from === FROM.rsa ? rsa.authority.certificatePem : ec.authority.certificatePem;
  const { network, ...others } = client;
  const full = { mac: MAC, method: "TLS" as const, tls, caPem, ...others, network: { identity: "laptop", ...network } };
  const door = { server: running.edge.authentication, secret: NAS_SECRET, from };
  return runEapolTest(full, door, times - 1);
}

/** Each with a supplicant that has seen nothing yet: full handshakes. */
async function afresh(tls: EapolClient["tls"], client: Case): Promise<readonly EapolAnswer[]> {
  const answers: EapolAnswer[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const run = await authenticate(tls, client, 1);
    answers.push({ ...run.answers[0]!, code: run.succeeded ? "Access-Accept" : "Access-Reject" });
  }
  return answers;
}

const revoked: CertifiedKey[] = [];

/** Has the authority revoke it, and gives the list to the API. */
async function revoke(certificate: CertifiedKey): Promise<void> {
  revoked.push(certificate);
  const list = await ec.authority.crl({ number: revoked.length, revoked });
  const { payload, contentType } = await crlForm(list);
  const { token } = await createToken(running.store, { organizationId: acme, name: "operator", createdBy: "Ada" });
  const api = await openTestApi({ store: running.store });
  const uploaded = await api.app.inject({
    method: "POST",
    url: `/api/v1/orgs/${acme}/setting/mist_nac_crls`,
    headers: { authorization: `Token ${reveal(token)}`, "content-type": contentType },
    payload,
  });
  await api.close();
  expect(uploaded.json()).toMatchObject({ source: "uploaded", revoked: revoked.length });
}

const always = (answer: object): object[] => Array.from({ length: ROUNDS }, () => answer);

describe.each(VERSIONS)("%s", (tls) => {
  const accepted = { code: "Access-Accept", tls, resumed: false, vlan: "99" } as const;

  test("EAP-TLS, EC certificates", async () => {
    const certificate = await ec.authority.issue({ commonName: "laptop" });
    expect(await afresh(tls, { certificate })).toMatchObject(always(accepted));
  });

  test("EAP-TLS, RSA certificates, in fragments of 300 octets", async () => {
    const certificate = await rsa.authority.issue({ commonName: "laptop", keyType: "rsa" });
    const client = { certificate, from: FROM.rsa, network: { fragment_size: 300 } };
    expect(await afresh(tls, client)).toMatchObject(always(accepted));
  });

  test("EAP-TLS, a server chain of 17 KB", async () => {
    const certificate = await ec.authority.issue({ commonName: "laptop" });
    expect(await afresh(tls, { certificate, from: FROM.longChain })).toMatchObject(always(accepted));
  });

  test("EAP-TLS, resumed by ticket", async () => {
    const certificate = await ec.authority.issue({ commonName: "laptop" });
    const { succeeded, answers } = await authenticate(tls, { certificate, phase1: TICKETS }, ROUNDS + 1);
    expect(succeeded).toBe(true);
    expect(answers.slice(1)).toMatchObject(always({ ...accepted, resumed: true }));
  });

  test("EAP-TTLS/PAP, never resumed", async () => {
    const network = { identity: "ada", anonymous_identity: "anonymous", password: "correct horse", phase2: "auth=PAP" };
    const client = { method: "TTLS", network, phase1: TICKETS } as const;
    const { succeeded, answers } = await authenticate(tls, client, ROUNDS);
    expect(succeeded).toBe(true);
    expect(answers).toMatchObject(always(accepted));
  });

  test("a rogue's certificate is refused", async () => {
    const certificate = await (await createAuthority("Acme Devices")).issue({ commonName: "laptop" });
    expect(await afresh(tls, { certificate })).toMatchObject(always({ code: "Access-Reject" }));
  });

  test("behaviour 8.5: a certificate is refused once its authority's list revokes it, and no other is", async () => {
    const lost = await ec.authority.issue({ commonName: "lost" });
    const isLetIn = async (certificate: CertifiedKey): Promise<boolean> =>
      (await authenticate(tls, { certificate }, 1)).succeeded;
    expect(await isLetIn(lost)).toBe(true);
    await revoke(lost);
    // The edge hears of it a moment later.
    while (await isLetIn(lost));
    expect(await afresh(tls, { certificate: lost })).toMatchObject(always({ code: "Access-Reject" }));
    const { events } = await searchEvents(running.store, acme, { start: 0, end: Date.now() + HOUR_MS, limit: ROUNDS });
    expect(events).toMatchObject(always({ type: "NAC_CLIENT_CERT_REVOKED", body: { cert_cn: "lost" } }));
    expect(await isLetIn(await ec.authority.issue({ commonName: "kept" }))).toBe(true);
  });

  test("a server's certificate is refused from a client", async () => {
    expect(await afresh(tls, { certificate: ec.server })).toMatchObject(always({ code: "Access-Reject" }));
  });

  test("a client that does not trust the server is not let in", async () => {
    const certificate = await ec.authority.issue({ commonName: "laptop" });
    const client = { certificate, caPem: rsa.authority.certificatePem };
    expect(await afresh(tls, client)).toMatchObject(always({ code: "Access-Reject" }));
  });
});

test("TLS 1.2: EAP-TLS, resumed by session id", async () => {
  const certificate = await ec.authority.issue({ commonName: "laptop" });
  const { succeeded, answers } = await authenticate("TLSv1.2", { certificate }, ROUNDS + 1);
  expect(succeeded).toBe(true);
  expect(answers.slice(1)).toMatchObject(always({ code: "Access-Accept", tls: "TLSv1.2", resumed: true }));
});
