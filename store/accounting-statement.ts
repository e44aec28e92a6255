import { sameNas } from "./nas-names.ts";
import { OUTBOX_CHANNEL } from "./outbox.ts";

/** How long copies of one packet follow one another (RFC 5080 §2.2.1: 30 s unless told otherwise, so twice that). */
const COPIES = "interval '1 minute'";
/** What began later than this after the end of a session of the same name is another one. */
const OVERTAKEN = "interval '30 seconds'";

/**
 * A record reaches its session, in this order: by the id in Class, on the NAS that the Class was given for; by NAS and
 * Acct-Session-Id; as the client's session there of which accounting has said nothing yet. One that reaches none tells of
 * a stay that no Accept of ours began: it opens a session, continued where the Class is ours, else unverified. (A Class
 * whose session is not here yet is in a journal, and opens nothing.) A Stop opens one that is over, so that the Start
 * that it overtook finds it. A client is on a NAS once, and an Acct-Session-Id names one session of a NAS (RFC 2866
 * §5.5): what opens or starts supersedes the others.
 *
 * On or Off ends the NAS's sessions accepted before the moment it speaks of; a copy speaks of the first one's moment.
 * Several records of one session fold into one update; an ended session stays ended, but for one thing: the NAS's own
 * word on the end of a session that a later Accept had superseded meanwhile. A Stop from before an Accept that repeated
 * the session's first ends nothing.
 *
 * A client is `session_stopped` only when none of its sessions goes on: the stop at the access point that it left comes
 * after the start at the one it roamed to.
 *
 * For `offset 0`, `is true` and `is not distinct from` see authentication-records.ts.
 */
