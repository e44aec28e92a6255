import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "kysely";
import { createSeals } from "../../runtime/secrets.ts";
import { createOrganization } from "../../store/organizations.ts";
import { openStore } from "../../store/pool.ts";
import type { Store } from "../../store/pool.ts";
import type { OrganizationId } from "../../domain/identifiers.ts";
import { createDatabase } from "./postgres.ts";

/** A store on a database of the test's own, with secrets sealed as in production. */
export interface TestStore extends Store {
  readonly databaseUrl: string;
}

/** `close` it in `afterAll`: that drops its database. */
export async function openTestStore(): Promise<TestStore> {
  const database = await createDatabase();
  const key = { kid: "test", key: randomBytes(32) };
  const store = openStore({ databaseUrl: database.url, seals: createSeals({ current: key, all: [key] }) });
  return {
    ...store,
    databaseUrl: database.url,
    close: async () => {
      await store.close();
      await database.drop();
    },
  };
}

/** A new organization, so that tests of one file share a database and nothing else. */
export async function newOrganization(store: Store, name = "Acme"): Promise<OrganizationId> {
  return (await createOrganization(store, { name })).id;
}

/** Until so many sessions of the store's database wait for a lock. */
export async function untilSomebodyWaits(store: Store, many = 1): Promise<void> {
  for (;;) {
    const { rows } = await sql<{ waiting: number }>`
      select count(distinct pid) as waiting from pg_locks join pg_stat_activity using (pid)
      where not granted and datname = current_database()
    `.execute(store.db);
    if (rows[0]!.waiting >= many) return;
    await sleep(20);
  }
}
