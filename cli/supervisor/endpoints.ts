import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Where everything of a running installation is: `endpoints.json` in the state folder. It holds secrets. */
export interface Endpoints {
  /** `http://host:port`. */
  readonly api: string;
  /** Admin token of `organization`. */
  readonly token: string;
  readonly organization: string;
  /** RADIUS, `host:port`. */
  readonly authentication: string;
  readonly accounting: string;
  /** `host:port`. */
  readonly temporal: string;
  /** Absent where the Temporal server is not ours. */
  readonly temporalUi?: string;
  /** `postgres://…`, password included. */
  readonly database: string;
  /** Absent without the sandbox. */
  readonly simulators?: { readonly vmware: object; readonly jamf: object };
}

/** Written whole: whoever reads it sees all of it or nothing. */
export function writeEndpoints(stateFolder: string, endpoints: Endpoints): void {
  writePrivately(fileIn(stateFolder), `${JSON.stringify(endpoints, undefined, 2)}\n`);
}

export function removeEndpoints(stateFolder: string): void {
  rmSync(fileIn(stateFolder), { force: true });
}

/** `undefined` where nothing runs in this state folder. */
export function readEndpoints(stateFolder: string): Endpoints | undefined {
  try {
    return JSON.parse(readFileSync(fileIn(stateFolder), "utf8")) as Endpoints;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Mode 0600, by way of a file beside it. */
export function writePrivately(path: string, text: string): void {
  const aside = `${path}.new`;
  rmSync(aside, { force: true });
  writeFileSync(aside, text, { mode: 0o600, flush: true });
  renameSync(aside, path);
}

function fileIn(stateFolder: string): string {
  return join(stateFolder, "endpoints.json");
}
