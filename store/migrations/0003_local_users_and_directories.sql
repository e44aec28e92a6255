-- Up Migration
alter table organizations add column people_revision bigint not null default 0;
comment on column organizations.people_revision is 'The revision that last changed local users or directories: edges read them anew only when it is above the one they hold.';

create table local_users (
  id uuid primary key,
  organization_id uuid not null references organizations on delete cascade,
  name text not null,
  -- What makes two names one: domain/local-user.ts userNameKey.
  name_key text not null,
  -- Salted, slow and self-describing: runtime/password-hash.ts.
  password_hash text not null,
  labels text[] not null default '{}',
  created_at timestamptz not null default now(),
  modified_at timestamptz not null default now(),
  unique (organization_id, name_key)
);

create table directories (
  id uuid primary key,
  organization_id uuid not null references organizations on delete cascade,
  name text not null,
  type text not null check (type in ('azure', 'custom', 'okta', 'ping_identity')),
  hosts text[] not null check (cardinality(hosts) > 0),
  base_dn text not null,
  bind_dn text not null,
  bind_password_sealed text not null,
  user_filter text not null,
  group_attribute text not null,
  cacerts text[] not null default '{}',
  when_down text not null check (when_down in ('reject', 'silence')),
  created_at timestamptz not null default now(),
  modified_at timestamptz not null default now(),
  unique (organization_id, name)
);

-- Down Migration
drop table directories, local_users;
alter table organizations drop column people_revision;
