import type pg from "pg";
import type { Store } from "./pool.ts";
import { forgetUnreferenced } from "./retention.ts";

const DAY_MS = 86_400_000;
/** One process at a time, until its transaction ends. */
const LOCK = "select pg_advisory_xact_lock(hashtext('portcullis events partitions'))";

/**
 * Makes the day partitions of events from yesterday (late journals) to `daysAhead` from now, UTC. Events of a day without
 * one wait in the default partition and move when theirs is made. Several processes may call it at once.
 */
export async function ensurePartitions(
  { pool }: { readonly pool: pg.Pool },
  { daysAhead }: { readonly daysAhead: number },
): Promise<void> {
  const today = Math.floor(Date.now() / DAY_MS);
  const client = await pool.connect();
  try {
    for (let day = today - 1; day <= today + daysAhead; day++) await ensurePartition(client, day);
  } finally {
    client.release();
  }
}

/**
 * Drops the events of days that ended more than `retentionDays` days ago, UTC, whole partitions at a time; answers with
 * their names. What came later for such a day, out of a late journal, goes with them, and so does what is kept for such events
 * alone (retention.ts). Waits no more than two seconds for readers and writers of events: behind a waiting drop all of
 * them would wait. Rejects then, and when `stop` says so; the next call tries again.
 */
export type Retention = (stop?: AbortSignal) => Promise<readonly string[]>;

/**
 * The tables are looked through when events went, not each time, and again until all is deleted that went with them. The first
 * call looks in any case: a process before this one may have ended in between.
 */
export function createRetention(store: Store, { retentionDays }: { readonly retentionDays: number }): Retention {
  let isOwed = true;
  return async (stop) => {
    const oldest = isoDay(Math.floor(Date.now() / DAY_MS) - retentionDays);
    const { names, late } = await dropBefore(store.pool, oldest).catch((error: unknown) => {
      // Of several days the first may be gone.
      isOwed = true;
      throw error;
    });
    isOwed ||= names.length + late > 0;
    if (isOwed) isOwed = !(await forgetUnreferenced(store, new Date(oldest), stop));
    return names;
  };
}

/** `late`: how many events of such days had no partition. */
async function dropBefore(pool: pg.Pool, oldest: string): Promise<{ names: readonly string[]; late: number }> {
  const client = await pool.connect();
  try {
    const { rows } = await client.query<{ name: string }>(
      `select relname as name from pg_inherits join pg_class on oid = inhrelid
       where inhparent = 'events'::regclass and relname ~ '^events_\\d{8}$' and relname < $1 order by relname`,
      [partitionName(oldest)],
    );
    for (const { name } of rows) await dropPartition(client, name);
    const { rowCount } = await client.query("delete from events_default where at < $1", [`${oldest} 00:00:00+00`]);
    return { names: rows.map(({ name }) => name), late: rowCount ?? 0 };
  } finally {
    client.release();
  }
}

async function dropPartition(client: pg.PoolClient, name: string): Promise<void> {
  await client.query("begin");
  try {
    await client.query("set local lock_timeout = '2s'");
    await client.query(LOCK);
    await client.query(`drop table if exists ${name}`);
    await client.query("commit");
  } catch (error) {
    await client.query("rollback");
    throw error;
  }
}

/** `day`: whole days since 1970, UTC. */
async function ensurePartition(client: pg.PoolClient, day: number): Promise<void> {
  const from = isoDay(day);
  const to = isoDay(day + 1);
  const name = partitionName(from);
  const range = `for values from ('${from} 00:00:00+00') to ('${to} 00:00:00+00')`;
  if (await exists(client, name)) return;
  await client.query("begin");
  try {
    await client.query(LOCK);
    if (!(await exists(client, name))) {
      // Filled before it is attached: Postgres refuses a partition whose rows the default one holds.
      await client.query(`create table ${name} (like events including defaults)`);
      await client.query("lock table events_default in access exclusive mode");
      await client.query(`
        with moved as (
          delete from events_default where at >= '${from} 00:00:00+00' and at < '${to} 00:00:00+00' returning *
        )
        insert into ${name} select * from moved`);
      await client.query(`alter table events attach partition ${name} ${range}`);
    }
    await client.query("commit");
  } catch (error) {
    await client.query("rollback");
    throw error;
  }
}

async function exists(client: pg.PoolClient, table: string): Promise<boolean> {
  // Not to_regclass: it may answer from a cache that knows nothing of what another process has just committed.
  const { rowCount } = await client.query(
    "select from pg_class where relname = $1 and relnamespace = current_schema()::regnamespace",
    [table],
  );
  return rowCount !== 0;
}

function partitionName(isoDay: string): string {
  return `events_${isoDay.replaceAll("-", "")}`;
}

function isoDay(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}
