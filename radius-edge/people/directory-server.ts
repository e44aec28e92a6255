import type { DirectoryHost } from "../../domain/directory.ts";
import { MINUTE_MS, SECOND_MS } from "../../domain/time.ts";
import { connectDirectory } from "./directory-connection.ts";
import type { DirectoryConnection, DirectoryTrust } from "./directory-connection.ts";
import { createDirectoryPool } from "./directory-pool.ts";

/** One server of a directory, with a circuit breaker: after a failure it rests, and then one caller finds out how it is. */
export interface DirectoryServer {
  /** Whether it may be asked now. True is for one: while it is not known how the server is, the next hears false. */
  mayBeAsked(): boolean;
  /** Rejects, and has the server rest, where `work` fails or does not end in time. */
  use<T>(work: (connection: DirectoryConnection) => Promise<T>, limitMs: number): Promise<T>;
  close(): void;
}

/** One slow answer is no outage; so many failures in a row are. */
const FAILURES_OF_AN_OUTAGE = 3;
/** Doubled with each further failure: a server that is down costs one client's patience now and then, not everybody's. */
const FIRST_REST_MS = 5 * SECOND_MS;
const LONGEST_REST_MS = MINUTE_MS;

export function openDirectoryServer(host: DirectoryHost, trust: DirectoryTrust): DirectoryServer {
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
    async use(work, limitMs) {
      const asked = performance.now();
      try {
        const result = await pool.use(work, AbortSignal.timeout(limitMs));
        failures = 0;
        restsUntil = -Infinity;
        return result;
      } catch (error) {
        // Those that were under way when the rest began are of the same outage.
        if (asked >= restsSince) {
          failures++;
          restIfOut();
        }
        throw error;
      }
    },
    close: () => pool.close(),
  };
}
