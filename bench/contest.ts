import { join } from "node:path";
import type { Bench, Side } from "./bench.ts";
import type { TrafficPlan } from "./load/plan.ts";
import { CLIENTS } from "./load/requests.ts";
import { startEdge } from "./servers/edge.ts";
import { missingPackages, startFreeRadius, type FreeRadiusSetup } from "./servers/freeradius.ts";
import { fillFreeRadius, oneQuery, usersFile } from "./servers/freeradius-setups.ts";
import { makeOrganization } from "./servers/organization.ts";
import { fillVerdicts } from "./servers/verdicts.ts";

/** Our edge and its peers, on one Postgres cluster with the same clients. All stand ready. */
export interface Contest {
  readonly us: Side;
  /** `undefined` where FreeRADIUS is not installed. */
  readonly freeRadius: { readonly oneQuery: Side | undefined; readonly usersFile: Side | undefined };
  close(): Promise<void>;
}

/** Makes the organization of the NAS at 127.0.0.1, which knows every client of the generator. */
export async function makeFleet({ installation }: Pick<Bench, "installation">): Promise<void> {
  const { id } = await makeOrganization(installation.store, { address: "127.0.0.1" });
  await fillVerdicts(installation.database.url, id, CLIENTS);
}

export async function openContest(bench: Bench): Promise<Contest> {
  const { installation, say } = bench;
  const us: Side = { server: await startEdge(installation), usesDatabase: true };
  const peers: Side[] = [];
  const lacking = missingPackages();
  if (lacking.length > 0) say(`NO PEER: FreeRADIUS is not measured; apt-get install ${lacking.join(" ")}`);
  else {
    const databaseUrl = await installation.database.create("freeradius");
    await fillFreeRadius(databaseUrl);
    const start = async (folder: string, setup: (folder: string) => FreeRadiusSetup): Promise<void> => {
      const server = await startFreeRadius(setup, join(installation.folder, folder));
      peers.push({ server, usesDatabase: true });
    };
    await start("one-query", oneQuery(databaseUrl));
    await start("users-file", usersFile(databaseUrl));
  }
  say("every client comes once");
  await bringEveryClient(bench, us);
  return {
    us,
    freeRadius: { oneQuery: peers[0], usersFile: peers[1] },
    async close() {
      for (const { server } of [us, ...peers]) await server.stop();
    },
  };
}

/** Of an edge so slow that its tables would never be a steady fleet's, the comparison says enough. */
const BRING_WITHIN_MS = 30_000;

/** Lets every client come once: from then on the tables are those of a steady fleet, and the compiler has seen it all. */
async function bringEveryClient(bench: Bench, side: Side): Promise<void> {
  const traffic: TrafficPlan = { kind: "closed", window: 256, warmUpMs: 0, measuredMs: 1_000 };
  let answered = 0;
  let sentBefore = 0;
  const end = performance.now() + BRING_WITHIN_MS;
  while (answered < CLIENTS && performance.now() < end) {
    const outcome = await bench.generator.run({ port: side.server.port, expects: "accept", traffic, sentBefore });
    sentBefore += outcome.sent;
    if (outcome.answered === 0) throw new Error(`${side.server.name} does not answer`);
    if (outcome.bad > 0) throw new Error(`${side.server.name} gave ${outcome.bad} wrong answers`);
    answered += outcome.answered;
  }
  if (answered < CLIENTS) bench.say(`only ${answered} of ${CLIENTS} clients came within ${BRING_WITHIN_MS / 1_000} s`);
}
