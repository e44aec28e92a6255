-- Up Migration
-- By which evidence that nothing refers to is told (store/retention.ts). Sessions with contents refer to evidence through these.
create index event_contents_evidence on event_contents (organization_id, evidence_hash);
create index sessions_evidence on sessions (organization_id, evidence_hash) where content_hash is null;

-- Down Migration
drop index event_contents_evidence, sessions_evidence;
