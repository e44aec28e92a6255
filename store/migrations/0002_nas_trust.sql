-- Up Migration

-- A NAS proves itself by address and shared secret, by the certificate of its TLS connection (RadSec), or either way.
alter table nases alter column address drop not null, alter column secret_sealed drop not null;
alter table nases
  add column require_message_authenticator text not null default 'auto'
    check (require_message_authenticator in ('yes', 'auto', 'no')),
  add column limit_proxy_state text not null default 'auto' check (limit_proxy_state in ('yes', 'auto', 'no')),
  add column previous_secret_sealed text,
  add column previous_secret_expires_at timestamptz,
  add column coa_secret_sealed text,
  add column coa_through_proxy boolean not null default false,
  add column radsec_issuer text,
  add column radsec_san text,
  add constraint nases_provable check (case when address is null then radsec_san else secret_sealed end is not null),
  add constraint nases_previous_secret check ((previous_secret_sealed is null) = (previous_secret_expires_at is null)),
  add constraint nases_radsec check ((radsec_issuer is null) = (radsec_san is null));
create unique index nases_radsec_identity on nases (radsec_issuer, lower(radsec_san));
comment on column nases.radsec_san is 'Unique per installation under its issuer, as addresses are: the organization is known before the first request.';

-- Down Migration

delete from nases where address is null;
alter table nases
  drop column require_message_authenticator, drop column limit_proxy_state, drop column previous_secret_sealed,
  drop column previous_secret_expires_at, drop column coa_secret_sealed, drop column coa_through_proxy,
  drop column radsec_issuer, drop column radsec_san,
  alter column address set not null, alter column secret_sealed set not null;
