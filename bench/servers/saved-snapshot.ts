import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Until the edge has written its snapshot to the disk whole, and nothing of it is under way. */
export async function untilSnapshotIsSaved(stateFolder: string, octetsAtLeast: number): Promise<void> {
  for (let before = -1; ; await sleep(500)) {
    const octets = snapshotOctets(join(stateFolder, "snapshot"));
    if (octets >= octetsAtLeast && octets === before) return;
    before = octets;
  }
}

function snapshotOctets(folder: string): number {
  try {
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    // What is being written has another name, and counts as something that changes.
    return files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
  } catch {
    return 0; // no snapshot yet, or a file renamed meanwhile
  }
}
