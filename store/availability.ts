import { types } from "node:util";
import { sql } from "kysely";
import type { Store } from "./pool.ts";

/** Node's names for a connection that could not be made or broke. */
const CONNECTION_CODES: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOENT", // a Unix socket that is gone
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "EPIPE",
  "ETIMEDOUT",
]);

/**
 * True when a statement failed because Postgres is away, and not because of the statement: no connection, or SQLSTATE
 * class 08 (connection), 57P01 to 57P03 (shutting down, crashed, starting), 53300 (too many connections).
 */
export function isDatabaseAway(error: unknown): boolean {
  if (!types.isNativeError(error)) return false;
  // What Node throws when a name has several addresses and none answers.
  const { code, errors } = error as { code?: unknown; errors?: readonly unknown[] };
  if (errors?.some(isDatabaseAway) === true) return true;
  if (typeof code === "string") return CONNECTION_CODES.has(code) || /^(08...|57P0[123]|53300)$/.test(code);
  // pg gives these no code.
  return /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/.test(
    error.message,
  );
}

/** What Postgres takes the time to be, epoch milliseconds. */
export async function readDatabaseClock(store: Store): Promise<number> {
  const { rows } = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(store.db);
  return rows[0]!.now.getTime();
}

/** `undefined` when Postgres answers, else why not. */
export async function pingDatabase(store: Store): Promise<string | undefined> {
  try {
    await sql`select 1`.execute(store.db);
    return undefined;
  } catch (error) {
    return error instanceof Error && error.message !== "" ? error.message : "no connection";
  }
}
