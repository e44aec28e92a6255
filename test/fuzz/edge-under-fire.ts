import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { setTimeout as sleep } from "node:timers/promises";
import type { Site } from "../radius-edge/eap/bench.ts";
import type { EapParts } from "../../radius-edge/edge-conversations.ts";
import { createTenant, startTestEdge } from "../support/edge.ts";
import type { Tenant, TestEdge } from "../support/edge.ts";

export const NAS_ADDRESS = "127.0.0.81";

/** An edge that lets in by one rule alone. */
export function startEdgeUnderFire(site: Site, rule: Tenant["rules"][number], eap: EapParts = {}): Promise<TestEdge> {
  const tenant = { name: "Under fire", site, nasAddress: NAS_ADDRESS, rules: [rule] };
  return startTestEdge(async (store) => void (await createTenant(store, tenant)), {}, eap);
}

/** The sum of one metric of the edge over all its labels, or over those lines that have `label`. */
export async function metricOf(
  { edge }: { readonly edge: Pick<TestEdge["edge"], "internal"> },
  name: string,
  label = "",
): Promise<number> {
  const response = await fetch(`http://${edge.internal}/metrics`);
  const lines = (await response.text())
    .split("\n")
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  const wanted = lines.filter((line) => line.includes(label));
  return wanted.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
}

/** Resolves once `fact` holds. */
export async function eventually(fact: () => Promise<boolean>, patienceMs = 60_000): Promise<void> {
  for (const end = Date.now() + patienceMs; !(await fact());) {
    if (Date.now() > end) throw new Error("what was waited for did not come");
    await sleep(20);
  }
}

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Octets in use, heap and buffers, after a collection. */
export function memoryInUse(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
