-- Up Migration
-- A fleet says the same all day: what an authentication's event says is stored once, and its event is a narrow row.
create table event_contents (
  organization_id uuid not null,
  -- SHA-256 over what follows (store/event-contents.ts).
  hash bytea not null,
  text text not null,
  body jsonb not null,
  -- With the policy version that the decision names, enough to decide again years later.
  decision jsonb not null,
  evidence_hash bytea not null,
  -- When a whole record last said it, to the day: what nothing says any more goes with the days of its events (partitions.ts).
  written_at timestamptz not null default now(),
  primary key (organization_id, hash)
);
create index event_contents_written on event_contents using brin (written_at);
comment on table event_contents is 'What is said is immutable, and nothing of one occurrence: no instant, no id of event or session.';

insert into event_contents (organization_id, hash, text, body, decision, evidence_hash)
select distinct on (organization_id, hash) organization_id, hash, text, body, decision, evidence_hash
from (
  select *, sha256(convert_to(jsonb_build_array(text, body, decision, evidence_hash)::text, 'UTF8')) as hash
  from events where decision is not null and evidence_hash is not null
) as said;

alter table events
  add column content_hash bytea,
  alter column text drop not null,
  alter column body drop not null;
comment on column events.text is 'Null, as body is, where event_contents has it.';
update events
set content_hash = sha256(convert_to(jsonb_build_array(text, body, decision, evidence_hash)::text, 'UTF8')),
  text = null, body = null
where decision is not null and evidence_hash is not null;
alter table events drop column decision, drop column evidence_hash;
-- Three indexes become two: the key serves time lines too, and a MAC address is hardly ever in two organizations.
alter table events drop constraint events_pkey, add primary key (organization_id, at, id);
drop index events_time, events_client;
create index events_client on events (mac, at);

alter table clients add column content_hash bytea;
update clients c set content_hash = e.content_hash
from events e
where e.organization_id = c.organization_id and e.at = c.authenticated_at and e.id = c.last_event_id;
-- Clients whose last event is past its retention.
insert into evidence
select distinct organization_id, sha256(convert_to(evidence::text, 'UTF8')), evidence from clients where content_hash is null
on conflict do nothing;
insert into event_contents (organization_id, hash, text, body, decision, evidence_hash)
select distinct organization_id, sha256(convert_to(jsonb_build_array(evidence, decision)::text, 'UTF8')), '', '{}'::jsonb, decision,
  sha256(convert_to(evidence::text, 'UTF8'))
from clients where content_hash is null
on conflict do nothing;
update clients
set content_hash = sha256(convert_to(jsonb_build_array(evidence, decision)::text, 'UTF8'))
where content_hash is null;
alter table clients alter column content_hash set not null, drop column evidence, drop column decision;
-- Every search counts all clients that it finds, so it reads them all; and without this index a client seen again is
-- updated in its page alone (HOT), as a session is.
drop index clients_last_seen;
alter table clients set (fillfactor = 80);

alter table sessions
  add column content_hash bytea,
  add column is_repeated boolean not null default false;
comment on column sessions.content_hash is 'What its Accept said; null for sessions that accounting opened.';
comment on column sessions.is_repeated is 'Its Accept was repeated, and accepted_at and decision_id are of the last one.';
drop index sessions_accounting;
create index sessions_accounting on sessions (nas_id, acct_session_id) where acct_session_id is not null;
alter table sessions set (fillfactor = 80);

-- Down Migration
alter table sessions reset (fillfactor), drop column content_hash, drop column is_repeated;
drop index sessions_accounting;
create index sessions_accounting on sessions (nas_id, acct_session_id, accepted_at desc);

alter table clients reset (fillfactor), add column evidence jsonb, add column decision jsonb;
update clients c set evidence = e.evidence, decision = v.decision
from event_contents v join evidence e on e.organization_id = v.organization_id and e.hash = v.evidence_hash
where v.organization_id = c.organization_id and v.hash = c.content_hash;
alter table clients alter column evidence set not null, alter column decision set not null, drop column content_hash;
create index clients_last_seen on clients (organization_id, last_seen_at desc);

alter table events add column decision jsonb, add column evidence_hash bytea;
update events e set text = v.text, body = v.body, decision = v.decision, evidence_hash = v.evidence_hash
from event_contents v
where v.organization_id = e.organization_id and v.hash = e.content_hash;
alter table events drop column content_hash, alter column text set not null, alter column body set not null;
alter table events drop constraint events_pkey, add primary key (at, id);
drop index events_client;
create index events_client on events (organization_id, mac, at desc, id desc);
create index events_time on events (organization_id, at desc, id desc);
drop table event_contents;
