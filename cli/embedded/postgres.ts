import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findFreePort, requireFreePort } from "./ports.ts";
import { findPostgresBinaries, postgresAccount, type Account } from "./postgres-binaries.ts";
import {
  clusterFolder,
  openCluster,
  POSTGRES_DATABASE,
  POSTGRES_ENVIRONMENT,
  POSTGRES_USER,
  type Cluster,
} from "./postgres-cluster.ts";
import { commandOf, endProcess, identify, type Nudge } from "./processes.ts";
import { endPredecessor, removeServiceRecord, writeServiceRecord } from "./service-record.ts";
import { logTail, whenExited, type Service } from "./service.ts";

export interface PostgresOptions {
  /** Installation's state; the cluster lives in its `postgres` folder. */
  readonly stateFolder: string;
  /** TCP port on 127.0.0.1; a free one when absent. */
  readonly port?: number;
  /** `false` trades the safety of the data for speed (no fsync): for tests only. */
  readonly durable?: boolean;
  readonly log: (sentence: string) => void;
}

/** A running embedded Postgres. `url` holds the password: treat it as a secret. */
export interface EmbeddedPostgres extends Service {
  readonly url: string;
}

/** PostgreSQL manual, "Shutting Down the Server": SIGINT is fast (ends sessions, checkpoints), SIGQUIT immediate (recovers at the next start). */
const FAST_STOP: readonly Nudge[] = [
  { signal: "SIGINT", graceMs: 20_000 },
  { signal: "SIGQUIT", graceMs: 5_000 },
];
const READY_WITHIN_MS = 60_000;
/** Roles, edges and a test run's workers each hold a pool. */
const MAX_CONNECTIONS = 200;

/**
 * Starts the embedded Postgres on loopback, in a process group of its own: a Ctrl-C reaches the supervisor alone, which
 * stops it last. What a killed earlier run left behind is stopped first; Postgres then recovers by itself.
 */
export async function startPostgres(options: PostgresOptions): Promise<EmbeddedPostgres> {
  const { stateFolder, durable = true, log } = options;
  const account = postgresAccount();
  const binaries = findPostgresBinaries(account);
  const folder = await clusterFolder(stateFolder, account);
  await endPredecessor(folder, "Postgres", FAST_STOP, log);
  await endStrayPostmaster(join(folder, "data"), log);
  const port = options.port ?? (await findFreePort());
  await requireFreePort({ port, service: "Postgres", setting: "PORTCULLIS_POSTGRES_PORT" });
  const cluster = await openCluster({ folder, binaries, account, durable });
  const { pid, exited } = await launchUntilReady(() => launch(binaries, account, cluster, port, durable), cluster);
  const identity = identify(pid);
  return {
    url: `postgres://${POSTGRES_USER}:${cluster.password}@127.0.0.1:${port}/${POSTGRES_DATABASE}`,
    pid,
    exited,
    stop: async () => {
      if (identity !== undefined) await endProcess(identity, FAST_STOP);
      await exited;
      removeServiceRecord(folder);
    },
  };
}

/** What Postgres says while backends of a killed postmaster, which end at their next look around, hold its shared memory. */
const HELD_BY_ORPHANS = "pre-existing shared memory block";
const TRY_AGAIN_MS = 200;

async function launchUntilReady(
  start: () => ReturnType<typeof launch>,
  cluster: Cluster,
): Promise<{ readonly pid: number; readonly exited: Promise<string> }> {
  for (const end = performance.now() + READY_WITHIN_MS; ; await sleep(TRY_AGAIN_MS)) {
    const { child, pid } = start();
    writeServiceRecord(cluster.folder, pid);
    const exited = whenExited(child);
    try {
      await untilReady(child, pid, cluster);
      return { pid, exited };
    } catch (error) {
      if (performance.now() > end || !logTail(logFile(cluster)).includes(HELD_BY_ORPHANS)) throw error;
    }
  }
}

function launch(binaries: string, account: Account, cluster: Cluster, port: number, durable: boolean) {
  const settings = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    max_connections: String(MAX_CONNECTIONS),
    password_encryption: "scram-sha-256",
    fsync: durable ? "on" : "off",
    synchronous_commit: durable ? "on" : "off",
    full_page_writes: durable ? "on" : "off",
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  // A file, not a pipe: Postgres must be able to speak when we are gone.
  const output = openSync(logFile(cluster), "w", 0o600);
  const child = spawn(join(binaries, "bin", "postgres"), ["-D", cluster.data, "-p", String(port), ...flags], {
    ...account,
    cwd: "/",
    env: POSTGRES_ENVIRONMENT,
    detached: true,
    stdio: ["ignore", output, output],
  });
  closeSync(output);
  if (child.pid === undefined) throw new Error(`${binaries}/bin/postgres cannot be started`);
  return { child, pid: child.pid };
}

/** The server writes "ready" as line 8 of postmaster.pid once it accepts connections (PostgreSQL source, utils/pidfile.h). */
async function untilReady(child: ChildProcess, pid: number, cluster: Cluster): Promise<void> {
  const deadlineMs = performance.now() + READY_WITHIN_MS;
  while (child.exitCode === null && child.signalCode === null && performance.now() < deadlineMs) {
    const lines = readPostmasterFile(cluster.data);
    if (lines[0] === String(pid) && lines[7]?.trim() === "ready") return;
    await sleep(10);
  }
  child.kill("SIGQUIT");
  throw new Error(`Postgres did not get ready; the end of ${logFile(cluster)}:\n${logTail(logFile(cluster))}`);
}

/**
 * The second line of defence behind the service record: postmaster.pid, Postgres' own. A living postmaster of this folder
 * is stopped. A file whose number now belongs to another program is removed, since Postgres would take that program for
 * its twin; any other leftover is Postgres' own to judge.
 */
async function endStrayPostmaster(data: string, log: (sentence: string) => void): Promise<void> {
  const stray = identify(Number(readPostmasterFile(data)[0] ?? 0));
  if (stray === undefined) return;
  if (commandOf(stray.pid).includes(data)) {
    log(`stopping Postgres (process ${stray.pid}) that an earlier run left behind`);
    await endProcess(stray, FAST_STOP);
  } else {
    rmSync(join(data, "postmaster.pid"), { force: true });
  }
}

function readPostmasterFile(data: string): readonly string[] {
  try {
    return readFileSync(join(data, "postmaster.pid"), "utf8").split("\n");
  } catch {
    return [];
  }
}

function logFile(cluster: Cluster): string {
  return join(cluster.folder, "postgres.log");
}
