import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { endProcess, identify, isRunning, type Nudge, type ProcessIdentity } from "./processes.ts";

/** Who runs in a service's folder, and for whom. It survives a kill -9, so that the next start can mend what it left. */
interface ServiceRecord {
  readonly service: ProcessIdentity;
  readonly supervisor: ProcessIdentity;
}

const FILE = "service.json";

/** Notes that this process started `pid` to serve from `folder`. */
export function writeServiceRecord(folder: string, pid: number): void {
  const service = identify(pid);
  const supervisor = identify(process.pid);
  if (service === undefined || supervisor === undefined) return; // it has ended already: there is nothing to mend
  const record: ServiceRecord = { service, supervisor };
  writeFileSync(join(folder, `${FILE}.new`), JSON.stringify(record), { mode: 0o600 });
  renameSync(join(folder, `${FILE}.new`), join(folder, FILE));
}

export function removeServiceRecord(folder: string): void {
  rmSync(join(folder, FILE), { force: true });
}

/**
 * Stops the service that a killed supervisor left behind in `folder`, so that its port and files are free again.
 * Throws when its supervisor still lives: one state folder serves one installation.
 */
export async function endPredecessor(
  folder: string,
  name: string,
  nudges: readonly Nudge[],
  log: (sentence: string) => void,
): Promise<void> {
  const record = readServiceRecord(folder);
  if (record === undefined) return;
  const { service, supervisor } = record;
  if (isRunning(service) && isRunning(supervisor)) {
    throw new Error(
      `${name} in ${folder} already runs (process ${service.pid}), started by process ${supervisor.pid}; ` +
        "stop that one first, or use another state folder",
    );
  }
  if (isRunning(service)) {
    log(`stopping ${name} (process ${service.pid}) that an earlier run left behind`);
    await endProcess(service, nudges);
  }
  removeServiceRecord(folder);
}

function readServiceRecord(folder: string): ServiceRecord | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, FILE), "utf8")) as ServiceRecord;
  } catch {
    return undefined; // absent, or torn by a full disk: the service's own lock file is the second line
  }
}
