-- Proposals: what capture, an agent or a rule would like to see on a record. A human countersigns the exact bytes of
-- change_json, whose SHA-256 was on the card.

CREATE TABLE proposals (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	kind TEXT NOT NULL CHECK (kind IN ('activity', 'contact', 'address', 'field', 'task', 'merge', 'record')),
	resource TEXT NOT NULL,          -- what record_write will be called with on approval
	target_id INTEGER,               -- NULL: creates a record
	target_version INTEGER,          -- version of the target when proposed
	title TEXT NOT NULL,             -- one line for queue, digest, audit
	change_json TEXT NOT NULL CHECK (is_json(change_json)),
	sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
	evidence_json TEXT NOT NULL DEFAULT '{}' CHECK (is_json(evidence_json)), -- {"message_ids":[],"excerpt":"",…}
	message_id INTEGER,              -- the mail shown beside the card
	thread_id INTEGER,
	investor_id INTEGER,             -- groups the queue
	organization_id INTEGER,
	contact_id INTEGER,
	author_kind TEXT NOT NULL CHECK (author_kind IN ('capture', 'agent', 'user')),
	author_id INTEGER REFERENCES users (id),
	author_name TEXT NOT NULL,
	idempotency_key TEXT NOT NULL UNIQUE,
	state TEXT NOT NULL DEFAULT 'pending'
		CHECK (state IN ('pending', 'approved', 'edited', 'dismissed', 'expired', 'undone')),
	occurred_at TEXT NOT NULL,       -- when the evidence happened: order in the queue
	snoozed_until TEXT,
	created_at TEXT NOT NULL DEFAULT (ctx_now()),
	updated_at TEXT NOT NULL DEFAULT (ctx_now()),
	decided_at TEXT,
	decided_by INTEGER REFERENCES users (id),
	decided_change_json TEXT,        -- what was applied, when edited first
	reason TEXT,
	result_id INTEGER,               -- the record that came of it
	CHECK (author_kind = 'capture' OR author_id IS NOT NULL),
	CHECK ((state IN ('approved', 'edited', 'dismissed')) = (decided_at IS NOT NULL AND decided_by IS NOT NULL) OR state IN ('expired', 'undone'))
) STRICT;
CREATE INDEX proposals_queue ON proposals (state, occurred_at DESC, id DESC);
CREATE INDEX proposals_investor ON proposals (state, investor_id, occurred_at DESC, id DESC);
CREATE INDEX proposals_contact ON proposals (contact_id, state);
CREATE INDEX proposals_organization ON proposals (organization_id, state);
CREATE INDEX proposals_thread ON proposals (thread_id);
CREATE INDEX proposals_decided ON proposals (decided_at) WHERE decided_at IS NOT NULL;

-- Only a person in a browser session, or at the machine's own shell, decides; and never one's own proposal by an agent.
CREATE TRIGGER proposals_born_pending BEFORE INSERT ON proposals WHEN NEW.state <> 'pending' BEGIN
	SELECT RAISE(ABORT, '403 a proposal starts as pending');
END;
CREATE TRIGGER proposals_decide BEFORE UPDATE OF state ON proposals
WHEN NEW.state IN ('approved', 'edited', 'dismissed', 'undone') AND OLD.state <> NEW.state
	AND (ctx_actor_kind() IS NOT 'human' OR ctx_actor_via() NOT IN ('session', 'cli')
		OR (NEW.state <> 'undone' AND NEW.decided_by IS NOT ctx_user())
		OR NOT EXISTS (SELECT 1 FROM users WHERE id = ctx_user() AND is_active = 1 AND role IN ('admin', 'member')))
BEGIN
	SELECT RAISE(ABORT, '403 only a person can decide a proposal');
END;
CREATE TRIGGER proposals_decided_once BEFORE UPDATE OF state ON proposals
WHEN OLD.state <> 'pending' AND NEW.state <> OLD.state AND NOT (OLD.state IN ('approved', 'edited') AND NEW.state = 'undone')
BEGIN
	SELECT RAISE(ABORT, '409 the proposal has been decided already');
END;
CREATE TRIGGER proposals_frozen BEFORE UPDATE OF change_json, sha256, resource, target_id, kind, author_kind, author_id ON proposals
WHEN OLD.state <> 'pending' BEGIN
	SELECT RAISE(ABORT, '409 a decided proposal cannot be changed');
END;
CREATE TRIGGER proposals_audit_update AFTER UPDATE OF state ON proposals WHEN OLD.state <> NEW.state BEGIN
	INSERT INTO audit_log (action, resource, resource_id, changes_json, why)
	VALUES (CASE NEW.state WHEN 'approved' THEN 'approve' WHEN 'edited' THEN 'approve' WHEN 'dismissed' THEN 'dismiss'
			WHEN 'undone' THEN 'undo' ELSE 'update' END,
		'proposals', NEW.id,
		diff('state', OLD.state, NEW.state, 'sha256', NULL, NEW.sha256), NEW.reason);
END;
CREATE TRIGGER proposals_audit_insert AFTER INSERT ON proposals BEGIN
	INSERT INTO audit_log (action, resource, resource_id, changes_json)
	VALUES ('propose', 'proposals', NEW.id, diff('title', NULL, NEW.title, 'sha256', NULL, NEW.sha256));
END;
CREATE TRIGGER proposals_audit_change AFTER UPDATE OF change_json ON proposals WHEN OLD.sha256 <> NEW.sha256 BEGIN
	INSERT INTO audit_log (action, resource, resource_id, changes_json)
	VALUES ('propose', 'proposals', NEW.id, diff('sha256', OLD.sha256, NEW.sha256));
END;
CREATE TRIGGER proposals_no_delete BEFORE DELETE ON proposals BEGIN SELECT RAISE(ABORT, '403 nothing is hard-deleted'); END;
