import type { DirectoryHost } from "../../domain/directory.ts";
import { MINUTE_MS, SECOND_MS } from "../../domain/time.ts";
import { connectDirectory } from "./directory-connection.ts";
import type { DirectoryConnection, DirectoryTrust } from "./directory-connection.ts";
import { createDirectoryPool } from "./directory-pool.ts";

/** One server of a directory, with a circuit breaker: after a failure it rests, and then one caller finds out how it is. */
export interface DirectoryServer {
  /** Whether it may be asked now. True is for one: while it is not known how the server is, the next hears false. */
  mayBeAsked(): boolean;
  /**
   * Rejects where `work` fails, or does not end within the server's time or the `leftMs` of whoever asks, and has the server
   * rest; but it is no failing of the server's that it was given less than its time.
   */
  use<T>(work: (connection: DirectoryConnection) => Promise<T>, leftMs: number): Promise<T>;
  close(): void;
}

/** One slow answer is no outage; so many failures in a row are. */
const FAILURES_OF_AN_OUTAGE = 3;
/** Doubled with each further failure: a server that is down costs one client's patience now and then, not everybody's. */
const FIRST_REST_MS = 5 * SECOND_MS;
const LONGEST_REST_MS = MINUTE_MS;

/** `serverMs`: the time that the server has for each answer, connecting included. */
export function openDirectoryServer(host: DirectoryHost, trust: DirectoryTrust, serverMs: number): DirectoryServer {
  const pool = createDirectoryPool((signal) => connectDirectory(host, trust, signal));
  let failures = 0;
  let restsSince = -Infinity;
  let restsUntil = -Infinity;
  const restIfOut = (): void => {
    if (failures < FAILURES_OF_AN_OUTAGE) return;
    restsSince = performance.now();
    restsUntil = restsSince + Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** (failures - FAILURES_OF_AN_OUTAGE));
  };
  return {
    mayBeAsked() {
      if (performance.now() < restsUntil) return false;
      restIfOut();
      return true;
    },
    async use(work, leftMs) {
      const asked = performance.now();
      const signal = AbortSignal.timeout(Math.min(serverMs, leftMs));
      try {
        const result = await pool.use(work, signal);
        failures = 0;
        restsUntil = -Infinity;
        return result;
      } catch (error) {
        const wasCutShort = signal.aborted && leftMs < serverMs;
        // Those that were under way when the rest began are of the same outage.
        if (!wasCutShort && asked >= restsSince) {
          failures++;
          restIfOut();
        }
        throw error;
      }
    },
    close: () => pool.close(),
  };
}
