-- Review: what is put off comes back by itself, what nobody decides expires, and who decides on something that changed since
-- is shown both.
ALTER TABLE proposals ADD COLUMN basis_json TEXT CHECK (basis_json IS NULL OR is_json(basis_json)); -- the fields it changes, as they were when it was made

-- What a card showed before further evidence changed it.
CREATE TABLE proposal_versions (
	proposal_id INTEGER NOT NULL REFERENCES proposals (id),
	sha256 TEXT NOT NULL,
	title TEXT NOT NULL,
	change_json TEXT NOT NULL,
	replaced_at TEXT NOT NULL DEFAULT (ctx_now()),
	PRIMARY KEY (proposal_id, sha256)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER proposals_keep_version AFTER UPDATE OF change_json ON proposals WHEN OLD.sha256 <> NEW.sha256 BEGIN
	INSERT INTO proposal_versions (proposal_id, sha256, title, change_json)
	VALUES (OLD.id, OLD.sha256, OLD.title, OLD.change_json) ON CONFLICT DO NOTHING;
END;

-- Only upkeep lets a proposal expire, and only one that waits. Other evidence than it had makes it wait again.
DROP TRIGGER proposals_decided_once;
CREATE TRIGGER proposals_decided_once BEFORE UPDATE OF state ON proposals
WHEN OLD.state <> 'pending' AND NEW.state <> OLD.state AND NOT (OLD.state IN ('approved', 'edited') AND NEW.state = 'undone')
	AND NOT (OLD.state IN ('approved', 'edited', 'dismissed') AND NEW.state = 'pending')
	AND NOT (OLD.state = 'expired' AND NEW.state = 'pending' AND NEW.sha256 <> OLD.sha256)
BEGIN
	SELECT RAISE(ABORT, '409 the proposal has been decided already');
END;
CREATE TRIGGER proposals_expire BEFORE UPDATE OF state ON proposals
WHEN NEW.state = 'expired' AND OLD.state <> 'expired' AND ctx_actor_kind() IS NOT 'system' BEGIN
	SELECT RAISE(ABORT, '403 a proposal expires by age, by nobody''s hand');
END;
DROP TRIGGER proposals_undo;
CREATE TRIGGER proposals_undo BEFORE UPDATE OF state ON proposals
WHEN OLD.state NOT IN ('pending', 'expired') AND NEW.state = 'pending' AND (ctx_actor_kind() IS NOT 'human'
	OR ctx_actor_via() NOT IN ('session', 'cli')
	OR NOT EXISTS (SELECT 1 FROM users WHERE id = ctx_user() AND is_active = 1 AND role IN ('admin', 'member')))
BEGIN
	SELECT RAISE(ABORT, '403 only a person can undo a decision');
END;
DROP TRIGGER proposals_frozen;
CREATE TRIGGER proposals_frozen BEFORE UPDATE OF change_json, sha256, resource, target_id, kind, author_kind, author_id ON proposals
WHEN OLD.state <> 'pending' AND NOT (OLD.state = 'expired' AND NEW.state = 'pending') BEGIN
	SELECT RAISE(ABORT, '409 a decided proposal cannot be changed');
END;

-- Putting off decides nothing, but it takes a person too.
CREATE TRIGGER proposals_snooze BEFORE UPDATE OF snoozed_until ON proposals
WHEN NEW.snoozed_until IS NOT OLD.snoozed_until AND (OLD.state <> 'pending' OR ctx_actor_kind() IS NOT 'human'
	OR ctx_actor_via() NOT IN ('session', 'cli'))
BEGIN
	SELECT RAISE(ABORT, '403 only a person puts off a proposal that waits');
END;
CREATE TRIGGER proposals_audit_snooze AFTER UPDATE OF snoozed_until ON proposals
WHEN NEW.snoozed_until IS NOT OLD.snoozed_until BEGIN
	INSERT INTO audit_log (action, resource, resource_id, changes_json)
	VALUES ('snooze', 'proposals', NEW.id, diff('snoozed_until', OLD.snoozed_until, NEW.snoozed_until));
END;

DROP TRIGGER proposals_audit_update;
CREATE TRIGGER proposals_audit_update AFTER UPDATE OF state ON proposals WHEN OLD.state <> NEW.state BEGIN
	INSERT INTO audit_log (action, resource, resource_id, changes_json, why)
	VALUES (CASE NEW.state WHEN 'approved' THEN 'approve' WHEN 'edited' THEN 'approve' WHEN 'dismissed' THEN 'dismiss'
			WHEN 'undone' THEN 'undo' WHEN 'expired' THEN 'expire'
			WHEN 'pending' THEN iif(OLD.state = 'expired', 'propose', 'undo') ELSE 'update' END,
		'proposals', NEW.id,
		diff('state', OLD.state, NEW.state, 'sha256', NULL, NEW.sha256), NEW.reason);
END;

-- Counting and paging what waits stay inside the index; upkeep finds what is old.
DROP INDEX proposals_queue;
CREATE INDEX proposals_queue ON proposals (state, occurred_at DESC, id DESC, snoozed_until, thread_id);
CREATE INDEX proposals_kind ON proposals (state, kind, occurred_at DESC, id DESC);
CREATE INDEX proposals_age ON proposals (updated_at) WHERE state = 'pending';
