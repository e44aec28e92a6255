import type { EapContext } from "../../../radius-edge/eap/method.ts";
import { periodOf, RESUMPTION_PERIOD_MS } from "../../../radius-edge/eap/tls-resumption.ts";
import { createAuthority } from "../../../simulators/certificates.ts";
import type { Authority, CertifiedKey } from "../../../simulators/certificates.ts";
import { contextOf, createSite, meet } from "./bench.ts";
import type { Site } from "./bench.ts";

let site: Site;
let other: Authority;
let device: CertifiedKey;
/** Where it came first, and the session that it earned there. */
let first: EapContext;
let session: Buffer;
/** In one period, that of the first handshake, which OpenSSL's own clock is near enough to. */
const start = Date.now();
let now = start;

const contextAround = (cas: readonly Authority[], organization = "acme"): EapContext =>
  contextOf(
    site.server,
    cas.map(({ certificatePem }) => certificatePem),
    { organization, clock: () => now },
  );

beforeAll(async () => {
  site = await createSite();
  other = await createAuthority("Other Devices");
  device = await site.authority.issue({ commonName: "mac-01" });
  first = contextAround([site.authority]);
  ({ session } = (await come(first, device)) as { readonly session: Buffer });
});
afterEach(() => (now = start));

/** A client that keeps no tickets, over TLS 1.2 (RFC 5246 §7.4.1.2), with the session that it has. */
const come = (context: EapContext, shown: CertifiedKey | undefined, earned?: Buffer) =>
  meet(
    { context },
    {
      identity: "host/mac-01",
      ...shown,
      trustedCas: [site.authority.certificatePem],
      maxVersion: "TLSv1.2",
      keepsTickets: false,
      ...(earned && { session: earned }),
    },
  );
const refused = (reason: string) => ({ server: { kind: "reject", failure: { reason } } });
const accepted = (resumed: boolean) => ({
  server: { kind: "accept", evidence: { resumed } },
  client: { kind: "success", resumed },
});

test("behaviour 8.1: a session id resumes where it was earned", async () => {
  expect(await come(first, device)).toMatchObject(accepted(false));
  expect(await come(first, device, session)).toMatchObject(accepted(true));
});

test("behaviour 8.1: a session id of another organization gets a full handshake", async () => {
  const there = contextAround([site.authority], "globex");
  expect(await come(there, device, session)).toMatchObject(accepted(false));
  expect(await come(there, undefined, session)).toMatchObject(refused("noCertificate"));
});

test("behaviour 8.1: a session id from before a CA was added, replaced or removed gets a full handshake", async () => {
  const more = contextAround([site.authority, other]);
  expect(await come(more, device, session)).toMatchObject(accepted(false));
  expect(await come(more, undefined, session)).toMatchObject(refused("noCertificate"));
  const replaced = contextAround([other]);
  expect(await come(replaced, device, session)).toMatchObject(refused("unknownAuthority"));
  expect(await come(replaced, undefined, session)).toMatchObject(refused("noCertificate"));

  const { session: ofBoth } = await come(more, device);
  expect(await come(more, device, ofBoth)).toMatchObject(accepted(true));
  expect(await come(first, device, ofBoth)).toMatchObject(accepted(false));
  expect(await come(replaced, device, ofBoth)).toMatchObject(refused("unknownAuthority"));
});

test("behaviour 8.1: a session id from the period before gets a full handshake", async () => {
  const context = contextAround([site.authority]);
  const { session: earned } = await come(context, device);
  expect(await come(context, device, earned)).toMatchObject(accepted(true));
  now = (periodOf(start) + 1) * RESUMPTION_PERIOD_MS;
  expect(await come(context, device, earned)).toMatchObject(accepted(false));
  expect(await come(context, undefined, earned)).toMatchObject(refused("noCertificate"));
});
