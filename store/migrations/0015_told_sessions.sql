-- Up Migration
-- What a repeated Accept must look up beside its session's row costs as much as writing that row: so the row says whether
-- there is anything to look up.
alter table sessions add column told_at timestamptz;
comment on column sessions.told_at is 'When its client''s row was last written from it; null where that row tells of something else since, or an enforcement waits for the client: then its next Accept is recorded whole.';

-- A table's check is read anew for each statement that updates it, whatever it updates; a domain's only where a value is given.
-- The domain has its check last: a column that is given one with a check is written anew, row by row.
create domain session_origin as text;
alter table sessions drop constraint sessions_origin_check, alter column origin type session_origin;
alter domain session_origin add constraint session_origin_check check (value in ('accepted', 'continued', 'unverified'));

-- Down Migration
alter table sessions
  drop column told_at,
  alter column origin type text,
  add constraint sessions_origin_check check (origin in ('accepted', 'continued', 'unverified'));
drop domain session_origin;
