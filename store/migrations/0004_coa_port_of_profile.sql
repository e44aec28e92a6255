-- Up Migration
alter table nases alter column coa_port drop not null;
comment on column nases.coa_port is 'Null: where NASes of its profile listen.';

-- Down Migration
update nases set coa_port = 3799 where coa_port is null;
alter table nases alter column coa_port set not null;
