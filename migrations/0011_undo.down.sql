DROP INDEX organizations_deleted;
DROP INDEX contacts_deleted;
DROP INDEX investors_deleted;
DROP INDEX communications_deleted;
DROP INDEX tasks_deleted;
DROP TRIGGER organizations_undone;
DROP TRIGGER contacts_undone;
DROP TRIGGER investors_undone;
DROP TRIGGER communications_undone;
DROP TRIGGER tasks_undone;
DROP TRIGGER proposals_undo_in_time;
DROP TRIGGER proposals_undo;
DROP TRIGGER proposals_decided_once;
CREATE TRIGGER proposals_decided_once BEFORE UPDATE OF state ON proposals
WHEN OLD.state <> 'pending' AND NEW.state <> OLD.state AND NOT (OLD.state IN ('approved', 'edited') AND NEW.state = 'undone')
BEGIN
	SELECT RAISE(ABORT, '409 the proposal has been decided already');
END;
DROP TRIGGER proposals_audit_update;
CREATE TRIGGER proposals_audit_update AFTER UPDATE OF state ON proposals WHEN OLD.state <> NEW.state BEGIN
	INSERT INTO audit_log (action, resource, resource_id, changes_json, why)
	VALUES (CASE NEW.state WHEN 'approved' THEN 'approve' WHEN 'edited' THEN 'approve' WHEN 'dismissed' THEN 'dismiss'
			WHEN 'undone' THEN 'undo' ELSE 'update' END,
		'proposals', NEW.id,
		diff('state', OLD.state, NEW.state, 'sha256', NULL, NEW.sha256), NEW.reason);
END;
ALTER TABLE proposals DROP COLUMN before_json;
ALTER TABLE proposals DROP COLUMN result_version;
