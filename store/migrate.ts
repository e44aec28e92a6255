import { runner } from "node-pg-migrate";
import { join } from "node:path";

const MIGRATIONS = join(import.meta.dirname, "migrations");

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
}
