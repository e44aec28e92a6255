import { types } from "node:util";
import pg from "pg";
import type { EventId } from "../domain/identifiers.ts";
import type { AuthenticationRecord, Recordable, RepeatedAccept } from "../domain/record.ts";
import { accountingBatch } from "./accounting-records.ts";
import { authenticationBatch, clientOf } from "./authentication-records.ts";
import { idsOf } from "./ids-statement.ts";
import type { Store } from "./pool.ts";
import { repeatBatch } from "./repeat-records.ts";

/** Beyond this a batch gains nothing and its locks last longer. */
const ROWS_AT_MOST = 1_000;

/** Batches of this process so far: how much the tables may have grown since a plan was made. */
let batches = 0;

/**
 * Makes an edge's records durable: the hot path. A batch is one to three statements in one transaction, whatever its size.
 * Only a record whose event is new goes on to client, session and wish, so that a batch delivered again is harmless.
 * Resolves after the commit.
 */
export async function recordBatch(store: Pick<Store, "pool">, records: readonly Recordable[]): Promise<void> {
  for (let start = 0; start < records.length; start += ROWS_AT_MOST) {
    await recordOnce(store.pool, distinct(records.slice(start, start + ROWS_AT_MOST)));
  }
}

async function recordOnce(pool: pg.Pool, records: readonly Recordable[]): Promise<void> {
  const decided = records.filter((record) => record.kind === "authentication");
  const accepts = records.filter((record) => record.kind === "repeatedAccept");
  // Beside another record of its client a repeat goes with that one: the client's row is to tell of the last of them.
  const macs = new Set(decided.map(clientOf));
  const repeats = accepts.filter(({ mac }) => !macs.has(mac));
  const authentications = [...decided, ...accepts.filter(({ mac }) => macs.has(mac)).map((repeat) => repeat.whole())];
  const accountings = records.filter((record) => record.kind === "accounting");
  // Postgres plans a statement once for its name. The name changes with each doubling, or a plan made for empty tables, where
  // anything is fast, would stay for a day.
  const age = Math.floor(Math.log2(++batches));
  const kinds = [repeats, authentications, accountings].filter(({ length }) => length > 0).length;
  const client = await pool.connect();
  try {
    // A statement alone is a transaction of its own, and spares two round trips. (What did not fit is then another.)
    if (kinds > 1) await client.query("begin");
    const unfit = repeats.length === 0 ? [] : await unfitOf(client, repeats, age);
    const whole = [...authentications, ...unfit];
    if (whole.length > 0) await send(client, named(authenticationBatch(whole), age));
    // Accounting goes last: a session may be accepted and started within one batch.
    if (accountings.length > 0) await send(client, named(accountingBatch(accountings), age));
    if (kinds > 1) await client.query("commit");
    client.release();
  } catch (error) {
    // Closing the connection rolls back, also where it is what broke.
    client.release(error instanceof Error ? error : true);
    throw error;
  }
}

/** Writes repeats, and answers with those that must be written whole. */
async function unfitOf(
  client: pg.PoolClient,
  repeats: readonly RepeatedAccept[],
  age: number,
): Promise<readonly AuthenticationRecord[]> {
  const ids = await idsOf(client, named(repeatBatch(repeats), age));
  if (ids.length === 0) return [];
  const unfit = new Set(ids);
  return repeats.filter(({ id }) => unfit.has(id)).map((repeat) => repeat.whole());
}

/**
 * Lets go of what was sent. The driver's statements stay for a while after they are done, and the texts of batches with them were
 * most of what an edge under load held between two whole collections (measured).
 */
async function send(client: pg.PoolClient, statement: pg.QueryConfig): Promise<void> {
  try {
    await client.query(statement);
  } finally {
    statement.values?.splice(0);
  }
}

/** Written out: what a spread makes lives on until a whole collection, and with it the values (authentication-records.ts). */
function named({ name, text, values = [] }: pg.QueryConfig, age: number): pg.QueryConfig {
  return { name: `${name} ${age}`, text, values };
}

/** The journal may hold what the batch before it had sent. */
function distinct(records: readonly Recordable[]): readonly Recordable[] {
  return [...new Map(records.map((record) => [idOf(record), record])).values()];
}

function idOf(record: Recordable): EventId {
  return record.kind === "repeatedAccept" ? record.id : record.event.id;
}

/**
 * True when Postgres, or the making of the statement, judged the records and will judge them so again: SQLSTATE classes 21
 * (cardinality), 22 (data), 23 (constraint) and 54 (too large or complex). All other failures, of which a schema that is
 * not migrated yet is one, pass or are mended, and the records must wait for that.
 */
export function isRefused(error: unknown): error is Error {
  if (!types.isNativeError(error)) return false;
  if (error instanceof pg.DatabaseError) return /^(21|22|23|54)/.test(error.code ?? "");
  return error instanceof TypeError || error instanceof RangeError;
}
