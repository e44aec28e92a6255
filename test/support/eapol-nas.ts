import { randomBytes } from "node:crypto";
import { registerNas } from "../../cli/sandbox/configure.ts";
import type { MacAddress } from "../../domain/mac-address.ts";
import { secret } from "../../domain/secret.ts";
import type { Secret } from "../../domain/secret.ts";
import { authenticate } from "../../simulators/fleet/access.ts";
import type { AccessOutcome, Authenticate } from "../../simulators/fleet/access.ts";
import type { CertifiedClient, PasswordClient } from "../../simulators/fleet/client.ts";
import { startNas } from "../../simulators/fleet/nas.ts";
import type { Nas, NasEvent } from "../../simulators/fleet/nas.ts";
import { openRadiusClient } from "../../simulators/fleet/radius-client.ts";
import { nasAttributes } from "../../simulators/fleet/session.ts";
import type { NasIdentity } from "../../simulators/fleet/session.ts";
import { runEapolTest } from "./eapol-test.ts";
import type { EapolClient, EapolRun, TlsVersion } from "./eapol-test.ts";
import type { Product } from "./product.ts";

/** The fleet's NAS, whose clients are wpa_supplicant's: it accounts, obeys CoA, and has the client authenticate again. */
export interface EapolNas extends Nas {
  /** Of one client, in order: `connect: VLAN 99`, `coa`, `coa: VLAN 20`. */
  storyOf(mac: MacAddress): readonly string[];
}

/** Starts a NAS on whose ports this TLS version is spoken and no other, registers it, and waits until the edge knows it. */
export async function startEapolNas(
  { api, edge }: Pick<Product, "api" | "edge">,
  { name, profile, tls }: { readonly name: string; readonly profile: string; readonly tls: TlsVersion },
): Promise<EapolNas> {
  const events: NasEvent[] = [];
  const address = "127.0.0.1";
  const shared = randomBytes(18).toString("hex");
  const identity = { address, nasIdentifier: name, secret: secret(shared) };
  const nas = await startNas({
    ...identity,
    authentication: edge.authentication,
    accounting: edge.accounting,
    authenticate: withEapolTest(edge.authentication, tls),
    firstRetryMs: 250,
    returnMs: 100,
    onEvent: (event) => void events.push(event),
  });
  await registerNas(api, { name, nas_identifier: name, address, secret: shared, profile, coa_port: nas.coaPort });
  await whenKnown(identity, edge.authentication);
  const storyOf = (mac: MacAddress) => events.filter(({ client }) => client.mac === mac).map(describeEvent);
  return Object.assign(nas, { storyOf });
}

/** Resolves once the edge has heard of its new NAS: hostap's first retransmission would take three seconds. */
async function whenKnown(nas: NasIdentity & { readonly secret: Secret }, server: string): Promise<void> {
  const radius = await openRadiusClient({ ...nas, firstRetryMs: 50 });
  try {
    for (let tries = 0; tries < 40; tries++)
      if ((await radius.ask(server, "Status-Server", nasAttributes(nas))) !== undefined) return;
    throw new Error(`the edge does not answer ${nas.nasIdentifier}`);
  } finally {
    radius.close();
  }
}

function withEapolTest(server: string, tls: TlsVersion): Authenticate {
  return async (client, place, desk) => {
    if (client.kind === "mab") return authenticate(client, place, desk);
    const door = { server, secret: desk.secret, attributes: place };
    return outcomeOf(await runEapolTest(supplicantOf(client, tls), door), tls);
  };
}

function supplicantOf(client: CertifiedClient | PasswordClient, tls: TlsVersion): EapolClient {
  const { mac, identity } = client;
  const common = { mac, tls, caPem: client.trustedCas.join("") };
  if (client.kind === "eap-tls") return { ...common, method: "TLS", certificate: client, network: { identity } };
  const { name, password } = client.user;
  const network = { anonymous_identity: identity, identity: name, password, phase2: "auth=PAP" };
  return { ...common, method: "TTLS", network };
}

function outcomeOf({ succeeded, answers, output }: EapolRun, tls: TlsVersion): AccessOutcome {
  const last = answers.at(-1);
  if (last?.code === undefined) return { kind: "noAnswer" };
  if (last.tls !== tls) return { kind: "failed", sentence: `${last.tls} was spoken, not ${tls}.` };
  if (last.code === "Access-Reject") return { kind: "rejected", sentence: "Access-Reject." };
  if (!succeeded) return { kind: "failed", sentence: output.slice(-2_000) };
  const { vlan, classes } = last;
  return {
    kind: "accepted",
    authorization: { vlan, classes, interimSeconds: undefined, sessionTimeoutSeconds: undefined },
  };
}

function describeEvent(event: NasEvent): string {
  if (event.kind !== "access") return event.kind;
  const { occasion, outcome } = event;
  return `${occasion}: ${outcome.kind === "accepted" ? `VLAN ${outcome.authorization.vlan}` : outcome.kind}`;
}
