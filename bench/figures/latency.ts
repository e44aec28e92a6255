import { alternate, faultsOf, type Bench } from "../bench.ts";
import type { Contest } from "../contest.ts";
import type { TrafficPlan } from "../load/plan.ts";
import { figureOf, ratioOf, type Figure } from "../report/figure.ts";
import { median } from "../report/statistics.ts";
import type { Trial } from "../trial.ts";

const PER_SECOND = 2_000;

/** How long an answer takes at 2,000 requests a second, which neither side minds. */
export async function measureLatency(bench: Bench, { us, freeRadius }: Contest): Promise<readonly Figure[]> {
  const measuredMs = bench.measuredMs * 1.5;
  const traffic: TrafficPlan = { kind: "open", perSecond: PER_SECOND, warmUpMs: 1_000, measuredMs };
  const sides = freeRadius.oneQuery === undefined ? [us] : [us, freeRadius.oneQuery];
  const [ours = [], theirs] = await alternate(bench, "latency at 2,000/s", sides, () => traffic);
  const goals = {
    p50: { better: "less", reach: 0.7, aim: 0.5 },
    p99: { better: "less", reach: 0.9, aim: 0.5 },
  } as const;
  return (["p50", "p99"] as const).flatMap((part): readonly Figure[] => {
    const read = (trial: Trial): number => trial.latency[part];
    const title = `${part} at 2,000/s, event durable before the answer`;
    if (theirs === undefined)
      return [figureOf(ours.map(read), { title, unit: " µs", remarks: [lagOf(ours), ...faultsOf(ours)] })];
    const remarks = [
      `ours ${median(ours.map(read)).toFixed(0)} µs, theirs ${median(theirs.map(read)).toFixed(0)} µs`,
      lagOf([...ours, ...theirs]),
      ...faultsOf(ours, theirs),
    ];
    const versus = `${title}, against FreeRADIUS with one query`;
    return [ratioOf(ours.map(read), theirs.map(read), { title: versus, goal: goals[part], remarks })];
  });
}

function lagOf(trials: readonly Trial[]): string {
  return `the generator itself late by ${median(trials.map(({ lag }) => lag.p50)).toFixed(0)} µs (median)`;
}
