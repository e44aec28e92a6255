import { Kysely, PostgresDialect } from "kysely";
import type { Transaction } from "kysely";
import pg from "pg";
import { parseMac } from "../domain/mac-address.ts";
import type { DB as Database } from "./database.ts";
import type { Seals } from "./seals.ts";

/** What every function of this folder works on. */
export interface Store {
  readonly db: Kysely<Database>;
  /** For the plain statements of the hot path. */
  readonly pool: pg.Pool;
  readonly seals: Seals;
  close(): Promise<void>;
}

export type Trx = Transaction<Database>;

/** The part of a logger that this folder uses; pino's fits. */
export interface StoreLog {
  warn(details: object, message: string): void;
}

export interface StoreOptions {
  readonly databaseUrl: string;
  readonly seals: Seals;
  readonly log?: StoreLog;
  /** Connections at most. */
  readonly max?: number;
}

/** Opens lazily: the first query connects, so that a process starts while Postgres is away. */
export function openStore({ databaseUrl, seals, log, max = 10 }: StoreOptions): Store {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max,
    types: { getTypeParser },
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
  });
  // An idle connection that breaks is news, not a failure: without this listener Node would end the process.
  pool.on("error", (error) => log?.warn({ err: error }, "an idle database connection broke"));
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
  return { db, pool, seals, close: () => db.destroy() };
}

/** Object ids of types in the catalogue pg_type. */
const INT8 = 20;
const MACADDR = 829;

/** bigint as number (our counters stay far below 2^53), macaddr as domain MacAddress; the rest as pg reads it. */
function getTypeParser(oid: number, format?: "text" | "binary"): (text: string) => unknown {
  if (oid === INT8) return Number;
  if (oid === MACADDR) return parseMac;
  return pg.types.getTypeParser(oid, format ?? "text") as (text: string) => unknown;
}
