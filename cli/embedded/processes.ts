import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** One process, told apart from a later one that was given the same number: `birth` is opaque, compared only. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly birth: string;
}

/** The living process `pid`, or `undefined` when there is none (a zombie counts as none: it holds no port and no file). */
export function identify(pid: number): ProcessIdentity | undefined {
  const birth = process.platform === "linux" ? birthFromProc(pid) : birthFromPs(pid);
  return birth === undefined ? undefined : { pid, birth };
}

/** Whether this very process still lives. */
export function isRunning(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.birth === identity.birth;
}

/** The command line of `pid`, or `""` when it cannot be read. */
export function commandOf(pid: number): string {
  try {
    if (process.platform !== "linux") return ps("args=", pid);
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
  } catch {
    return "";
  }
}

/** A signal, and how long a process may take to obey it before the next one is sent. */
export interface Nudge {
  readonly signal: NodeJS.Signals;
  readonly graceMs: number;
}

/** Ends a process with the first signal that it obeys. Throws when it outlives them all. */
export async function endProcess(identity: ProcessIdentity, nudges: readonly Nudge[]): Promise<void> {
  for (const { signal, graceMs } of nudges) {
    if (!isRunning(identity)) return;
    sendSignal(identity.pid, signal);
    const deadlineMs = performance.now() + graceMs;
    while (isRunning(identity) && performance.now() < deadlineMs) await sleep(20);
  }
  if (isRunning(identity))
    throw new Error(`process ${identity.pid} outlived ${nudges.map((n) => n.signal).join(", ")}`);
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It ended between the look and the signal.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** proc(5), /proc/pid/stat: field 3 is the state, field 22 the start time in clock ticks since boot. */
function birthFromProc(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // Field 2 is the command in parentheses, and may itself hold spaces and parentheses.
    const fromState = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return isZombie(fromState[0]) ? undefined : fromState[22 - 3];
  } catch {
    return undefined;
  }
}

function birthFromPs(pid: number): string | undefined {
  try {
    return isZombie(ps("stat=", pid)) ? undefined : ps("lstart=", pid);
  } catch {
    return undefined;
  }
}

function ps(column: string, pid: number): string {
  return execFileSync("ps", ["-o", column, "-p", String(pid)], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  }).trim();
}

function isZombie(state: string | undefined): boolean {
  return state?.startsWith("Z") ?? true;
}
