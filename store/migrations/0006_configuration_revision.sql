-- Up Migration
alter table organizations add column configuration_revision bigint not null default 0;
comment on column organizations.configuration_revision is 'The revision that last changed rules, labels, the setting or NASes: edges read them anew only when it is above the one they hold.';

-- Down Migration
alter table organizations drop column configuration_revision;
