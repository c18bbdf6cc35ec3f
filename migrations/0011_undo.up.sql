-- A decision can be taken back within a day: what it wrote is undone and the proposal waits again.
ALTER TABLE proposals ADD COLUMN result_version INTEGER; -- of the record, as the approval left it
ALTER TABLE proposals ADD COLUMN before_json TEXT CHECK (before_json IS NULL OR is_json(before_json)); -- the fields it changed, as they were

DROP TRIGGER proposals_decided_once;
CREATE TRIGGER proposals_decided_once BEFORE UPDATE OF state ON proposals
WHEN OLD.state <> 'pending' AND NEW.state <> OLD.state AND NOT (OLD.state IN ('approved', 'edited') AND NEW.state = 'undone')
	AND NOT (OLD.state IN ('approved', 'edited', 'dismissed') AND NEW.state = 'pending')
BEGIN
	SELECT RAISE(ABORT, '409 the proposal has been decided already');
END;
CREATE TRIGGER proposals_undo BEFORE UPDATE OF state ON proposals
WHEN OLD.state <> 'pending' AND NEW.state = 'pending' AND (ctx_actor_kind() IS NOT 'human'
	OR ctx_actor_via() NOT IN ('session', 'cli')
	OR NOT EXISTS (SELECT 1 FROM users WHERE id = ctx_user() AND is_active = 1 AND role IN ('admin', 'member')))
BEGIN
	SELECT RAISE(ABORT, '403 only a person can undo a decision');
END;
CREATE TRIGGER proposals_undo_in_time BEFORE UPDATE OF state ON proposals
WHEN OLD.state <> 'pending' AND NEW.state = 'pending' AND OLD.decided_at < strftime('%Y-%m-%dT%H:%M:%SZ', ctx_now(), '-1 day')
BEGIN
	SELECT RAISE(ABORT, '409 a decision can be undone for 24 hours');
END;
DROP TRIGGER proposals_audit_update;
CREATE TRIGGER proposals_audit_update AFTER UPDATE OF state ON proposals WHEN OLD.state <> NEW.state BEGIN
	INSERT INTO audit_log (action, resource, resource_id, changes_json, why)
	VALUES (CASE NEW.state WHEN 'approved' THEN 'approve' WHEN 'edited' THEN 'approve' WHEN 'dismissed' THEN 'dismiss'
			WHEN 'undone' THEN 'undo' WHEN 'pending' THEN 'undo' ELSE 'update' END,
		'proposals', NEW.id,
		diff('state', OLD.state, NEW.state, 'sha256', NULL, NEW.sha256), NEW.reason);
END;

-- What an undo took away comes back by a new decision on its proposal, not through the trash.
CREATE TRIGGER organizations_undone BEFORE UPDATE OF deleted_at ON organizations WHEN OLD.deleted_at IS NOT NULL AND NEW.deleted_at IS NULL
	AND EXISTS (SELECT 1 FROM proposals WHERE id = OLD.proposal_id AND state = 'pending')
BEGIN SELECT RAISE(ABORT, '409 its countersignature was undone; approve the proposal again'); END;
CREATE TRIGGER contacts_undone BEFORE UPDATE OF deleted_at ON contacts WHEN OLD.deleted_at IS NOT NULL AND NEW.deleted_at IS NULL
	AND EXISTS (SELECT 1 FROM proposals WHERE id = OLD.proposal_id AND state = 'pending')
BEGIN SELECT RAISE(ABORT, '409 its countersignature was undone; approve the proposal again'); END;
CREATE TRIGGER investors_undone BEFORE UPDATE OF deleted_at ON investors WHEN OLD.deleted_at IS NOT NULL AND NEW.deleted_at IS NULL
	AND EXISTS (SELECT 1 FROM proposals WHERE id = OLD.proposal_id AND state = 'pending')
BEGIN SELECT RAISE(ABORT, '409 its countersignature was undone; approve the proposal again'); END;
CREATE TRIGGER communications_undone BEFORE UPDATE OF deleted_at ON communications WHEN OLD.deleted_at IS NOT NULL AND NEW.deleted_at IS NULL
	AND EXISTS (SELECT 1 FROM proposals WHERE id = OLD.proposal_id AND state = 'pending')
BEGIN SELECT RAISE(ABORT, '409 its countersignature was undone; approve the proposal again'); END;
CREATE TRIGGER tasks_undone BEFORE UPDATE OF deleted_at ON tasks WHEN OLD.deleted_at IS NOT NULL AND NEW.deleted_at IS NULL
	AND EXISTS (SELECT 1 FROM proposals WHERE id = OLD.proposal_id AND state = 'pending')
BEGIN SELECT RAISE(ABORT, '409 its countersignature was undone; approve the proposal again'); END;

-- The trash is read by itself.
CREATE INDEX organizations_deleted ON organizations (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX contacts_deleted ON contacts (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX investors_deleted ON investors (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX communications_deleted ON communications (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX tasks_deleted ON tasks (deleted_at) WHERE deleted_at IS NOT NULL;
