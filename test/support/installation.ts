import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findFreePort } from "../../cli/embedded/ports.ts";
import type { Endpoints } from "../../cli/supervisor/endpoints.ts";
import { MAIN } from "./build.ts";

/** A run of the built command. */
export interface Run {
  readonly pid: number;
  /** Standard output and standard error so far. */
  output(): string;
  signal(signal: NodeJS.Signals): void;
  /** The exit code; `null` when a signal ended it. */
  readonly exited: Promise<number | null>;
  /** Resolves once the output matches; rejects when the run ends before. */
  until(pattern: RegExp): Promise<void>;
}

/** A state folder of its own, ports that are free, and nothing of our own environment that could change a run. */
export async function newInstallation(): Promise<{ readonly stateFolder: string; readonly env: NodeJS.ProcessEnv }> {
  const stateFolder = mkdtempSync(join(tmpdir(), "portcullis-up-"));
  chmodSync(stateFolder, 0o711); // as root, Postgres runs as another user and must pass through
  const names = ["API", "AUTH", "ACCT", "INTERNAL", "POSTGRES", "TEMPORAL", "TEMPORAL_UI"];
  const ports = await Promise.all(
    names.map(async (name) => [`PORTCULLIS_${name}_PORT`, String(await findFreePort())] as const),
  );
  const { PATH, HOME, PORTCULLIS_TEMPORAL_CLI } = process.env;
  const env = { PATH, HOME, PORTCULLIS_STATE_DIR: stateFolder, PORTCULLIS_TEMPORAL_CLI, ...Object.fromEntries(ports) };
  return { stateFolder, env };
}

/**
 * Runs the command. It ends with this process, however that ends: it holds the other end of the IPC channel. `sockets`: file
 * descriptors that it is handed as systemd does it, by FileDescriptorName.
 */
export function runCommand(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  sockets: Readonly<Record<string, number>> = {},
): Run {
  const names = Object.keys(sockets);
  // sd_listen_fds(3): LISTEN_PID names the process that they are for, which the shell is about to become.
  const command = ["-c", 'export LISTEN_PID=$$; exec "$0" "$@"', process.execPath, MAIN, ...args];
  const child = spawn("sh", command, {
    env: { ...env, ...(names.length > 0 && { LISTEN_FDS: String(names.length), LISTEN_FDNAMES: names.join(":") }) },
    stdio: ["ignore", "pipe", "pipe", ...Object.values(sockets), "ipc"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  let ended = false;
  const exited = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)));
  void exited.then(() => (ended = true));
  return {
    pid: child.pid!,
    output: () => output,
    signal: (signal) => void child.kill(signal),
    exited,
    until: async (pattern) => {
      while (!pattern.test(output)) {
        if (ended) throw new Error(`the run ended before it said ${String(pattern)}:\n${output}`);
        await sleep(50);
      }
    },
  };
}

export function readEndpoints(stateFolder: string): Endpoints {
  return JSON.parse(readFileSync(join(stateFolder, "endpoints.json"), "utf8")) as Endpoints;
}
