import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { identify } from "../../cli/embedded/processes.ts";

/**
 * Makes the service in `folder` an orphan: from here on its record names a supervisor that was killed, as after a kill -9
 * of `portcullis up`. (The test itself cannot die and go on.)
 */
export async function abandon(folder: string): Promise<void> {
  const file = join(folder, "service.json");
  const record = JSON.parse(readFileSync(file, "utf8")) as object;
  writeFileSync(file, JSON.stringify({ ...record, supervisor: await killedProcess() }));
}

async function killedProcess() {
  const victim = spawn("sleep", ["60"], { stdio: "ignore" });
  const identity = identify(victim.pid!);
  victim.kill("SIGKILL");
  await new Promise((resolve) => victim.once("exit", resolve));
  return identity;
}
