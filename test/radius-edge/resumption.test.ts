import type { OrganizationId } from "../../domain/identifiers.ts";
import { HOUR_MS } from "../../domain/time.ts";
import { readUserName } from "../../radius-edge/wire/attribute-readers.ts";
import type { CertifiedKey } from "../../simulators/certificates.ts";
import { searchEvents } from "../../store/events.ts";
import { listRules, updateRule } from "../../store/rules.ts";
import { authenticateAt } from "../support/edge-supplicant.ts";
import type { Ended } from "../support/edge-supplicant.ts";
import { createTenant, startTestEdge } from "../support/edge.ts";
import type { TestEdge } from "../support/edge.ts";
import { createSite } from "./eap/bench.ts";
import type { Site } from "./eap/bench.ts";

const X_ADDRESS = "127.0.0.65";
const Y_ADDRESS = "127.0.0.66";
let site: Site;
let device: CertifiedKey;
let running: TestEdge;
let x: OrganizationId;
let y: OrganizationId;

/** Two organizations that trust the same authority, and show the same server certificate. */
beforeAll(async () => {
  site = await createSite();
  device = await site.authority.issue({ commonName: "laptop" });
  running = await startTestEdge(async (store) => {
    const rules = [{ gives: [{ name: "staff", type: "vlan", values: ["20"] }] }] as const;
    x = await createTenant(store, { name: "X", site, nasAddress: X_ADDRESS, rules });
    y = await createTenant(store, { name: "Y", site, nasAddress: Y_ADDRESS, rules });
  });
});
afterAll(() => running.close());

/** One authentication at the NAS of this address. */
const authenticate = (nasAddress: string, session?: Buffer): Promise<Ended> =>
  authenticateAt(running.edge, nasAddress, {
    identity: "laptop",
    ...device,
    trustedCas: [site.authority.certificatePem],
    ...(session && { session }),
  });

const lastEvent = async (organizationId: OrganizationId) => {
  const page = await searchEvents(running.store, organizationId, { start: 0, end: Date.now() + HOUR_MS, limit: 1 });
  return page.events[0];
};

test("behaviour 8.1: a ticket resumes at its own organization, and the event says so; at another it does not", async () => {
  const first = await authenticate(X_ADDRESS);
  expect(first).toMatchObject({ packet: { code: "Access-Accept" }, resumed: false });
  expect(await lastEvent(x)).toMatchObject({ body: { tls_version: "TLSv1.3", tls_resumed: false } });

  const again = await authenticate(X_ADDRESS, first.session);
  expect(again).toMatchObject({ packet: { code: "Access-Accept" }, resumed: true });
  expect(readUserName(again.packet)).toBe("laptop");
  expect(await lastEvent(x)).toMatchObject({ body: { tls_resumed: true, cert_cn: "laptop" } });

  const elsewhere = await authenticate(Y_ADDRESS, first.session);
  expect(elsewhere).toMatchObject({ packet: { code: "Access-Accept" }, resumed: false });
  expect(await lastEvent(y)).toMatchObject({ body: { tls_resumed: false } });
});

test("behaviour 8.1: a resumed session goes through the rules again", async () => {
  const { session } = await authenticate(Y_ADDRESS);
  const { rule } = (await listRules(running.store, y))[0]!;
  await updateRule(running.store, y, rule.id, { ...rule, action: "block" });
  // The edge hears of it a moment later.
  let ended = await authenticate(Y_ADDRESS, session);
  for (let tries = 0; ended.packet.code === "Access-Accept" && tries < 200; tries++)
    ended = await authenticate(Y_ADDRESS, session);
  expect(ended.packet.code).toBe("Access-Reject");
  expect(await lastEvent(y)).toMatchObject({
    type: "NAC_CLIENT_DENY",
    body: { tls_resumed: true, nacrule_matched: true },
  });
});
