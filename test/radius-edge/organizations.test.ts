import { parseDeviceId } from "../../domain/device-id.ts";
import type { OrganizationId } from "../../domain/identifiers.ts";
import { identityKey } from "../../domain/identity.ts";
import { parseMac } from "../../domain/mac-address.ts";
import { HOUR_MS } from "../../domain/time.ts";
import { writeCallingStationId } from "../../radius-edge/wire/attribute-writers.ts";
import type { CertifiedClient } from "../../simulators/fleet/client.ts";
import { findClient } from "../../store/clients.ts";
import { searchEvents } from "../../store/events.ts";
import { storeVerdict } from "../../store/verdicts.ts";
import { DEVICE_ID, verdict } from "../support/domain-values.ts";
import { createTenant, startTestEdge } from "../support/edge.ts";
import type { TestEdge } from "../support/edge.ts";
import { openEdgeNas } from "../support/edge-nas.ts";
import type { EdgeNas } from "../support/edge-nas.ts";
import { createSite } from "./eap/bench.ts";
import type { Site } from "./eap/bench.ts";

const MAC = parseMac("a4:83:e7:00:20:01")!;
const PLACE = [writeCallingStationId(MAC)];
const X_ADDRESS = "127.0.0.63";
const Y_ADDRESS = "127.0.0.64";
let xSite: Site;
let ySite: Site;
let running: TestEdge;
let x: OrganizationId;
let y: OrganizationId;
let atX: EdgeNas;
let atY: EdgeNas;

/** Y knows the device and finds it compliant; X has never heard of it. Both give VLANs of their own. */
beforeAll(async () => {
  [xSite, ySite] = [await createSite(), await createSite()];
  running = await startTestEdge(async (store) => {
    x = await createTenant(store, {
      name: "X",
      site: xSite,
      nasAddress: X_ADDRESS,
      rules: [
        { verdict: "Compliant", gives: [{ name: "staff", type: "vlan", values: ["x-staff"] }] },
        { gives: [{ name: "quarantine", type: "vlan", values: ["x-quarantine"] }] },
      ],
    });
    y = await createTenant(store, {
      name: "Y",
      site: ySite,
      nasAddress: Y_ADDRESS,
      rules: [{ verdict: "Compliant", gives: [{ name: "staff", type: "vlan", values: ["y-staff"] }] }],
    });
    const now = Date.now();
    const known = verdict({ checkedAt: now, changedAt: now, dueAt: now + 2 * HOUR_MS });
    const identity = identityKey({ kind: "device", deviceId: parseDeviceId(DEVICE_ID)! });
    await storeVerdict(store, y, identity, { verdict: known, changed: true });
  });
  atX = await openEdgeNas(running.edge, X_ADDRESS);
  atY = await openEdgeNas(running.edge, Y_ADDRESS);
});
afterAll(async () => {
  for (const nas of [atX, atY]) nas.close();
  await running.close();
});

/** The same laptop under the authority of either; it trusts both servers. */
async function laptopOf({ authority }: Site): Promise<CertifiedClient> {
  const certified = await authority.issue({ commonName: "laptop", sanDns: [DEVICE_ID] });
  const trustedCas = [xSite, ySite].map((site) => site.authority.certificatePem);
  return { kind: "eap-tls", name: "laptop", mac: MAC, port: "wireless", identity: "laptop", ...certified, trustedCas };
}

const types = async (of: OrganizationId): Promise<readonly string[]> => {
  const page = await searchEvents(running.store, of, { start: 0, end: Date.now() + HOUR_MS, limit: 100 });
  return page.events.map(({ type }) => type);
};

test("behaviour 8.1: a certificate of X's CA at Y's NAS is refused, and Y alone hears of it", async () => {
  const { outcome, packet } = await atY.authenticate(await laptopOf(xSite), PLACE);
  expect([outcome.kind, packet.code]).toEqual(["rejected", "Access-Reject"]);
  expect(await types(y)).toEqual(["NAC_CLIENT_CERT_CHECK_FAILURE"]);
  expect(await types(x)).toEqual([]);
  expect(await findClient(running.store, y, MAC)).toBeUndefined();
});

test("behaviour 8.1: Y's verdict and labels serve the device at Y, and never at X", async () => {
  const own = await atY.authenticate(await laptopOf(ySite), PLACE);
  expect(own.outcome).toMatchObject({ kind: "accepted", authorization: { vlan: "y-staff" } });
  const other = await atX.authenticate(await laptopOf(xSite), PLACE);
  expect(other.outcome).toMatchObject({ kind: "accepted", authorization: { vlan: "x-quarantine" } });
  const found = await findClient(running.store, x, MAC);
  expect(found?.client.verdict).toBeUndefined();
  expect(found?.client.decision.compliance.status).toBe("unknown");
});
