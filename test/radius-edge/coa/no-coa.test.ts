import { parseMac } from "../../../domain/mac-address.ts";
import { readSessionTimeoutSeconds } from "../../../radius-edge/wire/attribute-readers.ts";
import { ATTRIBUTE } from "../../../radius-edge/wire/attribute-type.ts";
import type { Packet } from "../../../radius-edge/wire/packet.ts";
import { writeCallingStationId } from "../../../radius-edge/wire/attribute-writers.ts";
import type { FleetClient } from "../../../simulators/fleet/client.ts";
import { DEVICE_ID } from "../../support/domain-values.ts";
import { createTenant, startTestEdge } from "../../support/edge.ts";
import type { TestEdge } from "../../support/edge.ts";
import { openEdgeNas } from "../../support/edge-nas.ts";
import { createSite } from "../eap/bench.ts";
import type { Site } from "../eap/bench.ts";

const MAC = parseMac("a4:83:e7:00:58:01")!;
const ADDRESSES = { byVerdict: "127.0.0.76", alike: "127.0.0.77" };
let site: Site;
let running: TestEdge;

beforeAll(async () => {
  site = await createSite();
  running = await startTestEdge(async (store) => {
    const [staff, quarantine] = [vlan("staff", "20"), vlan("quarantine", "99")];
    const common = { site, profile: "no-coa" };
    const nasAddress = ADDRESSES.byVerdict;
    const rules = [{ verdict: "Compliant" as const, gives: [staff] }, { gives: [quarantine] }];
    await createTenant(store, { ...common, name: "By verdict", nasAddress, rules });
    await createTenant(store, { ...common, name: "Alike", nasAddress: ADDRESSES.alike, rules: [{ gives: [staff] }] });
  });
});
afterAll(() => running.close());

const vlan = (name: string, number: string) => ({ name, type: "vlan", values: [number] }) as const;

async function accepted(address: string, client: FleetClient): Promise<Packet> {
  const nas = await openEdgeNas(running.edge, address);
  try {
    const { outcome, packet } = await nas.authenticate(client, [writeCallingStationId("A4-83-E7-00-58-01")]);
    expect(outcome.kind).toBe("accepted");
    return packet;
  } finally {
    nas.close();
  }
}

async function laptop(): Promise<FleetClient> {
  const certified = await site.authority.issue({ commonName: "laptop", sanDns: [DEVICE_ID] });
  const trustedCas = [site.authority.certificatePem];
  return { kind: "eap-tls", name: "laptop", mac: MAC, port: "wireless", identity: "laptop", ...certified, trustedCas };
}

const timeoutOf = (packet: Packet) => ({
  seconds: readSessionTimeoutSeconds(packet),
  action: packet.attributes.find(([type]) => type === ATTRIBUTE.TerminationAction)?.[1].readUInt32BE(0),
});

test("behaviour 5.8: behind a NAS without CoA a client whose rule depends on its verdict is asked again within half an hour", async () => {
  const { seconds, action } = timeoutOf(await accepted(ADDRESSES.byVerdict, await laptop()));
  expect(seconds).toBeGreaterThanOrEqual(1_620);
  expect(seconds).toBeLessThanOrEqual(1_980);
  expect(action).toBe(1); // RADIUS-Request
});

test("behaviour 5.8: one that another verdict would not move is left alone", async () => {
  const none = { seconds: undefined, action: undefined };
  expect(timeoutOf(await accepted(ADDRESSES.alike, await laptop()))).toEqual(none);
  const printer: FleetClient = { kind: "mab", name: "printer", mac: MAC, port: "wired" };
  expect(timeoutOf(await accepted(ADDRESSES.byVerdict, printer))).toEqual(none);
});
