-- Up Migration
alter table organizations add column revocation_revision bigint not null default 0;
comment on column organizations.revocation_revision is 'The revision that last changed CRLs or intermediate authorities: edges read them anew only when it is above the one they hold.';

create table crls (
  id uuid primary key,
  organization_id uuid not null references organizations on delete cascade,
  -- SHA-256 over name and public key of the authority that signed it: one that was renewed with a new key is another.
  issuer text not null,
  -- Which of the issuer's certificates it speaks of: domain/crl.ts scopeKey.
  scope text not null,
  name text not null,
  source text not null check (source in ('uploaded', 'fetched')),
  url text,
  -- Hexadecimal: up to twenty octets (RFC 5280 §5.2.3).
  crl_number text,
  this_update timestamptz not null,
  next_update timestamptz not null,
  entries int not null,
  der bytea not null,
  created_at timestamptz not null default now(),
  modified_at timestamptz not null default now(),
  unique (organization_id, issuer, scope)
);
-- Compressing what is mostly random serials costs more than it saves.
alter table crls alter column der set storage external;

create table crl_sources (
  organization_id uuid not null references organizations on delete cascade,
  url text not null,
  origin text not null check (origin in ('setting', 'certificate')),
  next_fetch_at timestamptz not null default now(),
  fetched_at timestamptz,
  failures int not null default 0,
  error text,
  primary key (organization_id, url)
);
create index crl_sources_due on crl_sources (next_fetch_at);
comment on column crl_sources.origin is 'setting: mist_nac, by its URLs or its CAs; certificate: named by what trusted clients showed.';

create table intermediate_authorities (
  organization_id uuid not null references organizations on delete cascade,
  -- SHA-256 over the certificate.
  fingerprint text not null,
  certificate bytea not null,
  noted_at timestamptz not null default now(),
  primary key (organization_id, fingerprint)
);
comment on table intermediate_authorities is 'Authorities between a trusted one and its clients, as these showed them in full handshakes: a resumed session shows its own certificate alone.';

-- Down Migration
drop table intermediate_authorities, crl_sources, crls;
alter table organizations drop column revocation_revision;
