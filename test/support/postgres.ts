import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";

const TEMPLATE = "portcullis_template";

/** A database of a test's own, with the product's schema and no rows. */
export interface TestDatabase {
  readonly url: string;
  /** Ends every session on it and removes it. */
  drop(): Promise<void>;
}

/** Clones the migrated template: some 30 ms. Call it once per test file, and `drop` in `afterAll`. */
export function createDatabase(): Promise<TestDatabase> {
  return create(`TEMPLATE ${TEMPLATE}`);
}

/** An empty database without any schema, for the tests of the migrations themselves. */
export function createEmptyDatabase(): Promise<TestDatabase> {
  return create("");
}

async function create(options: string): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString("hex")}`;
  await whenTemplateIsFree(() => administer(`CREATE DATABASE ${name} ${options}`));
  return { url: urlOf(name), drop: () => administer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

/** Makes the template for this run, still without a schema; answers with its URL. */
export async function createTemplate(): Promise<string> {
  await administer(`CREATE DATABASE ${TEMPLATE}`);
  return urlOf(TEMPLATE);
}

async function administer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: clusterUrl() });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** Postgres refuses to clone a database that has a session; another clone in progress counts as one. */
async function whenTemplateIsFree(clone: () => Promise<void>): Promise<void> {
  const OBJECT_IN_USE = "55006"; // PostgreSQL manual, appendix A
  for (let attempt = 1; ; attempt++) {
    try {
      return await clone();
    } catch (error) {
      if ((error as { code?: string }).code !== OBJECT_IN_USE || attempt === 100) throw error;
      await sleep(50);
    }
  }
}

function urlOf(database: string): string {
  const url = new URL(clusterUrl());
  url.pathname = `/${database}`;
  return url.href;
}

function clusterUrl(): string {
  const url = process.env["PORTCULLIS_TEST_POSTGRES"];
  if (url === undefined)
    throw new Error("no test Postgres: run tests through jest, which starts it (test/support/global-setup.ts)");
  return url;
}
