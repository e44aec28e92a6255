import type { OrganizationId } from "../../domain/identifiers.ts";
import { parseMac } from "../../domain/mac-address.ts";
import { HOUR_MS } from "../../domain/time.ts";
import * as write from "../../radius-edge/wire/attribute-writers.ts";
import type { Attribute } from "../../radius-edge/wire/packet.ts";
import { authenticate } from "../../simulators/fleet/access.ts";
import type { CertifiedClient } from "../../simulators/fleet/client.ts";
import { openRadiusClient } from "../../simulators/fleet/radius-client.ts";
import type { Answered, RadiusClient } from "../../simulators/fleet/radius-client.ts";
import { liveEdges } from "../../store/edges.ts";
import { searchEvents } from "../../store/events.ts";
import { createTenant, NAS_SECRET, startTestEdge } from "../support/edge.ts";
import type { TestEdge } from "../support/edge.ts";
import { createSite } from "./eap/bench.ts";

const NAS_ADDRESS = "127.0.0.97";
const MAC = parseMac("a4:83:e7:00:97:01")!;
const PLACE = [write.writeCallingStationId(MAC)];

let running: TestEdge;
let organizationId: OrganizationId;
let client: CertifiedClient;
let radius: RadiusClient;

beforeEach(async () => {
  const site = await createSite();
  running = await startTestEdge(async (store) => {
    organizationId = await createTenant(store, { name: "Acme", site, nasAddress: NAS_ADDRESS, rules: [{ gives: [] }] });
  });
  const device = await site.authority.issue({ commonName: "mac-01" });
  const common = { name: "laptop", mac: MAC, port: "wired", identity: "host/mac-01" } as const;
  client = { kind: "eap-tls", ...common, ...device, trustedCas: [site.authority.certificatePem] };
  radius = await openRadiusClient({ address: NAS_ADDRESS, secret: NAS_SECRET, firstRetryMs: 200 });
});
afterEach(async () => {
  radius.close();
  await running.close();
});

/** `afterFirst` happens between the first challenge and what the client says to it. */
function connect(afterFirst: () => void) {
  let asked = 0;
  return authenticate(client, PLACE, {
    secret: NAS_SECRET,
    async ask(attributes): Promise<Answered | undefined> {
      const answered = await radius.ask(running.edge.authentication, "Access-Request", attributes);
      if (asked++ === 0) afterFirst();
      return answered;
    },
  });
}

const asks = (attributes: readonly Attribute[]) =>
  radius.ask(running.edge.authentication, "Access-Request", attributes);

test("an edge that stops brings conversations to their Accept, begins none, and lets go of its place", async () => {
  let closed: Promise<void> | undefined;
  let begun: Promise<unknown> | undefined;
  let accounted: Promise<Answered | undefined> | undefined;
  const outcome = await connect(() => {
    closed = running.edge.close();
    begun = asks([write.writeUserName("a483e7009702"), write.writeServiceType(10)]);
    const stop = [write.writeAccountingKind("stop"), write.writeAcctSessionId("1"), ...PLACE];
    accounted = radius.ask(running.edge.accounting, "Accounting-Request", stop);
  });
  expect(outcome).toMatchObject({ kind: "accepted" });
  expect((await accounted)?.packet.code).toBe("Accounting-Response");
  await closed;
  expect(await begun).toBeUndefined();
  expect(await liveEdges(running.store)).toEqual([]);
  const within = { start: Date.now() - HOUR_MS, end: Date.now() + HOUR_MS, limit: 10 };
  const { events } = await searchEvents(running.store, organizationId, within);
  expect(events.map(({ type }) => type).toSorted()).toEqual(["NAC_ACCOUNTING_STOP", "NAC_CLIENT_PERMIT"]);
});

test("a client that has left keeps no edge from stopping", async () => {
  const eap = Buffer.from([2, 1, 0, 10, 1, ...Buffer.from("alice")]);
  const challenge = await asks([write.writeUserName("alice"), ...PLACE, ...write.writeEapMessage(eap)]);
  expect(challenge?.packet.code).toBe("Access-Challenge");
  await running.edge.close();
  expect(await liveEdges(running.store)).toEqual([]);
});
