import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Account } from "./postgres-binaries.ts";

const run = promisify(execFile);

export const POSTGRES_USER = "portcullis";
export const POSTGRES_DATABASE = "portcullis";

/** A Postgres cluster on disk: `data` is the server's own folder, `password` the text of its only user's password. */
export interface Cluster {
  readonly folder: string;
  readonly data: string;
  readonly password: string;
}

interface ClusterPlace {
  readonly folder: string;
  readonly binaries: string;
  readonly account: Account;
  readonly durable: boolean;
}

/** What a Postgres program sees of our environment: nothing that could change how it behaves. */
export const POSTGRES_ENVIRONMENT = { PATH: "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" };

/** Opens the cluster in `folder`, made on first use. Safe to repeat after a kill at any moment. */
export async function openCluster(place: ClusterPlace): Promise<Cluster> {
  const data = join(place.folder, "data");
  const passwordFile = join(place.folder, "password");
  const known = existsSync(passwordFile);
  if (!known) writePassword(passwordFile, place.account);
  const cluster = { folder: place.folder, data, password: readFileSync(passwordFile, "utf8") };
  if (!existsSync(data)) await createCluster(place, cluster, passwordFile);
  else if (!known) await singleUser(place, data, `ALTER USER ${POSTGRES_USER} PASSWORD '${cluster.password}'`);
  return cluster;
}

/**
 * The folder for the cluster under `stateFolder`, owned by `account`. Where that account cannot reach it (a state folder
 * under /root, say), it is a link to a folder under /var/lib that it can reach.
 */
export async function clusterFolder(stateFolder: string, account: Account): Promise<string> {
  mkdirSync(stateFolder, { recursive: true, mode: 0o711 });
  const folder = join(stateFolder, "postgres");
  if (isLink(folder)) return realpathSync(folder);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  own(folder, account);
  if (await reaches(account, folder)) return realpathSync(folder);
  mkdirSync("/var/lib/portcullis", { recursive: true, mode: 0o711 });
  const elsewhere = mkdtempSync("/var/lib/portcullis/postgres-");
  own(elsewhere, account);
  rmSync(folder, { recursive: true });
  symlinkSync(elsewhere, folder);
  return elsewhere;
}

async function createCluster(place: ClusterPlace, cluster: Cluster, passwordFile: string): Promise<void> {
  // Built aside and renamed whole: a kill in the middle leaves nothing that looks like a cluster.
  const unfinished = `${cluster.data}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  const options = [
    `--username=${POSTGRES_USER}`,
    `--pwfile=${passwordFile}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
  ];
  // The built-in provider sorts the same on every system; the system's own locales differ or are missing.
  const locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
  const sync = place.durable ? [] : ["--no-sync"];
  await postgresProgram(place, "initdb", ["-D", unfinished, "--no-instructions", ...options, ...locale, ...sync]);
  await singleUser(place, unfinished, `CREATE DATABASE ${POSTGRES_DATABASE}`);
  renameSync(unfinished, cluster.data);
}

/** Runs one statement without a server (PostgreSQL manual, "postgres", single-user mode): needs no password. */
async function singleUser(place: ClusterPlace, data: string, statement: string): Promise<void> {
  const durability = place.durable ? [] : ["-c", "fsync=off"];
  // -j: statements end at a semicolon and an empty line; exit_on_error makes a refused one an exit code.
  const options = ["--single", "-j", "-D", data, "-c", "exit_on_error=on", ...durability, "postgres"];
  await postgresProgram(place, "postgres", options, `${statement};\n\n`);
}

async function postgresProgram(place: ClusterPlace, name: string, args: readonly string[], input = ""): Promise<void> {
  const running = run(join(place.binaries, "bin", name), args, {
    ...place.account,
    cwd: "/",
    env: POSTGRES_ENVIRONMENT,
  });
  running.child.stdin?.end(input);
  await running;
}

function writePassword(file: string, account: Account): void {
  writeFileSync(`${file}.new`, randomBytes(24).toString("base64url"), { mode: 0o600 });
  own(`${file}.new`, account);
  renameSync(`${file}.new`, file);
}

async function reaches(account: Account, folder: string): Promise<boolean> {
  try {
    await run("/bin/sh", ["-c", 'cd -- "$0"', folder], { ...account, cwd: "/" });
    return true;
  } catch {
    return false;
  }
}

function own(path: string, account: Account): void {
  if (account.uid !== undefined) chownSync(path, account.uid, account.gid);
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}
