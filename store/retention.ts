import { sql } from "kysely";
import pg from "pg";
import { uuidV7 } from "../domain/identifiers.ts";
import type { OrganizationId, SessionId } from "../domain/identifiers.ts";
import { CONTENTS_LAG } from "./event-contents.ts";
import type { Store } from "./pool.ts";

/** Rows of one statement: whoever wants one of them waits for so many at most. */
const BATCH = 500;
/** Rows of which one look through the tables tells that nothing refers to them. */
const FOUND_AT_ONCE = 20_000;

/** SQLSTATE of a lock that was not granted in time. */
const LOCK_NOT_AVAILABLE = "55P03";

/** A row that is stored once, whoever refers to it. */
interface Shared {
  readonly organization_id: OrganizationId;
  readonly hash: Buffer;
}

/**
 * Deletes what nothing refers to that is kept: events from `oldest` on, clients, sessions that are open or were seen or ended
 * since. In this order, for sessions and clients keep contents, and contents and sessions keep evidence. An interrupted
 * run leaves nothing half done. Answers `false` when evidence is left because others held its table; rejects between two
 * statements once `stop` says so.
 */
export async function forgetUnreferenced(store: Store, oldest: Date, stop?: AbortSignal): Promise<boolean> {
  await forgetSessions(store, oldest, stop);
  await forgetContents(store, oldest, stop);
  const isDone = await forgetEvidence(store, stop);
  // By which copies of old packets are recognized, and processes found: neither comes so late.
  await store.db.deleteFrom("nas_restarts").where("at", "<", oldest).execute();
  await store.db.deleteFrom("edges").where("seen_at", "<", oldest).execute();
  return isDone;
}

/**
 * Ids grow with time, so the key finds the old ones. Their CoA steps go with them. One that a record holds this moment stays
 * until the next time.
 */
async function forgetSessions({ db }: Store, oldest: Date, stop?: AbortSignal): Promise<void> {
  const until = uuidV7<SessionId>(oldest.getTime(), Buffer.alloc(10));
  let after = "00000000-0000-0000-0000-000000000000";
  for (let size = BATCH; size === BATCH;) {
    stop?.throwIfAborted();
    const { rows } = await sql<{ id: SessionId }>`
      with old as (
        select id from sessions
        where id > ${after}::uuid and id < ${until}::uuid and ended_at < ${oldest} and last_seen_at < ${oldest}
        order by id
        limit ${BATCH}
        for update skip locked
      )
      delete from sessions s using old where s.id = old.id returning s.id
    `.execute(db);
    size = rows.length;
    for (const { id } of rows) if (id > after) after = id;
  }
}

/**
 * A whole record dates what it says anew, and a repeat says what its open session said: what was found stays unsaid, or is
 * dated anew, before it is deleted.
 */
async function forgetContents({ db, pool }: Store, oldest: Date, stop?: AbortSignal): Promise<void> {
  const isOld = sql`written_at < ${oldest}::timestamptz - ${sql.raw(CONTENTS_LAG)}`;
  for (let size = FOUND_AT_ONCE; size === FOUND_AT_ONCE;) {
    const { rows } = await sql<Shared>`
      select organization_id, hash from event_contents c
      where ${isOld}
        and not exists (select from clients k where k.organization_id = c.organization_id and k.content_hash = c.hash)
        and not exists (select from sessions s where s.organization_id = c.organization_id and s.content_hash = c.hash)
      limit ${FOUND_AT_ONCE}
    `.execute(db);
    size = rows.length;
    for (const batch of batches(rows)) {
      stop?.throwIfAborted();
      await pool.query(FORGET_CONTENTS, [...columnsOf(batch), oldest]);
    }
  }
}

const FORGET_CONTENTS = `
with doomed as (
  select c.organization_id, c.hash from unnest($1::uuid[], $2::bytea[]) as d(organization_id, hash)
  join event_contents c using (organization_id, hash)
  where c.written_at < $3::timestamptz - ${CONTENTS_LAG}
  for update of c skip locked
)
delete from event_contents c using doomed d where c.organization_id = d.organization_id and c.hash = d.hash`;

/**
 * Evidence bears no date: whoever stores what refers to it stores it as well, and finds it there. So each batch is looked at
 * again while nobody stores any; who does waits for some milliseconds. Answers `false` when somebody did not let go of the table,
 * autovacuum for example: the next batch would only hold up others again.
 */
async function forgetEvidence({ db, pool }: Store, stop?: AbortSignal): Promise<boolean> {
  for (let size = FOUND_AT_ONCE; size === FOUND_AT_ONCE;) {
    const { rows } = await sql<Shared>`
      select organization_id, hash from evidence e where ${sql.raw(IS_UNREFERENCED)} limit ${FOUND_AT_ONCE}
    `.execute(db);
    size = rows.length;
    for (const batch of batches(rows)) {
      stop?.throwIfAborted();
      if (!(await forgetEvidenceOf(pool, batch))) return false;
    }
  }
  return true;
}

async function forgetEvidenceOf(pool: pg.Pool, batch: readonly Shared[]): Promise<boolean> {
  const client = await pool.connect();
  try {
    await client.query("begin");
    // Behind a waiting lock all who store evidence wait, and an edge writes its journal after half a second.
    await client.query("set local lock_timeout = '200ms'");
    await client.query("lock table evidence in share row exclusive mode");
    await client.query(FORGET_EVIDENCE, columnsOf(batch));
    await client.query("commit");
    return true;
  } catch (error) {
    await client.query("rollback");
    if (error instanceof pg.DatabaseError && error.code === LOCK_NOT_AVAILABLE) return false;
    throw error;
  } finally {
    client.release();
  }
}

const IS_UNREFERENCED = `
  not exists (select from event_contents c where c.organization_id = e.organization_id and c.evidence_hash = e.hash)
  and not exists (
    select from sessions s
    where s.organization_id = e.organization_id and s.evidence_hash = e.hash and s.content_hash is null)`;

/** On connections with `HOT_PATH_PLANS`: by keys, however large the tables are. */
export const FORGET_EVIDENCE = `
delete from evidence e using unnest($1::uuid[], $2::bytea[]) as d(organization_id, hash)
where e.organization_id = d.organization_id and e.hash = d.hash and ${IS_UNREFERENCED}`;

function* batches(rows: readonly Shared[]): Generator<readonly Shared[]> {
  for (let from = 0; from < rows.length; from += BATCH) yield rows.slice(from, from + BATCH);
}

function columnsOf(rows: readonly Shared[]): [readonly OrganizationId[], readonly Buffer[]] {
  return [rows.map((row) => row.organization_id), rows.map((row) => row.hash)];
}
