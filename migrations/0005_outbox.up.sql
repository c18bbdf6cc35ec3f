-- What leaves the box. In this version only the digest to the team's own active users; the columns hold what signed
-- outside mail will need.

CREATE TABLE digests (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	day TEXT NOT NULL UNIQUE,         -- the local day it was made for
	from_at TEXT NOT NULL,
	until_at TEXT NOT NULL,
	headline TEXT NOT NULL,
	subject TEXT NOT NULL,
	document_json TEXT NOT NULL,
	text TEXT NOT NULL,
	html TEXT NOT NULL,
	created_at TEXT NOT NULL DEFAULT (ctx_now())
) STRICT;

CREATE TABLE outbox (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	message_id TEXT NOT NULL UNIQUE,  -- <unique@domain> without <>: the idempotency key
	origin TEXT NOT NULL CHECK (origin IN ('person', 'agent', 'digest', 'notify', 'forward_to_owner')),
	digest_id INTEGER REFERENCES digests (id),
	author_kind TEXT NOT NULL,
	author_id INTEGER REFERENCES users (id),
	transport TEXT,
	from_address TEXT NOT NULL,
	to_json TEXT NOT NULL CHECK (is_json(to_json)),
	subject TEXT NOT NULL,
	bytes BLOB NOT NULL,              -- the frozen RFC 5322 message
	sha256 TEXT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('draft', 'pending', 'countersigned', 'sending', 'sent', 'failed', 'unknown', 'dismissed', 'expired')),
	claim TEXT,
	attempts INTEGER NOT NULL DEFAULT 0,
	countersigned_by INTEGER REFERENCES users (id),
	countersigned_at TEXT,
	sent_at TEXT,
	reply TEXT,
	error TEXT,
	created_at TEXT NOT NULL DEFAULT (ctx_now()),
	updated_at TEXT NOT NULL DEFAULT (ctx_now())
) STRICT;
CREATE INDEX outbox_state ON outbox (state, id);

CREATE TABLE outbox_events (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	outbox_id INTEGER NOT NULL REFERENCES outbox (id),
	at TEXT NOT NULL DEFAULT (ctx_now()),
	event TEXT NOT NULL,
	detail TEXT
) STRICT;
CREATE INDEX outbox_events_outbox ON outbox_events (outbox_id, id);
CREATE TRIGGER outbox_events_no_update BEFORE UPDATE ON outbox_events BEGIN SELECT RAISE(ABORT, '403 events are append-only'); END;

-- Mail that no human signed goes to active users only, looked up here at the moment it is taken for sending.
CREATE TRIGGER outbox_internal_only BEFORE UPDATE OF state ON outbox
WHEN NEW.state IN ('sending', 'sent') AND NEW.countersigned_by IS NULL AND (
	NEW.origin NOT IN ('digest', 'notify', 'forward_to_owner')
	-- exactly one of ours; an address holds neither quote nor backslash
	OR NOT EXISTS (SELECT 1 FROM users u WHERE NEW.to_json = '["' || u.email || '"]' AND u.is_active = 1 AND u.role <> 'agent'))
BEGIN
	SELECT RAISE(ABORT, '403 unsigned mail goes to active users only');
END;
CREATE TRIGGER outbox_frozen BEFORE UPDATE OF bytes, sha256, to_json, from_address, message_id, origin ON outbox WHEN OLD.state IN ('sending', 'sent', 'unknown') BEGIN
	SELECT RAISE(ABORT, '409 the message has left');
END;
CREATE TRIGGER outbox_not_born_sent BEFORE INSERT ON outbox WHEN NEW.state NOT IN ('draft', 'pending') BEGIN
	SELECT RAISE(ABORT, '403 a message starts as draft or pending');
END;
CREATE TRIGGER outbox_events_state AFTER UPDATE OF state ON outbox WHEN OLD.state <> NEW.state BEGIN
	INSERT INTO outbox_events (outbox_id, event, detail) VALUES (NEW.id, NEW.state, coalesce(NEW.error, NEW.reply));
	INSERT INTO audit_log (action, resource, resource_id, changes_json)
	VALUES ('update', 'outbox', NEW.id, diff('state', OLD.state, NEW.state));
END;
CREATE TRIGGER outbox_audit_insert AFTER INSERT ON outbox BEGIN
	INSERT INTO audit_log (action, resource, resource_id, changes_json)
	VALUES ('create', 'outbox', NEW.id, diff('origin', NULL, NEW.origin, 'sha256', NULL, NEW.sha256));
END;
