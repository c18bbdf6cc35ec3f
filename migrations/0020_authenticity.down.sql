DROP VIEW bounces_seen;
DROP VIEW messages_seen;
CREATE VIEW messages_seen AS
	SELECT id, thread_id, message_id, body_sha256, raw_sha256, iif(level < 2, subject, '(subject not shown)') AS subject,
		iif(level = 0, snippet, '') AS snippet, sent_at, direction, from_name, from_email, is_automated,
		is_unparsed, has_attachments, size, defects, created_at, level
	FROM messages_inner WHERE level < 3;
DROP TRIGGER bounces_erase;
DROP TABLE bounces;
ALTER TABLE messages DROP COLUMN automated;
ALTER TABLE messages DROP COLUMN warnings;
ALTER TABLE messages DROP COLUMN authenticity;
DROP TRIGGER mailboxes_audit_authserv;
ALTER TABLE mailboxes DROP COLUMN authserv_id;
