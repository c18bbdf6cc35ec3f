DROP TRIGGER proposals_audit_insert;
CREATE TRIGGER proposals_audit_insert AFTER INSERT ON proposals BEGIN
	INSERT INTO audit_log (action, resource, resource_id, changes_json)
	VALUES ('propose', 'proposals', NEW.id, diff('title', NULL, NEW.title, 'sha256', NULL, NEW.sha256));
END;
DROP TRIGGER proposals_frozen;
CREATE TRIGGER proposals_frozen BEFORE UPDATE OF change_json, sha256, resource, target_id, kind, author_kind, author_id ON proposals
WHEN OLD.state <> 'pending' AND NOT (OLD.state = 'expired' AND NEW.state = 'pending') BEGIN
	SELECT RAISE(ABORT, '409 a decided proposal cannot be changed');
END;
DROP INDEX attachments_sha256;
DROP INDEX messages_raw;
DROP TABLE blobs_queue;
DROP TABLE communication_purges;
DROP TABLE purged_messages;
DROP VIEW rule_addresses;
DROP VIEW rule_messages;
DROP VIEW rule_mailboxes;
DROP VIEW rule_copies;
DROP INDEX mailbox_items_folder;
DROP INDEX message_addresses_domain;
DROP INDEX messages_size;
DROP INDEX messages_automated;
DROP INDEX messages_list;
ALTER TABLE messages DROP COLUMN list_id;
DROP TABLE purges;
DROP VIEW rules_trash;
DROP VIEW rules_live;
DROP TABLE rules;
