/** Supplicants behind one NAS, full handshakes all: plans come in over IPC, outcomes go out. It ends with its parent. */
import { secret } from "../../domain/secret.ts";
import { hyphenatedMac, type MacAddress } from "../../domain/mac-address.ts";
import { ATTRIBUTE } from "../../radius-edge/wire/attribute-type.ts";
import * as write from "../../radius-edge/wire/attribute-writers.ts";
import type { Attribute } from "../../radius-edge/wire/packet.ts";
import { authenticate } from "../../simulators/fleet/access.ts";
import { openRadiusClient } from "../../simulators/fleet/radius-client.ts";
import type { EapOutcome, EapPlan } from "../eap/plan.ts";
import { SECRET, VLAN } from "../load/requests.ts";

const MAC = "a483e7000001" as MacAddress;

process.on("disconnect", () => process.exit());
process.on("message", (plan: EapPlan) => void run(plan).then((outcome) => process.send?.(outcome)));
process.send?.("ready");

async function run({ nasAddress, port, authorityPem, client, authentications, concurrency }: EapPlan) {
  const radius = await openRadiusClient({ address: nasAddress, secret: secret(SECRET) });
  const desk = {
    secret: secret(SECRET),
    ask: (attributes: Parameters<typeof radius.ask>[2]) =>
      radius.ask(`127.0.0.1:${port}`, "Access-Request", attributes),
  };
  // What goes beyond the client of a fleet is its supplicant's.
  const supplicant = {
    kind: "eap-tls",
    name: "a laptop",
    mac: MAC,
    port: "wired",
    identity: "laptop.acme.example",
    ...client,
    trustedCas: [authorityPem],
    minVersion: "TLSv1.3",
  } as const;
  const place: readonly Attribute[] = [
    write.writeCallingStationId(hyphenatedMac(MAC)),
    write.writeNasIdentifier("sw-access-01.example.net"),
    [ATTRIBUTE.FramedMtu, Buffer.from([0, 0, 0x05, 0x78])], // 1400, as hostapd says
  ];
  const failures: string[] = [];
  let begun = 0;
  let accepted = 0;
  const oneAfterTheOther = async (): Promise<void> => {
    while (begun++ < authentications) {
      const outcome = await authenticate(supplicant, place, desk);
      if (outcome.kind === "accepted" && outcome.authorization.vlan === VLAN) accepted++;
      else failures.push("sentence" in outcome ? outcome.sentence : outcome.kind);
    }
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: concurrency }, oneAfterTheOther));
  radius.close();
  return { accepted, failures, seconds: (performance.now() - startedAt) / 1_000 } satisfies EapOutcome;
}
