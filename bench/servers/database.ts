import { realpathSync, rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { startPostgres, type EmbeddedPostgres } from "../../cli/embedded/postgres.ts";
import { moveTo, type Cores } from "../machine/cores.ts";
import { treeOf } from "../machine/processes.ts";

/** The product's own Postgres on a cluster of the run's own, fsync on: for us and for FreeRADIUS. */
export interface Database {
  readonly url: string;
  /** `18.1`. */
  readonly version: string;
  readonly pid: number;
  run(statement: string): Promise<readonly Record<string, unknown>[]>;
  /** The URL of a new, empty database of the same cluster. */
  create(name: string): Promise<string>;
  moveTo(cores: Cores): void;
  /** SIGKILL to all of its processes at once. */
  kill(): Promise<void>;
  stop(): Promise<void>;
  /** Stops it for good, and removes its data. */
  remove(): Promise<void>;
  /** After `kill` or `stop`: on the same port; what was committed is there. */
  start(): Promise<void>;
}

export async function openDatabase(stateFolder: string): Promise<Database> {
  const log = (): void => undefined;
  let postgres: EmbeddedPostgres = await startPostgres({ stateFolder, log });
  // However we end, it does not outlive us; it is a process group of its own.
  const quit = (): void => killIfThere(postgres.pid, "SIGQUIT");
  process.once("exit", quit);
  const { url } = postgres;
  const port = Number(new URL(url).port);
  const run = (statement: string): Promise<readonly Record<string, unknown>[]> => query(url, statement);
  const [shown] = await run("show server_version");
  return {
    url,
    version: String(shown?.["server_version"]),
    get pid() {
      return postgres.pid;
    },
    run,
    async create(name) {
      await run(`create database ${name}`);
      const created = new URL(url);
      created.pathname = `/${name}`;
      return created.href;
    },
    moveTo: (cores) => moveTo(cores, postgres.pid),
    async kill() {
      for (const pid of treeOf(postgres.pid)) killIfThere(pid, "SIGKILL");
      await postgres.exited;
    },
    async stop() {
      await postgres.stop();
    },
    async remove() {
      process.off("exit", quit);
      await postgres.stop();
      // The folder holds the cluster, or a link to it where Postgres' account cannot reach the folder.
      rmSync(realpathSync(`${stateFolder}/postgres`), { recursive: true, force: true });
    },
    async start() {
      postgres = await startPostgres({ stateFolder, port, log });
      await untilAnswers(url);
    },
  };
}

/** One statement on a connection of its own. */
export async function query(
  url: string,
  statement: string,
  values: readonly unknown[] = [],
): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => undefined); // a connection that is killed fails its statement, or nothing
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement, [...values])).rows;
  } finally {
    await client.end();
  }
}

function killIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended with its postmaster.
  }
}

/** It may still be recovering. */
async function untilAnswers(url: string): Promise<void> {
  for (;;) {
    try {
      await query(url, "select 1");
      return;
    } catch {
      await sleep(20);
    }
  }
}
