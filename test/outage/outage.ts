import { setTimeout as sleep } from "node:timers/promises";
import { MINUTE_MS, SECOND_MS } from "../../domain/time.ts";

const LONG = process.env["PORTCULLIS_TEST_OUTAGE_SECONDS"];
/** How long a server stays away. `npm run test:outage` asks for longer than nearly all time-outs in the product. */
const OUTAGE_MS = Number(LONG ?? 10) * SECOND_MS;
/** Where an outage of whatever length would take minutes to heal: away only as long as a restart takes, unless a long run is asked for. */
export const RESTART_MS = LONG === undefined ? 0 : OUTAGE_MS;
/** Against a machine that has much else to do: no test is to measure it. */
const PATIENCE_MS = 3 * MINUTE_MS;

/** A whole test: what comes before the outage, the outage, and the recovery. */
export const TEST_MS = OUTAGE_MS + 2 * PATIENCE_MS;

/** How a server ends: asked to, or by `kill -9`. */
export type Ending = "stopped" | "killed";

/** A server process on a port and files of its own, to which it can come back. */
export interface Mortal {
  end(how: Ending): Promise<void>;
  /** Rejects when it does not come up. */
  restart(): Promise<void>;
}

/** Takes a server away for the length of an outage and brings it back; answers with what `meanwhile` did. */
export async function outage<T>(server: Mortal, how: Ending, meanwhile: () => Promise<T>, ms = OUTAGE_MS): Promise<T> {
  await server.end(how);
  const over = sleep(ms);
  const done = await meanwhile();
  await over;
  await server.restart();
  return done;
}

/** Waits for a fact, however long the machine takes. Rejects with its name when it does not come about. */
export async function until(fact: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`waited in vain until ${fact}`);
    await sleep(50);
  }
}
