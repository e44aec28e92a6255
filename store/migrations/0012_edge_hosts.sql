-- Up Migration
alter table edges add column host text, add column contender text;
comment on column edges.host is 'The machine, or the container, of the process, as of this boot: two hosts may have one internal address.';
comment on column edges.contender is 'Who was refused this id since the process last told that it lives, for its log.';

-- Down Migration
alter table edges drop column host, drop column contender;
