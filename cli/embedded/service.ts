import type { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";

/** A started server process. */
export interface Service {
  readonly pid: number;
  /** Settles when the process ends, asked for or not; how it ended, for people. */
  readonly exited: Promise<string>;
  /** Asks the process to end and waits until it has. Throws when it will not. Safe to repeat. */
  stop(): Promise<void>;
}

/** Settles with how `child` ended: `exit code 1`, `SIGKILL`. */
export function whenExited(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
}

/** The last lines of a log file, for an error that must explain itself. */
export function logTail(file: string, lines = 12): string {
  try {
    return readFileSync(file, "utf8").trimEnd().split("\n").slice(-lines).join("\n");
  } catch (error) {
    return String(error);
  }
}
