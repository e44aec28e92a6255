import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findTemporalCli } from "./executables.ts";
import { findFreePort, requireFreePort } from "./ports.ts";
import { endProcess, identify, type Nudge } from "./processes.ts";
import { endPredecessor, removeServiceRecord, writeServiceRecord } from "./service-record.ts";
import { logTail, whenExited, type Service } from "./service.ts";

export interface TemporalOptions {
  /** Installation's state; the database file lives in its `temporal` folder. */
  readonly stateFolder: string;
  /** TCP ports on 127.0.0.1; free ones when absent. */
  readonly port?: number;
  readonly uiPort?: number;
  /** Path of the Temporal CLI, where somebody chose one; else it is searched for (findTemporalCli). */
  readonly executable?: string;
  readonly log: (sentence: string) => void;
}

/** A running embedded Temporal, with its namespace `default`. */
export interface EmbeddedTemporal extends Service {
  /** `127.0.0.1:7233`, as in TEMPORAL_ADDRESS. */
  readonly address: string;
  /** `http://127.0.0.1:8233` */
  readonly uiUrl: string;
}

/** The dev server writes through SQLite: even SIGKILL loses nothing that it acknowledged. */
const STOP: readonly Nudge[] = [
  { signal: "SIGTERM", graceMs: 10_000 },
  { signal: "SIGKILL", graceMs: 5_000 },
];
const READY_WITHIN_MS = 60_000;

/**
 * Starts Temporal's dev server with its web UI on loopback, in a process group of its own: a Ctrl-C reaches the supervisor
 * alone. What a killed earlier run left behind is stopped first; workflows and timers go on from the database file.
 */
export async function startTemporal(options: TemporalOptions): Promise<EmbeddedTemporal> {
  const { stateFolder, log, executable: explicit } = options;
  const executable = await findTemporalCli({ log, ...(explicit === undefined ? {} : { explicit }) });
  const folder = join(stateFolder, "temporal");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  await endPredecessor(folder, "Temporal", STOP, log);
  const port = options.port ?? (await findFreePort());
  const uiPort = options.uiPort ?? (await findFreePort());
  await requireFreePort({ port, service: "Temporal", setting: "PORTCULLIS_TEMPORAL_PORT" });
  await requireFreePort({ port: uiPort, service: "Temporal's web UI", setting: "PORTCULLIS_TEMPORAL_UI_PORT" });
  const logFile = join(folder, "temporal.log");
  const { child, pid } = launch(executable, folder, logFile, port, uiPort);
  writeServiceRecord(folder, pid);
  const identity = identify(pid);
  const uiUrl = `http://127.0.0.1:${uiPort}`;
  let ended = false;
  const exited = whenExited(child).finally(() => (ended = true));
  const stop = async () => {
    if (identity !== undefined) await endProcess(identity, STOP);
    await exited;
    removeServiceRecord(folder);
  };
  const deadlineMs = performance.now() + READY_WITHIN_MS;
  while (!(await answers(uiUrl))) {
    if (ended || performance.now() > deadlineMs) {
      await stop();
      throw new Error(`Temporal did not get ready; the end of ${logFile}:\n${logTail(logFile)}`);
    }
    await sleep(25);
  }
  return { address: `127.0.0.1:${port}`, uiUrl, pid, exited, stop };
}

function launch(executable: string, folder: string, logFile: string, port: number, uiPort: number) {
  const listening = ["--ip", "127.0.0.1", "--port", String(port), "--ui-port", String(uiPort)];
  // WAL with synchronous=normal: 2.4 times the throughput of SQLite's defaults, and safe against a killed process. A power
  // cut may cost the last transactions, which the relay heals from Postgres.
  const database = [
    "--db-filename",
    join(folder, "temporal.db"),
    "--sqlite-pragma",
    "journal_mode=wal",
    "--sqlite-pragma",
    "synchronous=normal",
  ];
  const manners = ["--ui-disable-news-fetch", "--log-level", "warn"];
  const output = openSync(logFile, "w", 0o600);
  const child = spawn(executable, ["server", "start-dev", ...listening, ...database, ...manners], {
    cwd: folder,
    // No proxy and no TEMPORAL_* of the operator's: those are for the server that they would use instead of this one.
    env: { PATH: process.env["PATH"], HOME: folder },
    detached: true,
    stdio: ["ignore", output, output],
  });
  closeSync(output);
  if (child.pid === undefined) throw new Error(`${executable} cannot be started`);
  return { child, pid: child.pid };
}

/** Whether the web UI's server gets an answer about the namespace from Temporal's frontend: all parts are up then. */
async function answers(uiUrl: string): Promise<boolean> {
  try {
    const answer = await fetch(`${uiUrl}/api/v1/namespaces/default`, { signal: AbortSignal.timeout(2_000) });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}
