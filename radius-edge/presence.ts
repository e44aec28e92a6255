import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { EdgeId } from "../domain/identifiers.ts";
import { SECOND_MS } from "../domain/time.ts";
import type { Log } from "../runtime/log.ts";
import { isDatabaseAway } from "../store/availability.ts";
import { heartbeatEdge, registerEdge, releaseEdge } from "../store/edges.ts";
import type { EdgeRegistered } from "../store/edges.ts";
import type { Store } from "../store/pool.ts";
import { newNonce } from "./edge-id.ts";
import type { Snapshot } from "./snapshot.ts";

const BEAT_EVERY_MS = 3 * SECOND_MS;
/** How long a start waits for Postgres to say whether the id is free. */
const REGISTER_WITHIN_MS = 2 * SECOND_MS;

class EdgeIdTakenError extends Error {
  override readonly name = "EdgeIdTakenError";
  constructor(id: EdgeId, { internalAddress, host = "an unknown host" }: Taken) {
    super(
      `another edge lives under id ${id} at ${internalAddress} on ${host}: where this state folder is a copy of its, delete ` +
        "edge-id here, and a new id is made; else set PORTCULLIS_EDGE_ID or another PORTCULLIS_STATE_DIR",
    );
  }
}
type Taken = Extract<EdgeRegistered, { readonly kind: "taken" }>;

/** What the log of the edge says that keeps its id. */
const CONTENDED =
  "another edge was started under this edge's id, and was refused: where its state folder is a copy of this one, delete " +
  "edge-id there, and a new id is made";

/**
 * Tells the installation that this edge lives, where its internal port is and which revisions it holds. Throws when
 * another process lives under the same id. While Postgres is away the edge answers unannounced, and is told by `onTaken`
 * when it turns out later that the id is another's.
 */
export async function announceEdge(options: {
  readonly store: Store;
  readonly id: EdgeId;
  readonly internalAddress: string;
  readonly snapshot: Pick<Snapshot, "revisions">;
  readonly log: Log;
  /** Another process lives under the id: this one must stop. The reason names the way out. */
  readonly onTaken: (reason: Error) => void;
}): Promise<{ close(): Promise<void> }> {
  const { store, id, internalAddress, log } = options;
  const nonce = newNonce();
  const host = await readHost();
  let isKnown = false;
  const register = async (): Promise<void> => {
    // Our internal port is open by now: who was killed there a moment ago need not be waited for.
    const registered = await registerEdge(store, { id, internalAddress, nonce, host, succeeds: true });
    if (registered.kind === "taken") throw new EdgeIdTakenError(id, registered);
    isKnown = true;
  };
  const first = register();
  await Promise.race([first, sleep(REGISTER_WITHIN_MS, undefined, { ref: false })]).catch((error: unknown) => {
    if (!isDatabaseAway(error)) throw error;
    log.warn({ err: error }, "the edge could not tell that it lives: it tries on");
  });
  first.catch(() => undefined); // where it was not waited for, the next beat meets the same

  const beat = async (): Promise<void> => {
    if (!isKnown) {
      await register().catch((error: unknown) => {
        if (!(error instanceof EdgeIdTakenError)) throw error;
        options.onTaken(error);
      });
      return;
    }
    const { isOurs, contender } = await heartbeatEdge(store, { id, nonce, revisions: options.snapshot.revisions });
    if (contender !== undefined) log.error({ id, contender }, CONTENDED);
    if (isOurs) return;
    // The row is gone (a restored database), or another's: only the latter is a reason to stop.
    const again = await registerEdge(store, { id, internalAddress, nonce, host });
    if (again.kind === "taken") options.onTaken(new EdgeIdTakenError(id, again));
  };
  const timer = setInterval(() => {
    void beat().catch((error: unknown) => log.warn({ err: error }, "the edge could not tell that it lives"));
  }, BEAT_EVERY_MS).unref();
  return {
    async close() {
      clearInterval(timer);
      await releaseEdge(store, { id, nonce }).catch(() => undefined);
    },
  };
}

/**
 * Name and boot (proc_sys_kernel(5), random/boot_id): two virtual machines may be copies down to their names, and containers of
 * one host have the boot in common.
 */
async function readHost(): Promise<string> {
  const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => "");
  return boot === "" ? hostname() : `${hostname()} (boot ${boot.trim()})`;
}
