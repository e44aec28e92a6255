import { setTimeout as sleep } from "node:timers/promises";
import { SECOND_MS } from "../../domain/time.ts";
import type { Service } from "../embedded/service.ts";

/** A service that comes back when it ends by itself. */
export interface Kept<S extends Service> {
  /** What the first start gave; later ones are on the same ports. */
  readonly first: S;
  /** Ends it for good, once a restart under way is through. */
  readonly stop: () => Promise<void>;
  /** Ends it this instant, without a chance to clean up: the next start mends that. */
  readonly kill: () => void;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10 * SECOND_MS;
/** A service that lived this long had started well: the next restart is quick again. */
const STEADY_MS = 30 * SECOND_MS;

/** Starts a service, and starts it again each time it ends unasked. Rejects only when the first start fails. */
export async function keepRunning<S extends Service>(options: {
  readonly name: string;
  readonly start: () => Promise<S>;
  readonly say: (line: string) => void;
  /** SIGKILL when absent. */
  readonly killSignal?: NodeJS.Signals;
}): Promise<Kept<S>> {
  const { name, start, say, killSignal = "SIGKILL" } = options;
  const first = await start();
  const stop = new AbortController();
  let current: Service | undefined = first;
  let pauseMs = FIRST_PAUSE_MS;

  const startAgain = async (): Promise<S | undefined> => {
    await sleep(pauseMs, undefined, { signal: stop.signal }).catch(() => undefined);
    if (stop.signal.aborted) return undefined;
    pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
    try {
      return await start();
    } catch (error) {
      say(`${name} cannot be started again yet: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  };
  const watch = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      if (current === undefined) {
        current = await startAgain();
        if (current !== undefined) say(`${name} runs again`);
        continue;
      }
      const sinceMs = performance.now();
      const how = await current.exited;
      if (stop.signal.aborted) return;
      if (performance.now() - sinceMs > STEADY_MS) pauseMs = FIRST_PAUSE_MS;
      say(`${name} ended by itself (${how}); starting it again`);
      current = undefined;
    }
  };
  const watching = watch();
  return {
    first,
    stop: async () => {
      stop.abort();
      await current?.stop();
      await watching;
      await current?.stop(); // what a restart under way has brought up meanwhile
    },
    kill: () => {
      stop.abort();
      if (current !== undefined) signalIfAlive(current.pid, killSignal);
    },
  };
}

function signalIfAlive(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended already.
  }
}
