-- Up Migration
alter table nases add column radsec_issuer_keys text[] not null default '{}';
comment on column nases.radsec_issuer_keys is 'SHA-256 (hexadecimal) of the public keys of which one must have signed its RadSec certificate. Without any, the name of the issuer says who that is, where it means one authority only.';

-- Down Migration
alter table nases drop column radsec_issuer_keys;
