import { resolve } from "node:path";
import { loadConfig } from "../runtime/config.ts";
import { bringUp } from "./supervisor/bring-up.ts";
import type { Part } from "./supervisor/part.ts";
import { createProgress } from "./supervisor/progress.ts";
import type { Progress } from "./supervisor/progress.ts";
import type { StartSandbox } from "./supervisor/sandbox.ts";
import { listenForStop, whenAborted } from "./supervisor/stop-request.ts";

/** sh(1): ended by SIGINT. */
const IMPATIENT = 130;

/**
 * Starts everything, keeps it running until asked to stop, then stops it, last started first. Answers with the exit code;
 * throws when something does not start, once what had started is stopped again.
 */
export async function up(env: NodeJS.ProcessEnv, startSandbox: StartSandbox | undefined): Promise<number> {
  const loaded = loadConfig(env);
  const config = { ...loaded, stateFolder: resolve(loaded.stateFolder) };
  process.stdout.on("error", () => undefined); // a terminal that was closed takes no more lines; we stop in order still
  const progress = createProgress(process.stdout);
  const parts: Part[] = [];
  const stop = listenForStop(() => {
    for (const part of parts.toReversed()) part.kill?.();
    process.exit(IMPATIENT);
  });
  try {
    await bringUp({ env, config, startSandbox, progress, stop, opened: (part) => void parts.push(part) });
    await whenAborted(stop);
  } catch (error) {
    await closeAll(parts, progress);
    if (stop.aborted) return 0;
    throw error;
  }
  progress.say("");
  return (await closeAll(parts, progress)) ? 0 : 1;
}

/** Whether all closed. One that will not keeps none of the others open. */
async function closeAll(parts: readonly Part[], progress: Progress): Promise<boolean> {
  let allClosed = true;
  for (const part of parts.toReversed()) {
    try {
      await progress.step(`stopped: ${part.name}`, part.close);
    } catch (error) {
      allClosed = false;
      progress.say(`    ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return allClosed;
}
