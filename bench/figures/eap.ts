import { join } from "node:path";
import { randomUUID } from "node:crypto";
import type { Bench } from "../bench.ts";
import { startEapClient, type EapClient } from "../eap/client.ts";
import type { EapPlan } from "../eap/plan.ts";
import { contamination, watch } from "../machine/company.ts";
import { untilQuiet } from "../machine/host.ts";
import { ratioOf, type Figure } from "../report/figure.ts";
import { median } from "../report/statistics.ts";
import { createAuthority, type KeyType } from "../../simulators/certificates.ts";
import { startEdge } from "../servers/edge.ts";
import { missingPackages, startFreeRadius } from "../servers/freeradius.ts";
import { eapTls } from "../servers/freeradius-setups.ts";
import { makeOrganization } from "../servers/organization.ts";
import type { Server } from "../servers/server.ts";
import { fillDeviceVerdict } from "../servers/verdicts.ts";

const CONCURRENCY = 8;
/** From some three thousand on our figure falls no more (Node 20); with fewer it is the compiler's. */
const WARM_UP = 3_000;
/** While the other one is measured V8 forgets part of what it compiled: it collects what no conversation holds any more. */
const WARM_UP_AGAIN = 500;
const MEASURED = 500;

const KINDS = [
  { keyType: "ec", title: "ECDSA P-256", nasAddress: "127.0.0.11", reach: 1.7, aim: 1.3 },
  { keyType: "rsa", title: "RSA 2048", nasAddress: "127.0.0.12", reach: 1.5, aim: 1.3 },
] as const;

/** CPU of the server's processes for one full EAP-TLS 1.3 handshake. Ours records each; FreeRADIUS records nothing here. */
export async function measureEap(bench: Bench): Promise<readonly Figure[]> {
  const lacking = missingPackages();
  if (lacking.length > 0) {
    bench.say(`NO PEER: EAP is not compared; apt-get install ${lacking.join(" ")}`);
    return [];
  }
  const sites = await Promise.all(KINDS.map(({ keyType, nasAddress }) => makeSite(bench, keyType, nasAddress)));
  const client = await startEapClient();
  const edge = await startEdge(bench.installation);
  const figures: Figure[] = [];
  try {
    for (const [i, kind] of KINDS.entries()) {
      const { server, authority, plan } = sites[i]!;
      const folder = join(bench.installation.folder, kind.keyType);
      const peer = await startFreeRadius(eapTls(server, authority.certificatePem), folder);
      figures.push(await compare(bench, client, kind, plan, [edge, peer]));
      await peer.stop();
    }
  } finally {
    await client.close();
    await edge.stop();
  }
  return figures;
}

/** An organization whose one device is compliant, and what its supplicants do. */
async function makeSite({ installation }: Bench, keyType: KeyType, nasAddress: string) {
  const authority = await createAuthority(`Benchmark ${keyType}`, keyType);
  const server = await authority.issue({ commonName: "radius.acme.example", eku: "server", keyType });
  const device = randomUUID();
  const client = await authority.issue({ commonName: "laptop.acme.example", sanDns: [device], keyType });
  const { id } = await makeOrganization(installation.store, { address: nasAddress }, { authority, server });
  await fillDeviceVerdict(installation.database.url, id, device.replaceAll("-", ""));
  const plan = { nasAddress, authorityPem: authority.certificatePem, client, concurrency: CONCURRENCY };
  return { authority, server, plan };
}

type SitePlan = Omit<EapPlan, "port" | "authentications">;

async function compare(
  bench: Bench,
  client: EapClient,
  kind: (typeof KINDS)[number],
  plan: SitePlan,
  servers: readonly Server[],
): Promise<Figure> {
  const costs = servers.map((): number[] => []);
  const company: number[] = [];
  const run = async ({ name, port }: Server, authentications: number): Promise<void> => {
    const { failures } = await client.run({ ...plan, port, authentications });
    if (failures.length > 0) throw new Error(`${failures.length} handshakes with ${name} failed: ${failures[0]}`);
  };
  for (const server of servers) await run(server, WARM_UP);
  for (let round = 1; round <= bench.rounds; round++) {
    for (const [i, server] of servers.entries()) {
      await run(server, WARM_UP_AGAIN);
      await untilQuiet(bench.patience.gateMs);
      const trees = [server.pid, client.pid, bench.installation.database.pid];
      const { micros, others } = await watch(
        () => trees,
        () => run(server, MEASURED),
      );
      const cost = micros[0]! / MEASURED;
      costs[i]!.push(cost);
      company.push(others);
      const used = `${cost.toFixed(0)} µs, others used ${(others * 100).toFixed(0)} % of a core`;
      bench.say(`EAP-TLS ${kind.title}, round ${round}, ${server.name}: ${used}`);
    }
  }
  const [ours = [], theirs = []] = costs;
  return ratioOf(ours, theirs, {
    title: `CPU of a full EAP-TLS 1.3 handshake, ${kind.title}, against FreeRADIUS`,
    goal: { better: "less", reach: kind.reach, aim: kind.aim },
    remarks: [`ours ${median(ours).toFixed(0)} µs, theirs ${median(theirs).toFixed(0)} µs`, ...contamination(company)],
  });
}
