import { runner } from "node-pg-migrate";
import { join } from "node:path";
import pg from "pg";
import { ensurePartitions } from "./partitions.ts";

const MIGRATIONS = join(import.meta.dirname, "migrations");
/** The relay makes the days after these. */
const FIRST_DAYS = 7;

/** Brings a database to this version's schema. Several processes may call it at once: all but one wait, then find nothing to do. */
export async function migrate(databaseUrl: string): Promise<void> {
  await runner({
    databaseUrl,
    dir: MIGRATIONS,
    ignorePattern: "(?!.*\\.sql$).*",
    migrationsTable: "migrations",
    direction: "up",
    advisoryLockMode: "wait",
    log: () => undefined,
  });
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 });
  pool.on("error", () => undefined); // a connection lost between two statements fails the second
  try {
    await ensurePartitions({ pool }, { daysAhead: FIRST_DAYS });
  } finally {
    await pool.end();
  }
}
