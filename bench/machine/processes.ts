import { readdirSync, readFileSync } from "node:fs";

/** A process and all that descend from it. */
export function treeOf(root: number): readonly number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync("/proc")) {
    const parent = /^\d+$/.test(name) ? Number(fieldsAfterName(Number(name))?.[1]) : Number.NaN;
    if (!Number.isNaN(parent)) children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const tree: number[] = [];
  for (const queue = [root]; queue.length > 0;) {
    const pid = queue.pop()!;
    tree.push(pid);
    queue.push(...(children.get(pid) ?? []));
  }
  return tree;
}

/** proc_pid_stat(5): the second field, a name in parentheses, may hold spaces; what follows begins with the state. */
function fieldsAfterName(pid: number): readonly string[] | undefined {
  const stat = readIfThere(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
}

/** CPU time so far of each process, nanoseconds. */
export type CpuTimes = ReadonlyMap<number, number>;

/** By the scheduler's own account (/proc/<pid>/task/<tid>/schedstat), not in ticks of ten milliseconds. */
export function readCpuTimes(pids: readonly number[]): CpuTimes {
  return new Map(pids.map((pid) => [pid, tasksOf(pid).reduce((sum, tid) => sum + runtimeOf(pid, tid), 0)]));
}

function tasksOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return []; // it has ended
  }
}

function runtimeOf(pid: number, tid: string): number {
  return Number(readIfThere(`/proc/${pid}/task/${tid}/schedstat`)?.split(" ")[0] ?? 0);
}

/** Nanoseconds of CPU between two readings. A process that is new counts whole; one that has ended, not at all. */
export function cpuBetween(before: CpuTimes, after: CpuTimes): number {
  let sum = 0;
  for (const [pid, time] of after) sum += Math.max(0, time - (before.get(pid) ?? 0));
  return sum;
}

/** Resident memory of some processes, octets (proc_pid_status(5), VmRSS). */
export function residentOctets(pids: readonly number[]): number {
  const kilobytesOf = (pid: number): number =>
    Number(/^VmRSS:\s+(\d+) kB$/m.exec(readIfThere(`/proc/${pid}/status`) ?? "")?.[1] ?? 0);
  return pids.reduce((sum, pid) => sum + kilobytesOf(pid), 0) * 1_024;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
