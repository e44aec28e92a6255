import type pg from "pg";
import { isRandomizedMac } from "../domain/mac-address.ts";
import type { MacAddress } from "../domain/mac-address.ts";
import type { AuthenticationRecord } from "../domain/record.ts";
import { CONTENTS_LAG, contentHash } from "./event-contents.ts";
import { jsonText } from "./json.ts";
import { nasNames, sameNas } from "./nas-names.ts";
import { OUTBOX_CHANNEL } from "./outbox.ts";

/** Everything that authentications leave behind, in one statement and one round trip. */
export function authenticationBatch(records: readonly AuthenticationRecord[]): pg.QueryConfig {
  return { name: "record authentications", text: RECORD_AUTHENTICATIONS, values: [jsonText(records.map(rowOf))] };
}

/** Whose record it is. */
export function clientOf({ session, event }: AuthenticationRecord): MacAddress | undefined {
  return session?.mac ?? event.mac;
}

/**
 * One literal, absent fields `undefined`: put together by spread, each row was a hash table of its own kind, ten times as much
 * garbage and of the sort that lives until a whole collection (measured).
 */
function rowOf(record: AuthenticationRecord): Record<string, unknown> {
  const { event, decided, session, lookUpWanted } = record;
  const mac = clientOf(record);
  const names = session && decided && nasNames(decided.evidence.nas);
  return {
    id: event.id,
    at: new Date(event.at),
    organization_id: event.organizationId,
    type: event.type,
    mac,
    identity: decided?.decision.identity ?? event.identity,
    text: event.text,
    body: event.body,
    content_hash: decided && contentHash(event, decided),
    evidence_hash: decided?.evidenceHash,
    evidence: decided?.evidence,
    decision: decided?.decision,
    random_mac: decided && mac !== undefined && isRandomizedMac(mac),
    status: decided && (decided.decision.access.kind === "accept" ? "permitted" : "denied"),
    look_up_wanted: lookUpWanted,
    session_id: session?.id,
    edge_id: session?.edgeId,
    applied: session?.applied,
    nas_id: names?.nas_id,
    nas_identifier: names?.nas_identifier,
    nas_ip_address: names?.nas_ip_address,
    nas_ipv6_address: names?.nas_ipv6_address,
    acct_session_id: session && decided?.evidence.nas.acctSessionId,
    policy_version: session && decided?.decision.policyVersion,
    verdict_revision: session && decided?.decision.verdictRevision,
  };
}

/**
 * Rows are written in the order of their keys, so that two edges' batches wait for each other instead of deadlocking.
 * Sessions are locked before clients, as repeats and accounting lock them: to count `written_sessions` is to write them first, and
 * `untold` must not come before `opened` to a row that both lock. (A count that nothing uses, the planner leaves out.)
 * A failed EAP has no decision: it is an event and nothing else (behaviour 2.1).
 *
 * All parts see the tables as they were before the statement; what one record of the batch does to another is told by
 * `lead`: the next Accept of a client on a NAS supersedes the one before, in the batch as in the table. A late record
 * (a journal's) never ends a later session, but is ended by it.
 *
 * An Accept that names a session which is there already repeats it (repeat-records.ts), and is written here where the client's
 * row must tell of something else or an enforcement waits for it: what a client did elsewhere, or a Reject, takes `told_at`
 * from its other sessions, and the next Accept gives it to its own. Two edges that do so for one client at the same moment may
 * not see each other's session; its row is then right after the lag that repeats allow it. One that had ended before opens
 * anew, and waits for its accounting again: the NAS goes on under the Class that this Accept carries. A client whose session has
 * started is told as that, and not as permitted, while it is accepted as before.
 *
 * `told_at` is not given to a session whose row is another than this statement saw: an enforcement that it did not see may have
 * taken it. And since a client's row lags behind repeats, a Reject is told only if no repeat of an open session is later.
 *
 * The plan is made once for a connection's life, perhaps on empty tables, and must still be right for millions of rows:
 * `offset 0` and `is true` keep the planner from turning look-ups by key into joins with whole tables, `is not distinct
 * from` leaves it the one index that is always small, and `HOT_PATH_PLANS` (pool.ts) does the rest.
 */
