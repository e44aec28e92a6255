-- Up Migration
alter table nases add column eap_md5 boolean not null default false;
comment on column nases.eap_md5 is 'It asks for MAC authentication by EAP-MD5. Elsewhere a client could choose that itself, and with it to be judged by an address that it chose.';

-- Down Migration
alter table nases drop column eap_md5;
