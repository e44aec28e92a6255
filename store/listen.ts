import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import type { StoreLog } from "./pool.ts";

/** A connection that listens, until it is closed. */
export interface Listener {
  close(): Promise<void>;
}

export interface ListenOptions {
  readonly databaseUrl: string;
  readonly channel: string;
  readonly onNotification: (payload: string) => void;
  /** The connection is back: notifications of the gap are lost, so read again what they would have told. */
  readonly onReconnect: () => void;
  readonly log?: StoreLog | undefined;
}

const RETRY_MS = 500;
/** A connection that a firewall forgot fails this check within `ANSWER_MS`, and not at the next notification, never. */
const CHECK_EVERY_MS = 15_000;
const ANSWER_MS = 5_000;

/**
 * Listens on one channel, and goes on trying whenever Postgres is away. Resolves after the first attempt: listening, or
 * with `onReconnect` to come.
 */
export async function listen(options: ListenOptions): Promise<Listener> {
  const stop = new AbortController();
  const { promise: attempted, resolve: onAttempt } = deferred();
  const ended = keepListening(options, stop.signal, onAttempt);
  await attempted;
  return {
    close: async () => {
      stop.abort();
      await ended;
    },
  };
}

async function keepListening(options: ListenOptions, stop: AbortSignal, onAttempt: () => void): Promise<void> {
  for (let attempt = 1; !stop.aborted; attempt++) {
    try {
      await listenOnce(options, stop, () => {
        onAttempt();
        if (attempt > 1) options.onReconnect();
      });
    } catch (error) {
      options.log?.warn({ err: error, channel: options.channel }, "notifications are cut off; connecting again");
      onAttempt();
      await pause(RETRY_MS, stop);
    }
  }
}

/** Until `stop`; rejects when the connection is lost. */
async function listenOnce(options: ListenOptions, stop: AbortSignal, onListening: () => void): Promise<void> {
  const client = new pg.Client({
    connectionString: options.databaseUrl,
    connectionTimeoutMillis: ANSWER_MS,
    query_timeout: ANSWER_MS,
    keepAlive: true,
  });
  const lost = new Promise<never>((_, reject) => {
    client.on("error", reject);
    client.on("end", () => reject(new Error("the connection ended")));
  });
  lost.catch(() => undefined); // also while nobody waits for it
  client.on("notification", ({ payload = "" }) => options.onNotification(payload));
  try {
    await client.connect();
    await client.query(`listen ${pg.escapeIdentifier(options.channel)}`);
    onListening();
    while (!stop.aborted) {
      await Promise.race([lost, pause(CHECK_EVERY_MS, stop)]);
      if (!stop.aborted) await client.query("select 1");
    }
  } finally {
    await Promise.race([client.end().catch(() => undefined), sleep(ANSWER_MS, undefined, { ref: false })]);
  }
}

function pause(ms: number, stop: AbortSignal): Promise<void> {
  return sleep(ms, undefined, { signal: stop, ref: false }).catch(() => undefined);
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve };
}
