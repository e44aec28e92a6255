import type { OrganizationId } from "../../../domain/identifiers.ts";
import { parseMac } from "../../../domain/mac-address.ts";
import { readSessionTimeoutSeconds } from "../../../radius-edge/wire/attribute-readers.ts";
import {
  writeCallingStationId,
  writeOperatorNasIdentifier,
  writeProxyState,
} from "../../../radius-edge/wire/attribute-writers.ts";
import type { Attribute } from "../../../radius-edge/wire/packet.ts";
import type { CertifiedClient } from "../../../simulators/fleet/client.ts";
import type { NasDraft } from "../../../store/nas-columns.ts";
import { createNas } from "../../../store/nases.ts";
import type { Store } from "../../../store/pool.ts";
import { DEVICE_ID } from "../../support/domain-values.ts";
import { createTenant, NAS_SECRET, startTestEdge } from "../../support/edge.ts";
import type { TestEdge } from "../../support/edge.ts";
import { openEdgeNas } from "../../support/edge-nas.ts";
import { createSite } from "../eap/bench.ts";
import type { Site } from "../eap/bench.ts";

const ADDRESSES = { undeclared: "127.0.0.141", declared: "127.0.0.142", addressed: "127.0.0.143" };
let site: Site;
let running: TestEdge;

/** NASes of a kind that takes CoA: what may hinder it is what stands between. */
beforeAll(async () => {
  site = await createSite();
  running = await startTestEdge(async (store) => {
    const staff = { name: "staff", type: "vlan", values: ["20"] } as const;
    const quarantine = { name: "quarantine", type: "vlan", values: ["99"] } as const;
    const rules = [{ verdict: "Compliant" as const, gives: [staff] }, { gives: [quarantine] }];
    const acme = await createTenant(store, { name: "Acme", site, nasAddress: ADDRESSES.undeclared, rules });
    await register(store, acme, ADDRESSES.declared, { coaThroughProxy: true });
    await register(store, acme, ADDRESSES.addressed, { coaAddress: "127.0.0.144" });
  });
});
afterAll(() => running.close());

async function register(store: Store, acme: OrganizationId, address: string, way: Partial<NasDraft>): Promise<void> {
  const saved = await createNas(store, acme, { name: address, address, secret: NAS_SECRET, profile: "cisco", ...way });
  if (saved.kind !== "ok") throw new Error(saved.kind);
}

/** Session-Timeout of the Accept that a laptop gets whose VLAN hangs on its verdict. */
async function timeoutOf(address: string, says: readonly Attribute[]): Promise<number | undefined> {
  const certified = await site.authority.issue({ commonName: "laptop", sanDns: [DEVICE_ID] });
  const common = { kind: "eap-tls", name: "laptop", port: "wireless", identity: "laptop" } as const;
  const trustedCas = [site.authority.certificatePem];
  const laptop: CertifiedClient = { ...common, ...certified, mac: parseMac("a4:83:e7:00:83:01")!, trustedCas };
  const nas = await openEdgeNas(running.edge, address);
  try {
    const { outcome, packet } = await nas.authenticate(laptop, [writeCallingStationId("A4-83-E7-00-83-01"), ...says]);
    expect(outcome.kind).toBe("accepted");
    return readSessionTimeoutSeconds(packet);
  } finally {
    nas.close();
  }
}

const proxied = writeProxyState(Buffer.from("7"));
const named = writeOperatorNasIdentifier(Buffer.from("c0ffee", "hex"));

test.each([
  ["a proxy stands between that nobody declared", ADDRESSES.undeclared, [proxied, named]],
  ["a declared proxy does not say by which name it knows the NAS", ADDRESSES.declared, [proxied]],
])(
  "behaviour 8.3: where %s, a client whose rule depends on its verdict is asked again within half an hour",
  async (_what, address, says) => {
    const seconds = await timeoutOf(address, says);
    expect(seconds).toBeGreaterThanOrEqual(1_620);
    expect(seconds).toBeLessThanOrEqual(1_980);
  },
);

test.each([
  ["no proxy stands between", ADDRESSES.undeclared, []],
  ["the proxy passes CoA on", ADDRESSES.declared, [proxied, named]],
  ["the NAS has a coa_address of its own", ADDRESSES.addressed, [proxied]],
])("behaviour 8.3: where %s, CoA moves it, and its session does not time out", async (_what, address, says) => {
  expect(await timeoutOf(address, says)).toBeUndefined();
});