const RECORD_AUTHENTICATIONS = `
with incoming as (
  select * from json_to_recordset($1) as r(
    id uuid, at timestamptz, organization_id uuid, type text, mac macaddr, identity text, text text, body jsonb,
    content_hash text, evidence_hash text, evidence jsonb, decision jsonb, random_mac boolean, status text, look_up_wanted boolean,
    session_id uuid, edge_id uuid, applied jsonb, nas_id uuid, nas_identifier text, nas_ip_address inet,
    nas_ipv6_address inet, acct_session_id text, policy_version bigint, verdict_revision bigint)
), recorded as (
  insert into events (id, at, organization_id, type, mac, identity, content_hash, text, body)
  select id, at, organization_id, type, mac, identity, decode(content_hash, 'hex'),
    case when content_hash is null then text end, case when content_hash is null then body end
  from incoming
  on conflict do nothing
  returning id
), fresh as (
  select * from incoming where decision is not null and (id in (select id from recorded)) is true
), awaited as (
  select * from fresh f
  where exists (
    select from enforcements e
    where e.organization_id = f.organization_id and e.identity = f.identity and e.closed_at is null
    offset 0)
), telling as (
  select id
  from (
    select distinct on (organization_id, mac) *
    from fresh
    where mac is not null
    order by organization_id, mac, at desc, id desc
  ) as f
  where (id in (select id from awaited)) is not true
    and not exists (
      select from clients c
      where c.organization_id = f.organization_id and c.mac = f.mac and c.authenticated_at > f.at
      offset 0)
), kept_evidence as (
  insert into evidence (organization_id, hash, evidence)
  select distinct on (organization_id, evidence_hash) organization_id, decode(evidence_hash, 'hex'), evidence
  from fresh
  order by organization_id, evidence_hash
  on conflict do nothing
), kept_contents as (
  insert into event_contents as c (organization_id, hash, text, body, decision, evidence_hash)
  select distinct on (organization_id, content_hash)
    organization_id, decode(content_hash, 'hex'), text, body, decision, decode(evidence_hash, 'hex')
  from fresh
  order by organization_id, content_hash
  on conflict (organization_id, hash) do update set written_at = excluded.written_at
  where c.written_at < excluded.written_at - ${CONTENTS_LAG}
), accepts as (
  select *, lead(at) over (
    partition by organization_id, mac, nas_id, nas_identifier, nas_ip_address, nas_ipv6_address order by at, id) as next_at
  from (
    select distinct on (session_id) *, count(*) over (partition by session_id) > 1 as is_repeated
    from fresh
    where session_id is not null
    order by session_id, at desc, id desc
  ) as last_accepts
), superseded as (
  update sessions set ended_at = ended.at, end_reason = 'superseded'
  from (
    select s.id, min(a.at) as at
    from accepts a
    cross join lateral (
      select id from sessions s
      where s.mac = a.mac and s.ended_at is null and s.accepted_at <= a.at
        and s.nas_id is not distinct from a.nas_id and ${sameNas("s", "a")}
      offset 0
    ) as s
    group by s.id
  ) as ended
  where sessions.id = ended.id and (sessions.id in (select session_id from accepts)) is not true
  returning sessions.id
), opened as (
  insert into sessions as s (id, organization_id, mac, identity, edge_id, nas_id, nas_identifier, nas_ip_address,
    nas_ipv6_address, acct_session_id, content_hash, evidence_hash, decision_id, applied, policy_version, verdict_revision,
    accepted_at, last_seen_at, ended_at, end_reason, is_repeated, told_at)
  select session_id, organization_id, mac, identity, edge_id, nas_id, nas_identifier, nas_ip_address,
    nas_ipv6_address, acct_session_id, decode(content_hash, 'hex'), decode(evidence_hash, 'hex'), a.id, applied,
    policy_version, verdict_revision, at, at, ended_at, case when ended_at is not null then 'superseded' end, is_repeated,
    case when (a.id in (select id from telling)) is true then at end
  from accepts a
  cross join lateral (
    select least(a.next_at, min(s.accepted_at)) as ended_at
    from sessions s
    where s.mac = a.mac and s.ended_at is null and s.accepted_at > a.at and s.id <> a.session_id
      and s.nas_id is not distinct from a.nas_id and ${sameNas("s", "a")}
  ) as later
  order by mac, session_id
  on conflict (id) do update set
    accepted_at = excluded.accepted_at, decision_id = excluded.decision_id, is_repeated = true,
    last_seen_at = greatest(s.last_seen_at, excluded.last_seen_at),
    acct_session_id = case when s.ended_at is null then s.acct_session_id else excluded.acct_session_id end,
    accounting_started_at = case when s.ended_at is null then s.accounting_started_at end,
    ended_at = excluded.ended_at, end_reason = excluded.end_reason,
    told_at = case when s.xmin = (select seen.xmin from sessions seen where seen.id = s.id) then excluded.told_at end
  where excluded.accepted_at >= s.accepted_at and (s.ended_at > excluded.accepted_at) is not true
  returning s.id
), untold as (
  update sessions set told_at = null
  from (
    select distinct s.id
    from fresh f
    cross join lateral (
      select id from sessions s
      where s.mac = f.mac and s.ended_at is null and s.organization_id is not distinct from f.organization_id
        and s.told_at is not null
      offset 0
    ) as s
  ) as other
  where sessions.id = other.id and (sessions.id in (select id from superseded)) is not true
    and (sessions.id in (select id from opened)) is not true
  returning sessions.id
), written_sessions as (
  select id from opened union all select id from superseded union all select id from untold
), seen_clients as (
  insert into clients as c (organization_id, mac, identity, random_mac, first_seen_at, last_seen_at, authenticated_at,
    last_event_id, last_status, content_hash)
  select distinct on (organization_id, mac) organization_id, mac, identity, random_mac,
    min(at) over (partition by organization_id, mac), at, at, id, status, decode(content_hash, 'hex')
  from fresh
  where mac is not null and (select count(*) from written_sessions) >= 0
  order by organization_id, mac, at desc, id desc
  on conflict (organization_id, mac) do update set
    identity = excluded.identity, last_seen_at = greatest(c.last_seen_at, excluded.last_seen_at),
    authenticated_at = excluded.authenticated_at, last_event_id = excluded.last_event_id,
    last_status = case
      when excluded.last_status = 'permitted' and c.last_status = 'session_started'
        and excluded.content_hash = c.content_hash then c.last_status
      else excluded.last_status
    end,
    content_hash = excluded.content_hash
  where excluded.authenticated_at >= c.authenticated_at
    and (excluded.last_status <> 'denied' or not exists (
      select from sessions s
      where s.mac = c.mac and s.ended_at is null and s.organization_id is not distinct from c.organization_id
        and s.is_repeated and s.accepted_at > excluded.authenticated_at
      offset 0))
), wishes as (
  insert into outbox (organization_id, kind, subject, payload)
  select distinct on (organization_id, kind, identity) organization_id, kind, identity,
    jsonb_strip_nulls(jsonb_build_object('eventId', id, 'text', text, 'mac', replace(mac::text, ':', ''),
      'at', floor(extract(epoch from at) * 1000)))
  from (
    select *, 'seen' as kind from fresh where look_up_wanted
    union all
    select *, 'session_changed' from awaited
  ) as wished
  where identity is not null
  order by organization_id, kind, identity, at desc, id desc
  on conflict (organization_id, kind, subject) do update set
    generation = outbox.generation + 1, payload = excluded.payload
  returning id
)
select pg_notify('${OUTBOX_CHANNEL}', '') where exists (select from wishes)`;
