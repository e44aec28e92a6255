import type pg from "pg";
import type { RepeatedAccept } from "../domain/record.ts";
import { hashArray, instantArray, uuidArray } from "./binary-arrays.ts";
import { OUTBOX_CHANNEL } from "./outbox.ts";

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
 * superseded it. An event that is stored already has moved its session's Accept on to its instant, so that none comes here twice.
 * Whatever does not find it so does not fit: after another edge's Stop, in a database restored from a backup, delivered again;
 * and a second Accept of one session in one batch, which an update passes over. A client's row is written when it lags, or
 * tells of something else, such as a Reject in between.
 *
 * For `offset 0` and `is true` see authentication-records.ts; `< 'infinity'` keeps the planner from the indexes of open
 * sessions.
 */
const RECORD_REPEATS = `
with incoming as (
  select * from unnest($1::uuid[], $2::timestamptz[], $3::uuid[], $4::bytea[]) as r(id, at, session_id, content_hash)
), touched as (
  update sessions s set
    accepted_at = r.at, decision_id = r.id, last_seen_at = greatest(s.last_seen_at, r.at), is_repeated = true
  from incoming r
  where s.id = r.session_id and (s.ended_at < 'infinity') is not true and s.content_hash = r.content_hash
    and s.accepted_at < r.at
  returning r.id, r.at, s.organization_id, s.mac, s.identity, s.content_hash
), recorded as (
  insert into events (id, at, organization_id, type, mac, identity, content_hash)
  select id, at, organization_id, 'NAC_CLIENT_PERMIT', mac, identity, content_hash from touched
), seen_clients as (
  update clients c set
    last_seen_at = greatest(c.last_seen_at, t.at), authenticated_at = t.at, last_event_id = t.id,
    last_status = case when c.last_status = 'denied' then 'permitted' else c.last_status end,
    content_hash = t.content_hash, identity = t.identity
  from touched t
  where c.organization_id = t.organization_id and c.mac = t.mac and c.authenticated_at <= t.at
    and (c.authenticated_at < t.at - ${CLIENT_LAG} or c.content_hash <> t.content_hash)
), wishes as (
  insert into outbox (organization_id, kind, subject, payload)
  select distinct on (organization_id, identity) organization_id, 'session_changed', identity,
    jsonb_strip_nulls(jsonb_build_object('eventId', id, 'text', text, 'mac', replace(mac::text, ':', ''),
      'at', floor(extract(epoch from at) * 1000)))
  from touched t
  cross join lateral (
    select c.text from event_contents c
    where c.organization_id = t.organization_id and c.hash = t.content_hash
    offset 0
  ) as c
  where exists (
    select from enforcements e
    where e.organization_id = t.organization_id and e.identity = t.identity and e.closed_at is null
    offset 0)
  order by organization_id, identity, at desc
  on conflict (organization_id, kind, subject) do update set
    generation = outbox.generation + 1, payload = excluded.payload
  returning id
)
select id from incoming where (id in (select id from touched)) is not true
union all
select null from (select pg_notify('${OUTBOX_CHANNEL}', '') where exists (select from wishes)) as told`;
