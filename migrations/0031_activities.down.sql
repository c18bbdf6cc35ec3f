DROP TRIGGER proposals_frozen;
CREATE TRIGGER proposals_frozen BEFORE UPDATE OF change_json, sha256, resource, target_id, kind, author_kind, author_id ON proposals
WHEN OLD.state <> 'pending' AND NOT (OLD.state = 'expired' AND NEW.state = 'pending') AND NOT (OLD.state NOT IN ('approved', 'edited') AND NEW.change_json = '{}' AND NEW.sha256 = OLD.sha256
	AND NEW.resource = OLD.resource AND NEW.target_id IS OLD.target_id AND NEW.kind = OLD.kind
	AND NEW.author_kind = OLD.author_kind AND NEW.author_id IS OLD.author_id
	AND EXISTS (SELECT 1 FROM purged_messages WHERE message_id = OLD.message_id)) BEGIN
	SELECT RAISE(ABORT, '409 a decided proposal cannot be changed');
END;
DROP TRIGGER purged_messages_erase;
CREATE TRIGGER purged_messages_erase AFTER INSERT ON purged_messages BEGIN
	INSERT INTO communication_purges (communication_id, message_id)
		SELECT communication_id, message_id FROM communication_messages WHERE message_id = NEW.message_id;
	DELETE FROM communication_messages WHERE message_id = NEW.message_id;
	INSERT INTO blobs_queue (sha256, rule_id) SELECT raw_sha256, NEW.rule_id FROM messages WHERE id = NEW.message_id
		UNION SELECT sha256, NEW.rule_id FROM attachments WHERE message_id = NEW.message_id AND is_stored = 1
		ON CONFLICT DO NOTHING;
	UPDATE purges SET messages = messages + 1, bytes = bytes + (SELECT size FROM messages WHERE id = NEW.message_id)
		WHERE rule_id = NEW.rule_id;
	DELETE FROM proposal_messages WHERE message_id = NEW.message_id;
	DELETE FROM attachments WHERE message_id = NEW.message_id;
	DELETE FROM message_addresses WHERE message_id = NEW.message_id;
	DELETE FROM message_bodies WHERE message_id = NEW.message_id;
	INSERT INTO search_queue (kind, record) VALUES (5, NEW.message_id) ON CONFLICT DO NOTHING;
	DELETE FROM messages WHERE id = NEW.message_id;
	DELETE FROM thread_refs WHERE thread_id = NEW.thread_id
		AND NOT EXISTS (SELECT 1 FROM messages WHERE thread_id = NEW.thread_id);
	DELETE FROM thread_parties WHERE thread_id = NEW.thread_id AND NOT EXISTS (SELECT 1 FROM messages m
		JOIN message_addresses a ON a.message_id = m.id
		LEFT JOIN contact_emails_live e ON e.email = a.email LEFT JOIN contacts_live c ON c.id = e.contact_id
		LEFT JOIN organization_domains_live d ON d.domain = substr(a.email, instr(a.email, '@') + 1) AND d.is_captured = 1
		WHERE m.thread_id = NEW.thread_id AND iif(thread_parties.resource = 'contacts', c.id = thread_parties.resource_id,
			c.organization_id = thread_parties.resource_id OR d.organization_id = thread_parties.resource_id));
END;
DROP TABLE purged_evidence;
DROP TRIGGER proposals_evidence_erase;
DROP TRIGGER proposals_activities_update;
DROP TRIGGER messages_activities_update;
DROP TABLE activities_queue;
