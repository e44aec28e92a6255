import type pg from "pg";
import type { AccountingRecord } from "../domain/record.ts";
import { jsonText } from "./json.ts";
import { OUTBOX_CHANNEL } from "./outbox.ts";

/** Everything that accounting leaves behind, in one statement and one round trip. */
export function accountingBatch(records: readonly AccountingRecord[]): pg.QueryConfig {
  return { name: "record accounting", text: RECORD_ACCOUNTING, values: [jsonText(records.map(rowOf))] };
}

function rowOf(record: AccountingRecord): Record<string, unknown> {
  const { event, accounting } = record;
  return {
    id: event.id,
    at: new Date(event.at),
    organization_id: record.organizationId,
    type: event.type,
    mac: record.mac ?? event.mac,
    identity: event.identity,
    text: event.text,
    body: event.body,
    accounting,
    ends: accounting === "stop" || accounting === "on" || accounting === "off",
    nas_id: record.nasId,
    nas_identifier: record.nasIdentifier,
    session_id: record.sessionId,
    acct_session_id: record.acctSessionId,
    accounted_at: new Date(record.at),
    ip: record.framedIpAddress,
    end_reason: endReasonOf(record),
  };
}

/** In the words of RFC 2866: the NAS's cause where it gave one, else what told of the end. */
function endReasonOf({ accounting, terminateCause }: AccountingRecord): string | undefined {
  switch (accounting) {
    case "start":
    case "interim":
      return undefined;
    case "stop":
      return terminateCause ?? "Accounting-Stop";
    case "on":
      return "Accounting-On";
    case "off":
      return "Accounting-Off";
  }
}

/**
 * A record reaches its session by the id in Class, without one by Acct-Session-Id (the NAS's newest session of that
 * name), and On or Off all open sessions of the NAS. One that reaches none leaves its event and nothing else. Several
 * records of one session fold into one update; an ended session stays ended, but for one thing: the NAS's own word on
 * the end of a session that a later Accept had superseded meanwhile.
 *
 * A client is `session_stopped` only when none of its sessions goes on: the stop at the access point that it left comes
 * after the start at the one it roamed to.
 *
 * For `offset 0`, `is true` and `is not distinct from` see authentication-records.ts.
 */
const RECORD_ACCOUNTING = `
with incoming as (
  select * from json_to_recordset($1) as r(
    id uuid, at timestamptz, organization_id uuid, type text, mac macaddr, identity text, text text, body jsonb,
    accounting text, ends boolean, nas_id uuid, nas_identifier text, session_id uuid, acct_session_id text,
    accounted_at timestamptz, ip inet, end_reason text)
), recorded as (
  insert into events (id, at, organization_id, type, mac, identity, text, body)
  select id, at, organization_id, type, mac, identity, text, body from incoming
  on conflict do nothing
  returning id
), touched as (
  select f.*, s.id as session, s.mac as session_mac, s.identity as session_identity
  from incoming f
  left join lateral (
    select s.id, s.mac, s.identity from sessions s
    where s.id = f.session_id and s.organization_id = f.organization_id
      and f.accounting in ('start', 'interim', 'stop')
    union all
    (select s.id, s.mac, s.identity from sessions s
    where s.nas_id = f.nas_id and s.acct_session_id = f.acct_session_id
      and (s.organization_id, s.nas_identifier) is not distinct from (f.organization_id, f.nas_identifier)
      and f.session_id is null and f.accounting in ('start', 'interim', 'stop')
    order by s.accepted_at desc
    limit 1)
    union all
    select s.id, s.mac, s.identity from sessions s
    where s.nas_id = f.nas_id and s.ended_at is null and s.accepted_at <= f.accounted_at
      and (s.organization_id, s.nas_identifier) is not distinct from (f.organization_id, f.nas_identifier)
      and f.accounting in ('on', 'off')
    offset 0
  ) as s on true
  where (f.id in (select id from recorded)) is true
), effects as (
  select session,
    min(accounted_at) filter (where not ends) as started_at,
    max(accounted_at) as last_seen_at,
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
), told as (
  select organization_id, coalesce(session_mac, mac) as mac, accounted_at, ip,
    case
      when session is null or accounting = 'interim' then null
      when accounting = 'start' then 'session_started'
      when not exists (
        select from sessions s
        where s.mac = t.session_mac and s.ended_at is null
          and s.organization_id is not distinct from t.organization_id
          and s.id not in (select session from effects where ended_at is not null)
        offset 0) then 'session_stopped'
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
