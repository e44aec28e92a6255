import type pg from "pg";
import type { RepeatedAccept } from "../domain/record.ts";
import { hashArray, instantArray, uuidArray } from "./binary-arrays.ts";

/** Answers with the ids of the events that did not fit, in rows `{ id }`: these are still to be written, whole. */
export function repeatBatch(batch: readonly RepeatedAccept[]): pg.QueryConfig {
  // In the order of clients, so that two edges' batches wait for each other instead of deadlocking.
  const accepts = batch.toSorted((a, b) => compare(a.mac, b.mac) || compare(a.sessionId, b.sessionId));
  return {
    name: "record repeats",
    text: RECORD_REPEATS,
    values: [
      uuidArray(accepts.map(({ id }) => id)),
      instantArray(accepts.map(({ at }) => at)),
      uuidArray(accepts.map(({ sessionId }) => sessionId)),
      hashArray(accepts.map(({ content }) => content)),
    ],
  };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** What a client's own row may lag behind its sessions and events: to write it each time would cost as much as the rest. */
const CLIENT_LAG = "interval '5 minutes'";

/**
 * The steady work of a fleet: a known client is accepted again, and nothing is new but the instant. Four values a record
 * come from the edge; the session's row knows the rest. An open session whose Accept said the same proves in one look-up
 * that evidence and contents are stored, since they came with it in one transaction, and that no other Accept has
 * superseded it; and that its client's row tells of it and no enforcement waits (`told_at`). An event that is stored already
 * has moved its session's Accept on to its instant, so that none comes here twice.
 *
 * Whatever does not find it so does not fit: after another edge's Stop, after a Reject or an Accept elsewhere, while a CoA is
 * to be proved, in a database restored from a backup, delivered again; and a second Accept of one session in one batch, which
 * an update passes over.
 *
 * For `is true` see authentication-records.ts; `< 'infinity'` keeps the planner from the indexes of open sessions.
 */
const RECORD_REPEATS = `
with incoming as (
  select * from unnest($1::uuid[], $2::timestamptz[], $3::uuid[], $4::bytea[]) as r(id, at, session_id, content_hash)
), touched as (
  update sessions s set
    accepted_at = r.at, decision_id = r.id, last_seen_at = greatest(s.last_seen_at, r.at), is_repeated = true,
    told_at = case when s.told_at < r.at - ${CLIENT_LAG} then r.at else s.told_at end
  from incoming r
  where s.id = r.session_id and (s.ended_at < 'infinity') is not true and s.content_hash = r.content_hash
    and s.accepted_at < r.at and s.told_at is not null
  returning r.id, r.at, s.organization_id, s.mac, s.identity, s.content_hash, s.told_at
), recorded as (
  insert into events (id, at, organization_id, type, mac, identity, content_hash)
  select id, at, organization_id, 'NAC_CLIENT_PERMIT', mac, identity, content_hash from touched
), seen_clients as (
  update clients c set
    last_seen_at = greatest(c.last_seen_at, t.at), authenticated_at = t.at, last_event_id = t.id,
    last_status = case when c.last_status = 'denied' then 'permitted' else c.last_status end,
    content_hash = t.content_hash, identity = t.identity
  from touched t
  where t.told_at = t.at and c.organization_id = t.organization_id and c.mac = t.mac and c.authenticated_at <= t.at
)
select id from incoming where (id in (select id from touched)) is not true`;
