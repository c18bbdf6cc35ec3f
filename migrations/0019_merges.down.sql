DROP TRIGGER organizations_duplicates_update;
DROP TRIGGER organizations_duplicates_insert;
DROP TRIGGER contacts_duplicates_update;
DROP TRIGGER contacts_duplicates_insert;
DROP INDEX proposals_target;
DROP INDEX proposals_merge_from;
DROP INDEX proposals_merge;
ALTER TABLE proposals DROP COLUMN from_id;
DROP TABLE duplicates_cache;
DROP TABLE duplicates_queue;
DROP TRIGGER communication_parties_touch_update;
CREATE TRIGGER communication_parties_touch_update AFTER UPDATE ON communication_parties WHEN NEW.resource <> 'users' BEGIN
	INSERT INTO touches (resource, resource_id, last_at, last_in_at, last_out_at, communications)
	SELECT NEW.resource, NEW.resource_id, max(c.occurred_at),
		max(CASE WHEN c.direction IN ('in', 'both') THEN c.occurred_at END),
		max(CASE WHEN c.direction IN ('out', 'both') THEN c.occurred_at END), count(c.id)
	FROM communication_parties_live p JOIN communications_live c ON c.id = p.communication_id
	WHERE p.resource = NEW.resource AND p.resource_id = NEW.resource_id
	ON CONFLICT (resource, resource_id) DO UPDATE SET last_at = excluded.last_at, last_in_at = excluded.last_in_at,
		last_out_at = excluded.last_out_at, communications = excluded.communications;
END;
DROP TRIGGER touches_count_insert;
DROP VIEW touches_count;
DROP TRIGGER investors_merged;
DROP TRIGGER organizations_merged;
DROP TRIGGER contacts_merged;
DROP TABLE merges;
