import type pg from "pg";

const DAY_MS = 86_400_000;

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

/** `day`: whole days since 1970, UTC. */
async function ensurePartition(client: pg.PoolClient, day: number): Promise<void> {
  const from = isoDay(day);
  const to = isoDay(day + 1);
  const name = `events_${from.replaceAll("-", "")}`;
  const range = `for values from ('${from} 00:00:00+00') to ('${to} 00:00:00+00')`;
  if (await exists(client, name)) return;
  await client.query("begin");
  try {
    await client.query("select pg_advisory_xact_lock(hashtext('portcullis events partitions'))");
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

function isoDay(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}
