-- Up Migration
-- A NAS says who it is by NAS-Identifier, NAS-IP-Address or NAS-IPv6-Address (RFC 2865 §5.4, §5.32; RFC 3162 §2.1); who sent
-- the packet may be a proxy in front of many.
alter table sessions
  add column nas_ip_address inet,
  add column nas_ipv6_address inet,
  add column origin text not null default 'accepted' check (origin in ('accepted', 'continued', 'unverified'));
comment on column sessions.origin is 'continued: told by accounting alone, under the Class of an earlier Accept; unverified: no Accept of ours stands behind it, and "applied" says nothing.';
update sessions s
set nas_ip_address = (e.evidence #>> '{nas,nasIpAddress}')::inet, nas_ipv6_address = (e.evidence #>> '{nas,nasIpv6Address}')::inet
from evidence e
where e.organization_id = s.organization_id and e.hash = s.evidence_hash and s.ended_at is null;

-- NASes say more of themselves in one kind of packet than in another: what both say must agree, and one thing at least.
create function same_nas(identifier_a text, ip_a inet, ipv6_a inet, identifier_b text, ip_b inet, ipv6_b inet)
returns boolean language sql immutable as $$
  select coalesce(identifier_a = identifier_b, true) and coalesce(ip_a = ip_b, true) and coalesce(ipv6_a = ipv6_b, true)
    and (identifier_a = identifier_b or ip_a = ip_b or ipv6_a = ipv6_b) is true
$$;

create table nas_restarts (
  organization_id uuid not null,
  nas_id uuid not null,
  -- All that the NAS says of itself, in one text.
  nas_name text not null,
  accounting text not null check (accounting in ('on', 'off')),
  acct_session_id text,
  at timestamptz not null,
  primary key (organization_id, nas_id, nas_name, accounting)
);
comment on table nas_restarts is 'The last Accounting-On and -Off of each NAS, by which a copy that comes later is recognized.';

-- Down Migration
drop table nas_restarts;
drop function same_nas;
alter table sessions drop column nas_ip_address, drop column nas_ipv6_address, drop column origin;
