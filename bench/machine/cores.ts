import { execFileSync, spawn, type ChildProcess, type SpawnOptions } from "node:child_process";
import { availableParallelism } from "node:os";
import { treeOf } from "./processes.ts";

/** Which cores a process may run on: `all`, or the number of one. */
export type Cores = "all" | 0 | 1;

const listOf = (cores: Cores): string => (cores === "all" ? `0-${availableParallelism() - 1}` : String(cores));

/** Enough to find taskset, chrt, freeradius and Postgres' clients, and nothing that could change how they behave. */
export const PROGRAM_ENVIRONMENT = { PATH: "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin" };

/** Moves a running process, its threads and all that descend from it. */
export function moveTo(cores: Cores, root: number): void {
  change("taskset", ["-acp", listOf(cores)], root);
}

/** sched(7): when something wakes it, an `other` may take the core from whoever works there; a `batch` waits for its turn. */
export type Policy = "other" | "batch";

/** Gives a running process, its threads and all that descend from it a scheduling policy. */
export function schedule(policy: Policy, root: number): void {
  change("chrt", [`--${policy}`, "--all-tasks", "--pid", "0"], root);
}

function change(program: "taskset" | "chrt", settings: readonly string[], root: number): void {
  for (const pid of treeOf(root)) {
    try {
      execFileSync(program, [...settings, String(pid)], { env: PROGRAM_ENVIRONMENT, stdio: "ignore" });
    } catch (error) {
      // Without the program the figure would be another one than it says; else the process has ended meanwhile.
      if ((error as NodeJS.ErrnoException).code === "ENOENT") throw error;
    }
  }
}

/** Starts a program there, Node itself by its own path; however we end, it does not outlive us. */
export function spawnOn(cores: Cores, command: readonly string[], options: SpawnOptions): ChildProcess {
  const child = spawn("taskset", ["-c", listOf(cores), ...command], { env: PROGRAM_ENVIRONMENT, ...options });
  const end = (): void => void child.kill("SIGKILL");
  process.once("exit", end);
  child.once("exit", () => process.off("exit", end));
  return child;
}
