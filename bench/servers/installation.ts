import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { parseMasterKeys, type MasterKeys } from "../../runtime/master-keys.ts";
import { createSeals } from "../../runtime/secrets.ts";
import { openStore, type Store } from "../../store/pool.ts";
import { PROGRAM_ENVIRONMENT } from "../machine/cores.ts";
import { openDatabase, type Database } from "./database.ts";

/** The project's root: compiled, this file is two folders below `.bench/`. */
const ROOT = join(import.meta.dirname, "../../..");
const MAIN = join(ROOT, "dist/cli/main.js");

/** `portcullis <command>` of the production build. */
export const portcullis = (command: string): readonly string[] => [process.execPath, MAIN, command];

/** A Postgres with the product's schema, and what roles must be told to use it. */
export interface Installation {
  /** On the disk that the project is on. */
  readonly folder: string;
  readonly database: Database;
  readonly store: Store;
  readonly keys: MasterKeys;
  readonly environment: Readonly<Record<string, string>>;
  /** Removes everything. */
  close(): Promise<void>;
}

const RUNS = join(ROOT, ".bench/runs");

/** Of runs that were killed; each folder's name begins with the process that made it. */
function removeLeftovers(): void {
  for (const name of readdirSync(RUNS)) {
    if (existsSync(`/proc/${name.split("-")[0]}`)) continue;
    const cluster = join(RUNS, name, "postgres");
    if (existsSync(cluster)) rmSync(realpathSync(cluster), { recursive: true, force: true });
    rmSync(join(RUNS, name), { recursive: true, force: true });
  }
}

export async function openInstallation(): Promise<Installation> {
  mkdirSync(RUNS, { recursive: true });
  removeLeftovers();
  const folder = mkdtempSync(join(RUNS, `${process.pid}-`));
  const database = await openDatabase(folder);
  const masterKeys = `benchmark:${randomBytes(32).toString("base64")}`;
  const environment = {
    ...PROGRAM_ENVIRONMENT,
    // As in the image.
    NODE_OPTIONS: "--max-semi-space-size=16",
    OPENSSL_CONF: join(ROOT, "dist/radius-edge/eap/openssl.cnf"),
    DATABASE_URL: database.url,
    PORTCULLIS_STATE_DIR: folder,
    PORTCULLIS_MASTER_KEYS: masterKeys,
  };
  const [program, ...args] = portcullis("migrate");
  await promisify(execFile)(program!, args, { env: environment });
  const keys = parseMasterKeys(masterKeys, "the benchmark");
  const store = openStore({ databaseUrl: database.url, seals: createSeals(keys), max: 2 });
  return {
    folder,
    database,
    store,
    keys,
    environment,
    async close() {
      await store.close();
      await database.remove();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
