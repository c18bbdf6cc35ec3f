-- A day's digest as each reader may read it, and what its figures are counted by.

-- When everybody who gets it had their message: what the next digest begins after. NULL while only some have.
ALTER TABLE digests ADD COLUMN done_at TEXT;
UPDATE digests SET done_at = created_at;

-- For those who may read more than everybody: digests itself holds what everybody may.
CREATE TABLE digest_editions (
	digest_id INTEGER NOT NULL REFERENCES digests (id),
	user_id INTEGER NOT NULL REFERENCES users (id),
	headline TEXT NOT NULL,
	subject TEXT NOT NULL,
	document_json TEXT NOT NULL CHECK (is_json(document_json)),
	text TEXT NOT NULL,
	html TEXT NOT NULL,
	PRIMARY KEY (digest_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER digests_audit_insert AFTER INSERT ON digests BEGIN
	INSERT INTO audit_log (action, resource, resource_id, changes_json)
	VALUES ('create', 'digests', NEW.id, diff('day', NULL, NEW.day, 'from_at', NULL, NEW.from_at, 'until_at', NULL, NEW.until_at));
END;
CREATE TRIGGER digests_audit_done AFTER UPDATE OF done_at ON digests WHEN OLD.done_at IS NOT NEW.done_at BEGIN
	INSERT INTO audit_log (action, resource, resource_id, changes_json)
	VALUES ('update', 'digests', NEW.id, diff('done_at', OLD.done_at, NEW.done_at));
END;

CREATE INDEX outbox_digest ON outbox (digest_id, state) WHERE digest_id IS NOT NULL;
CREATE INDEX outbox_digest_by_hand ON outbox (id) WHERE origin = 'digest' AND digest_id IS NULL;
CREATE INDEX messages_created ON messages (created_at, id);
CREATE INDEX proposals_created ON proposals (created_at, id);
CREATE INDEX contacts_created ON contacts (created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX communications_created ON communications (created_at, id) WHERE deleted_at IS NULL;
