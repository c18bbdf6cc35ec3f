-- What waits as an activity says what its thread's mail of a day is, whatever is done to threads and decisions: a thread
-- whose mail came or went, or whose decision was taken back, is looked at again by the next capture.
CREATE TABLE activities_queue (
	thread_id INTEGER PRIMARY KEY REFERENCES threads (id),
	noted_at TEXT NOT NULL DEFAULT (ctx_now())
) STRICT;
CREATE TRIGGER messages_activities_update AFTER UPDATE OF thread_id ON messages WHEN NEW.thread_id <> OLD.thread_id BEGIN
	INSERT INTO activities_queue (thread_id) VALUES (OLD.thread_id), (NEW.thread_id) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER proposals_activities_update AFTER UPDATE OF state ON proposals
WHEN NEW.kind = 'activity' AND NEW.state = 'pending' AND OLD.state <> 'pending' AND NEW.thread_id IS NOT NULL BEGIN
	INSERT INTO activities_queue (thread_id) VALUES (NEW.thread_id) ON CONFLICT DO NOTHING;
END;
-- Until now two could wait for one day, and one for what two threads hold.
INSERT INTO activities_queue (thread_id) SELECT thread_id FROM proposals
	WHERE kind = 'activity' AND state = 'pending' AND thread_id IS NOT NULL GROUP BY thread_id HAVING count(*) > 1
	UNION SELECT from_id FROM thread_moves UNION SELECT into_id FROM thread_moves;
-- What an activity no longer says is not its evidence either; the program writes the rows of what it says now.
CREATE TRIGGER proposals_evidence_erase AFTER UPDATE OF evidence_json ON proposals
WHEN NEW.kind = 'activity' AND NEW.state = 'pending' AND NEW.evidence_json <> OLD.evidence_json BEGIN
	DELETE FROM proposal_messages WHERE proposal_id = NEW.id;
	INSERT OR IGNORE INTO proposal_messages (proposal_id, message_id)
		SELECT NEW.id, id FROM messages WHERE id IN (NEW.message_id,
			(SELECT id FROM messages WHERE thread_id = NEW.thread_id ORDER BY sent_at, id LIMIT 1));
END;
-- Which proposals spoke of what was purged: an activity does of all of its mail, in whichever thread that lies by then.
CREATE TABLE purged_evidence (
	proposal_id INTEGER NOT NULL REFERENCES proposals (id),
	message_id INTEGER NOT NULL,
	PRIMARY KEY (proposal_id, message_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX purged_evidence_message ON purged_evidence (message_id);
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
	INSERT INTO purged_evidence (proposal_id, message_id)
		SELECT proposal_id, message_id FROM proposal_messages WHERE message_id = NEW.message_id ON CONFLICT DO NOTHING;
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
DROP TRIGGER proposals_frozen;
CREATE TRIGGER proposals_frozen BEFORE UPDATE OF change_json, sha256, resource, target_id, kind, author_kind, author_id ON proposals
WHEN OLD.state <> 'pending' AND NOT (OLD.state = 'expired' AND NEW.state = 'pending') AND NOT (OLD.state NOT IN ('approved', 'edited') AND NEW.change_json = '{}' AND NEW.sha256 = OLD.sha256
	AND NEW.resource = OLD.resource AND NEW.target_id IS OLD.target_id AND NEW.kind = OLD.kind
	AND NEW.author_kind = OLD.author_kind AND NEW.author_id IS OLD.author_id
	AND (EXISTS (SELECT 1 FROM purged_messages WHERE message_id = OLD.message_id)
		OR EXISTS (SELECT 1 FROM purged_evidence WHERE proposal_id = OLD.id))) BEGIN
	SELECT RAISE(ABORT, '409 a decided proposal cannot be changed');
END;
