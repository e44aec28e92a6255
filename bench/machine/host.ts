import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** proc_stat(5) counts in USER_HZ, a hundredth of a second on every Linux. */
const NANOSECONDS_PER_TICK = 10_000_000;

/** CPU time that all cores have spent on anything, nanoseconds. */
export function hostBusy(): number {
  const [, user, nice, system, , , irq, softirq] = readFileSync("/proc/stat", "utf8").split("\n")[0]!.split(/\s+/);
  return [user, nice, system, irq, softirq].reduce((sum, ticks) => sum + Number(ticks), 0) * NANOSECONDS_PER_TICK;
}

/** What others may use of one core before and during a trial. */
export const QUIET = { before: 0.08, during: 0.1 } as const;
const LOOK_MS = 400;

/** Waits until the machine is quiet, or `mostMs` have passed; answers with what others used last, as a part of a core. */
export async function untilQuiet(mostMs: number): Promise<number> {
  const end = performance.now() + mostMs;
  for (;;) {
    const [busy, at] = [hostBusy(), performance.now()];
    await sleep(LOOK_MS);
    const used = (hostBusy() - busy) / 1e6 / (performance.now() - at);
    if (used < QUIET.before || performance.now() > end) return used;
  }
}
