import { Kysely, PostgresDialect } from "kysely";
import type { Transaction } from "kysely";
import pg from "pg";
import { parseMac } from "../domain/mac-address.ts";
import type { DB as Database } from "./database.ts";
import type { Seals } from "./seals.ts";

/** What every function of this folder works on. */
export interface Store {
  readonly db: Kysely<Database>;
  /** For the plain statements of the hot path, with `HOT_PATH_PLANS`; opened by the first of them. */
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

/**
 * Statements of the hot path look up a batch's rows by key. Their plans are made once, perhaps while tables are empty and
 * a scan is as good as an index; these settings leave the planner only what stays right when they are not. Without the last
 * two it plans anew for each small batch, which takes as long as the work, or compiles what one batch may do.
 */
const HOT_PATH_PLANS =
  "set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off; set plan_cache_mode = force_generic_plan; set jit = off";
/** One batch is on its way at a time: more writers make each slower. The second is for what else uses the pool. */
const HOT_PATH_CONNECTIONS = 2;
/** A connection that a firewall forgot must not hold up what waits for delivery: it is given up, and another one made. */
const HOT_PATH_ANSWER_MS = 30_000;

/** Opens lazily: the first query connects, so that a process starts while Postgres is away. */
export function openStore({ databaseUrl, seals, log, max = 10 }: StoreOptions): Store {
  const common = {
    connectionString: databaseUrl,
    types: { getTypeParser },
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
  };
  const queries = new pg.Pool({ ...common, max });
  const pool = new pg.Pool({
    ...common,
    max: HOT_PATH_CONNECTIONS,
    query_timeout: HOT_PATH_ANSWER_MS,
    // oxlint-disable-next-line typescript/no-misused-promises -- pg-pool waits for it; its types do not say so
    onConnect: async (client) => {
      await client.query(HOT_PATH_PLANS);
    },
  });
  for (const each of [queries, pool]) {
    // An idle connection that breaks is news, not a failure: without this listener Node would end the process.
    each.on("error", (error) => log?.warn({ err: error }, "an idle database connection broke"));
    // One that breaks while a statement holds it fails that statement; it is told a second time, where no pool listens.
    each.on("connect", (client) => client.on("error", () => undefined));
  }
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool: queries }) });
  return { db, pool, seals, close: async () => void (await Promise.all([db.destroy(), pool.end()])) };
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
