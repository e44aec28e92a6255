import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { SECOND_MS } from "../../domain/time.ts";
import type { Role } from "../../runtime/config.ts";
import { endProcess, identify } from "../embedded/processes.ts";
import type { Nudge } from "../embedded/processes.ts";
import { endPredecessor, removeServiceRecord, writeServiceRecord } from "../embedded/service-record.ts";
import { logTail, whenExited } from "../embedded/service.ts";
import type { Service } from "../embedded/service.ts";
import type { RoleNews } from "../roles/role.ts";
import { keepLogSmall, rollLog } from "./role-log.ts";

/** A role drains for 20 s at most (runtime/lifecycle.ts). */
const STOP: readonly Nudge[] = [
  { signal: "SIGTERM", graceMs: 25 * SECOND_MS },
  { signal: "SIGKILL", graceMs: 5 * SECOND_MS },
];
const READY_WITHIN_MS = 60 * SECOND_MS;
const MAIN = join(import.meta.dirname, "../main.js");

/** Ends the role that a killed supervisor left behind. Throws when its supervisor lives: the state folder is in use. */
export async function endFormerRole(stateFolder: string, role: Role, say: (line: string) => void): Promise<void> {
  await endPredecessor(recordFolder(stateFolder, role), `the ${role}`, STOP, say);
}

/**
 * Starts a role as a process of its own and waits until it says that it is ready. It gets a process group of its own, so
 * that a Ctrl-C reaches the supervisor alone, and ends with the supervisor, however that ends: the IPC channel breaks.
 */
export async function startRole(
  role: Role,
  stateFolder: string,
  env: NodeJS.ProcessEnv,
  say: (line: string) => void,
): Promise<Service> {
  const logFile = join(stateFolder, "logs", `${role}.log`);
  mkdirSync(join(stateFolder, "logs"), { recursive: true, mode: 0o700 });
  rollLog(logFile);
  const output = openSync(logFile, "a", 0o600);
  const child = spawn(process.execPath, ["--enable-source-maps", MAIN, role], {
    env,
    detached: true,
    stdio: ["ignore", output, output, "ipc"],
  });
  closeSync(output);
  const exited = whenExited(child);
  keepLogSmall(logFile, exited, say);
  const { pid } = child;
  const identity = pid === undefined ? undefined : identify(pid);
  if (pid === undefined || identity === undefined) throw new Error(`the ${role} cannot be started: ${await exited}`);
  const folder = recordFolder(stateFolder, role);
  writeServiceRecord(folder, pid);
  const stop = async (): Promise<void> => {
    await endProcess(identity, STOP);
    await exited;
    removeServiceRecord(folder);
  };
  const failure = await untilReady(child, exited, logFile);
  if (failure === undefined) return { pid, exited, stop };
  await stop();
  throw new Error(`the ${role} does not start: ${failure}`);
}

/** Why the role did not get ready, if it did not. */
async function untilReady(child: ChildProcess, exited: Promise<string>, logFile: string): Promise<string | undefined> {
  const news = new Promise<RoleNews>((resolve) => child.once("message", (message) => resolve(message as RoleNews)));
  const timer = new AbortController();
  const late = sleep(READY_WITHIN_MS, `not ready after ${READY_WITHIN_MS / SECOND_MS} s`, { signal: timer.signal });
  const first = await Promise.race([news, exited, late.catch(() => "")]);
  timer.abort();
  if (typeof first === "string") return `${first}; the end of ${logFile}:\n${logTail(logFile)}`;
  return first.kind === "ready" ? undefined : first.sentence;
}

function recordFolder(stateFolder: string, role: Role): string {
  const folder = join(stateFolder, "roles", role);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}
