// Plain JavaScript without dependencies: it runs before `npm ci` and before the build.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the project. */
export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** The folders that make up the product; each is built into `dist/`. */
export const SOURCE_FOLDERS =
  "domain store outbound mdm runtime workflows activities workers api radius-edge cli simulators".split(" ");

/** Throws when this Node is older than package.json asks for. */
export function requireNode() {
  const wanted = readJson("package.json").engines.node.replace(">=", "");
  const [major, minor] = process.versions.node.split(".").map(Number);
  const [leastMajor, leastMinor] = wanted.split(".").map(Number);
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return;
  throw new Error(`Node ${wanted} or newer is needed; this is ${process.versions.node} (${process.execPath})`);
}

/** Runs `npm ci` when node_modules is not what package-lock.json says. `say` hears what takes long. */
export function installDependencies(say) {
  if (dependenciesAreFresh()) return;
  say("installing dependencies with npm ci (a minute or so)");
  // Nothing that we depend on needs its install script; what does not run cannot surprise.
  run(...npm("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"));
}

/** How to run npm: the one that started us, else the one in PATH. */
function npm(...args) {
  const script = process.env.npm_execpath;
  return script?.endsWith(".js") ? [process.execPath, script, ...args] : ["npm", ...args];
}

/** Runs a program in the project's root, its output to stderr; throws when it fails. */
export function run(program, ...args) {
  const { status, signal, error } = spawnSync(program, args, { cwd: ROOT, stdio: ["ignore", 2, 2] });
  if (status !== 0)
    throw new Error(`${program} ${args.join(" ")} failed: ${error?.message ?? signal ?? `exit code ${status}`}`);
}

/** A digest of every source file's path, size and time: it differs once anything that the build reads was touched. */
export function sourcesFingerprint() {
  const files = [...SOURCE_FOLDERS.flatMap((folder) => listFiles(join(ROOT, folder))), ...configurationFiles()];
  const lines = files.map((file) => {
    const { size, mtimeMs } = statSync(file);
    return `${relative(ROOT, file)} ${size} ${mtimeMs}\n`;
  });
  return createHash("sha256").update(lines.toSorted().join("")).digest("hex");
}

/** Every file under a folder, hidden ones left out. */
export function listFiles(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.name.startsWith(".")) return [];
    return entry.isDirectory() ? listFiles(path) : [path];
  });
}

function configurationFiles() {
  return ["package-lock.json", "tsconfig.json", "tsconfig.build.json"].map((file) => join(ROOT, file));
}

/**
 * npm writes what it installed into node_modules/.package-lock.json as its last act, so a killed install shows too. It
 * leaves out optional packages that are for other platforms.
 */
function dependenciesAreFresh() {
  if (!existsSync(join(ROOT, "node_modules/.package-lock.json"))) return false;
  const wanted = readJson("package-lock.json").packages;
  const installed = readJson("node_modules/.package-lock.json").packages;
  const isWanted = ([path, entry]) => wanted[path]?.integrity === entry.integrity;
  const isInstalled = ([path, entry]) => path === "" || path in installed || entry.optional || entry.devOptional;
  return Object.entries(installed).every(isWanted) && Object.entries(wanted).every(isInstalled);
}

function readJson(path) {
  return JSON.parse(readFileSync(join(ROOT, path), "utf8"));
}
