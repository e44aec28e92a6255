-- Up Migration
-- Whether a client came back wrong from every step before is asked of the sessions that it had then (store/enforcements.ts).
create index enforcements_failed on enforcements (organization_id, identity) where result = 'failed';

-- Down Migration
drop index enforcements_failed;