export const RECORD_ACCOUNTING = `
with incoming as (
  select * from json_to_recordset($1) as r(
    id uuid, at timestamptz, organization_id uuid, type text, mac macaddr, identity text, text text, body jsonb,
    accounting text, ends boolean, nas_id uuid, nas_identifier text, nas_ip_address inet, nas_ipv6_address inet,
    nas_name text, session_id uuid, acct_session_id text, edge_id uuid, evidence jsonb, accounted_at timestamptz,
    began_at timestamptz, ip inet, end_reason text)
), recorded as (
  insert into events (id, at, organization_id, type, mac, identity, text, body)
  select id, at, organization_id, type, mac, identity, text, body from incoming
  on conflict do nothing
  returning id
), fresh as (
  select * from incoming where (id in (select id from recorded)) is true
), restarts as (
  select f.*, least(min(f.accounted_at) over copies, first.at) as moment
  from fresh f
  left join lateral (
    select r.at from nas_restarts r
    where r.organization_id = f.organization_id and r.nas_id = f.nas_id and r.nas_name = f.nas_name
      and r.accounting = f.accounting and r.acct_session_id is not distinct from f.acct_session_id
      and r.at between f.accounted_at - ${COPIES} and f.accounted_at
    offset 0
  ) as first on true
  where f.accounting in ('on', 'off')
  window copies as (partition by organization_id, nas_id, nas_name, accounting, acct_session_id
    order by accounted_at range between ${COPIES} preceding and current row)
), remembered as (
  insert into nas_restarts as r (organization_id, nas_id, nas_name, accounting, acct_session_id, at)
  select distinct on (organization_id, nas_id, nas_name, accounting)
    organization_id, nas_id, nas_name, accounting, acct_session_id, moment
  from restarts
  order by organization_id, nas_id, nas_name, accounting, moment desc
  on conflict (organization_id, nas_id, nas_name, accounting) do update set
    acct_session_id = excluded.acct_session_id, at = excluded.at
  where excluded.at > r.at
), found as (
  select f.*, s.id as session, s.mac as session_mac, s.identity as session_identity, s.ended_at is not null as was_over,
    s.is_repeated and s.accepted_at > f.accounted_at and f.ends as is_former
  from fresh f
  left join lateral (
    select c.* from (
      select s.*, 1 as distance from sessions s
      where s.id = f.session_id and ${sameNas("s", "f")}
        and (s.acct_session_id is null or s.acct_session_id = f.acct_session_id or s.accounting_started_at is null)
      union all
      (select s.*, case when s.ended_at is null then 2 else 4 end from sessions s
      where s.nas_id = f.nas_id and s.acct_session_id = f.acct_session_id and ${sameNas("s", "f")}
        and (s.mac = f.mac) is not false and (s.ended_at + ${OVERTAKEN} < f.began_at) is not true
      order by s.accepted_at desc
      limit 1)
      union all
      (select s.*, 3 from sessions s
      where s.mac = f.mac and s.ended_at is null and s.accounting_started_at is null
        and s.nas_id is not distinct from f.nas_id and ${sameNas("s", "f")}
        and f.session_id is null and not f.ends and s.accepted_at <= f.accounted_at
      order by s.accepted_at desc
      limit 1)
    ) as c
    order by c.distance
    limit 1
  ) as s on true
  where f.accounting in ('start', 'interim', 'stop')
), placed as (
  select f.*, o.identity as origin_identity, o.decision_id, o.applied, o.policy_version, o.verdict_revision,
    coalesce(o.evidence || jsonb_build_object('nas', f.evidence -> 'nas'), f.evidence) as stay_evidence,
    f.opens and (f.session_id is null or o.id is not null) as is_stay,
    first_value(f.id) over (stay order by f.accounted_at, f.id) as stay_id,
    min(f.began_at) over stay as accepted_at,
    min(f.accounted_at) filter (where not f.ends) over stay as started_at,
    max(f.accounted_at) over stay as last_seen_at,
    min(f.accounted_at) filter (where f.ends) over stay as stopped_at,
    min(f.end_reason) over stay as stop_reason
  from (select *, session is null and mac is not null as opens from found) as f
  left join lateral (
    select s.*, e.evidence from sessions s
    join evidence e on e.organization_id = s.organization_id and e.hash = s.evidence_hash
    where s.id = f.session_id and s.organization_id = f.organization_id and f.opens
    offset 0
  ) as o on true
  window stay as (partition by f.opens, f.organization_id, f.nas_id, f.nas_name, f.acct_session_id, f.mac)
), stays as (
  select * from placed where is_stay and id = stay_id
), kept_evidence as (
  insert into evidence (organization_id, hash, evidence)
  select distinct on (organization_id, stay_evidence)
    organization_id, sha256(convert_to(stay_evidence::text, 'UTF8')), stay_evidence
  from stays
  order by organization_id, stay_evidence
  on conflict do nothing
), opened as (
  insert into sessions (id, organization_id, mac, identity, edge_id, nas_id, nas_identifier, nas_ip_address,
    nas_ipv6_address, acct_session_id, evidence_hash, decision_id, applied, policy_version, verdict_revision, accepted_at,
    accounting_started_at, last_seen_at, ended_at, end_reason, origin)
  select n.id, organization_id, mac, origin_identity, edge_id, nas_id, nas_identifier, nas_ip_address,
    nas_ipv6_address, acct_session_id, sha256(convert_to(stay_evidence::text, 'UTF8')), coalesce(decision_id, n.id),
    coalesce(applied, '{"kind": "accept", "authorization": {}}'), coalesce(policy_version, 0),
    coalesce(verdict_revision, 0), accepted_at, started_at, last_seen_at, least(stopped_at, later.at),
    case when later.at < stopped_at or stopped_at is null and later.at is not null then 'superseded' else stop_reason end,
    case when decision_id is null then 'unverified' else 'continued' end
  from stays n
  cross join lateral (
    select min(s.accepted_at) as at from sessions s
    where s.mac = n.mac and s.ended_at is null and s.accepted_at > n.accepted_at
      and s.nas_id is not distinct from n.nas_id and ${sameNas("s", "n")}
  ) as later
  order by n.id
  on conflict do nothing
), touched as (
  select p.id, p.organization_id, p.mac, p.accounting, p.accounted_at, p.ip, p.text, p.acct_session_id,
    case when p.is_stay then p.stay_id else p.session end as session,
    case when p.is_stay then p.mac else p.session_mac end as session_mac,
    case when p.is_stay then p.origin_identity else p.session_identity end as session_identity,
    p.ends, p.end_reason, p.was_over, p.accounted_at as seen_at
  from placed p
  where p.is_former is not true
  union all
  select r.id, r.organization_id, null, r.accounting, r.moment, null, r.text, null, s.id, s.mac, s.identity,
    true, r.end_reason, false, r.moment
  from restarts r
  cross join lateral (
    select s.id, s.mac, s.identity from sessions s
    where s.nas_id = r.nas_id and s.ended_at is null and s.accepted_at < r.moment and ${sameNas("s", "r")}
    offset 0
  ) as s
  union all
  select n.id, n.organization_id, null, 'superseded', n.accepted_at, null, n.text, null, s.id, s.mac, s.identity,
    true, 'superseded', false, null
  from stays n
  cross join lateral (
    select s.id, s.mac, s.identity from sessions s
    where s.mac = n.mac and s.ended_at is null and s.accepted_at <= n.accepted_at and n.started_at is not null
      and s.nas_id is not distinct from n.nas_id and ${sameNas("s", "n")}
    offset 0
  ) as s
  union all
  select f.id, f.organization_id, null, 'superseded', f.began_at, null, f.text, null, s.id, s.mac, s.identity,
    true, 'superseded', false, null
  from found f
  cross join lateral (
    select s.id, s.mac, s.identity from sessions s
    where s.nas_id = f.nas_id and s.acct_session_id = f.acct_session_id and (s.ended_at < 'infinity') is not true
      and s.accepted_at < f.began_at and s.mac <> f.mac and ${sameNas("s", "f")} and f.accounting = 'start'
    offset 0
  ) as s
), effects as (
  select session,
    min(accounted_at) filter (where not ends) as started_at,
    max(seen_at) as last_seen_at,
    min(accounted_at) filter (where ends) as ended_at,
    (array_agg(end_reason order by accounted_at) filter (where ends))[1] as end_reason,
    (array_agg(acct_session_id order by accounted_at desc) filter (where acct_session_id is not null))[1] as acct_session_id
  from touched
  where session is not null
  group by session
), updated_sessions as (
  update sessions s set
    acct_session_id = coalesce(e.acct_session_id, s.acct_session_id),
    accounting_started_at = coalesce(s.accounting_started_at, e.started_at),
    last_seen_at = greatest(s.last_seen_at, e.last_seen_at),
    ended_at = e.ended_at,
    end_reason = e.end_reason
  from effects e
  where s.id = e.session
    and (s.ended_at is null or (s.end_reason = 'superseded' and e.ended_at <= s.ended_at))
  returning s.id
), told as (
  select organization_id, coalesce(session_mac, mac) as mac, accounted_at, ip,
    case
      when session is null or accounting in ('interim', 'superseded') then null
      when accounting = 'start' then
        case when not was_over and session not in (select session from effects where ended_at is not null)
          then 'session_started' end
      when not exists (
        select from sessions s
        where s.mac = t.session_mac and s.ended_at is null
          and s.organization_id is not distinct from t.organization_id
          and s.id not in (select session from effects where ended_at is not null)
        offset 0)
        and not exists (
          select from stays n
          where n.mac = t.session_mac and n.organization_id = t.organization_id and n.stopped_at is null)
      then 'session_stopped'
    end as status
  from touched t
), updated_clients as (
  update clients c set
    last_seen_at = greatest(c.last_seen_at, n.seen_at),
    last_status = case when n.seen_at >= c.authenticated_at then coalesce(n.status, c.last_status) else c.last_status end,
    client_ip = coalesce(n.ip, c.client_ip)
  from (
    select organization_id, mac, max(accounted_at) as seen_at,
      (array_agg(status order by accounted_at desc) filter (where status is not null))[1] as status,
      (array_agg(ip order by accounted_at desc) filter (where ip is not null))[1] as ip
    from told
    where mac is not null
    group by organization_id, mac
  ) as n
  -- Sessions first, as Accepts lock them: the count waits until they are written.
  cross join (select count(*) from updated_sessions) as written
  where c.organization_id = n.organization_id and c.mac = n.mac
), wishes as (
  insert into outbox (organization_id, kind, subject, payload)
  select distinct on (organization_id, session_identity) organization_id, 'session_changed', session_identity,
    jsonb_build_object('eventId', id, 'text', text)
  from touched t
  where accounting <> 'interim' and exists (
    select from enforcements e
    where e.organization_id = t.organization_id and e.identity = t.session_identity and e.closed_at is null
    offset 0)
  order by organization_id, session_identity, accounted_at desc
  on conflict (organization_id, kind, subject) do update set
    generation = outbox.generation + 1, payload = excluded.payload
  returning id
)
select pg_notify('${OUTBOX_CHANNEL}', '') where exists (select from wishes)`;
