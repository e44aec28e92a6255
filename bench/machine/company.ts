import { hostBusy, QUIET } from "./host.ts";
import { cpuBetween, readCpuTimes, treeOf } from "./processes.ts";

/** What came of some work, what it cost its own processes, and what others used of one core meanwhile. */
export interface Watched<T> {
  readonly value: T;
  /** CPU microseconds of each of the process trees, in the order given. */
  readonly micros: readonly number[];
  readonly others: number;
}

/** Watches the machine while `work` goes on. `trees`: the roots of those who work, besides this process. */
export async function watch<T>(trees: () => readonly number[], work: () => Promise<T>): Promise<Watched<T>> {
  const look = () => ({
    at: performance.now(),
    busy: hostBusy(),
    trees: trees().map((root) => readCpuTimes(treeOf(root))),
    own: readCpuTimes([process.pid]),
  });
  const before = look();
  const value = await work();
  const after = look();
  const used = after.trees.map((times, i) => cpuBetween(before.trees[i] ?? new Map(), times));
  const ours = used.reduce((sum, nanoseconds) => sum + nanoseconds, cpuBetween(before.own, after.own));
  const others = Math.max(0, after.busy - before.busy - ours) / 1e6 / (after.at - before.at);
  return { value, micros: used.map((nanoseconds) => nanoseconds / 1_000), others };
}

/** What the table says of trials during which others used so much. */
export function contamination(others: readonly number[]): readonly string[] {
  const faulty = others.filter((used) => used > QUIET.during).length;
  return faulty === 0 ? [] : [`**${faulty} of ${others.length} trials contaminated**`];
}
