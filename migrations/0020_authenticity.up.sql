-- What mail is worth beside its words: whether its sender is who it says, what to be careful with, why a machine's mail
-- is taken for one, and which address a delivery report is about.

ALTER TABLE mailboxes ADD COLUMN authserv_id TEXT; -- whose Authentication-Results are believed (RFC 8601 2.5); NULL: nobody's
CREATE TRIGGER mailboxes_audit_authserv AFTER UPDATE OF authserv_id ON mailboxes
WHEN OLD.authserv_id IS NOT NEW.authserv_id BEGIN
	INSERT INTO audit_log (action, resource, resource_id, changes_json) VALUES ('update', 'mailboxes', NEW.id,
		diff('authserv_id', OLD.authserv_id, NEW.authserv_id));
END;

-- NULL: sent by ourselves, or stored before this was looked at.
ALTER TABLE messages ADD COLUMN authenticity TEXT CHECK (authenticity IN ('verified', 'unverified', 'failed', 'unknown'));
ALTER TABLE messages ADD COLUMN warnings TEXT;  -- space-separated words, e.g. "reply-to look-alike"
ALTER TABLE messages ADD COLUMN automated TEXT; -- why is_automated, e.g. "list"

-- Delivery reports (RFC 3464): the mail that came back and whose address it is about.
CREATE TABLE bounces (
	message_id INTEGER PRIMARY KEY REFERENCES messages (id), -- the report
	of_message_id INTEGER REFERENCES messages (id),          -- what we sent; NULL: not stored here
	wanted_id TEXT,                                          -- its Message-ID, as the report has it
	email TEXT,
	status TEXT,                                             -- RFC 3463: "5.1.1"; NULL: not said
	at TEXT NOT NULL
) STRICT;
CREATE INDEX bounces_of ON bounces (of_message_id) WHERE of_message_id IS NOT NULL;
CREATE INDEX bounces_wanted ON bounces (wanted_id) WHERE of_message_id IS NULL;
-- A purge takes with it what a report said.
CREATE TRIGGER bounces_erase AFTER INSERT ON purged_messages BEGIN
	DELETE FROM bounces WHERE message_id = NEW.message_id;
	UPDATE bounces SET of_message_id = NULL WHERE of_message_id = NEW.message_id;
END;
CREATE INDEX bounces_email ON bounces (email, at);

-- Whoever may read of a message may read this of it; a report is as visible as the message it is.
DROP VIEW messages_seen;
CREATE VIEW messages_seen AS
	SELECT id, thread_id, message_id, body_sha256, raw_sha256, iif(level < 2, subject, '(subject not shown)') AS subject,
		iif(level = 0, snippet, '') AS snippet, sent_at, direction, from_name, from_email, is_automated,
		is_unparsed, has_attachments, size, defects, created_at, level, authenticity, warnings, automated
	FROM messages_inner WHERE level < 3;
CREATE VIEW bounces_seen AS SELECT b.* FROM bounces b WHERE NOT EXISTS (SELECT 1 FROM restrictions)
	OR EXISTS (SELECT 1 FROM messages_inner m WHERE m.id = b.message_id AND m.level < 3);
