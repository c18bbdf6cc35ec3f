DROP INDEX proposals_age;
DROP INDEX proposals_kind;
DROP INDEX proposals_queue;
CREATE INDEX proposals_queue ON proposals (state, occurred_at DESC, id DESC);
DROP TRIGGER proposals_audit_snooze;
DROP TRIGGER proposals_snooze;
DROP TRIGGER proposals_expire;
DROP TRIGGER proposals_keep_version;
DROP TABLE proposal_versions;
DROP TRIGGER proposals_decided_once;
CREATE TRIGGER proposals_decided_once BEFORE UPDATE OF state ON proposals
WHEN OLD.state <> 'pending' AND NEW.state <> OLD.state AND NOT (OLD.state IN ('approved', 'edited') AND NEW.state = 'undone')
	AND NOT (OLD.state IN ('approved', 'edited', 'dismissed') AND NEW.state = 'pending')
BEGIN
	SELECT RAISE(ABORT, '409 the proposal has been decided already');
END;
DROP TRIGGER proposals_undo;
CREATE TRIGGER proposals_undo BEFORE UPDATE OF state ON proposals
WHEN OLD.state <> 'pending' AND NEW.state = 'pending' AND (ctx_actor_kind() IS NOT 'human'
	OR ctx_actor_via() NOT IN ('session', 'cli')
	OR NOT EXISTS (SELECT 1 FROM users WHERE id = ctx_user() AND is_active = 1 AND role IN ('admin', 'member')))
BEGIN
	SELECT RAISE(ABORT, '403 only a person can undo a decision');
END;
DROP TRIGGER proposals_frozen;
CREATE TRIGGER proposals_frozen BEFORE UPDATE OF change_json, sha256, resource, target_id, kind, author_kind, author_id ON proposals
WHEN OLD.state <> 'pending' BEGIN
	SELECT RAISE(ABORT, '409 a decided proposal cannot be changed');
END;
DROP TRIGGER proposals_audit_update;
CREATE TRIGGER proposals_audit_update AFTER UPDATE OF state ON proposals WHEN OLD.state <> NEW.state BEGIN
	INSERT INTO audit_log (action, resource, resource_id, changes_json, why)
	VALUES (CASE NEW.state WHEN 'approved' THEN 'approve' WHEN 'edited' THEN 'approve' WHEN 'dismissed' THEN 'dismiss'
			WHEN 'undone' THEN 'undo' WHEN 'pending' THEN 'undo' ELSE 'update' END,
		'proposals', NEW.id,
		diff('state', OLD.state, NEW.state, 'sha256', NULL, NEW.sha256), NEW.reason);
END;
ALTER TABLE proposals DROP COLUMN basis_json;
