DROP TRIGGER contacts_affiliations;
DROP TRIGGER organizations_affiliations;
DROP TRIGGER contacts_owned;
DROP VIEW contact_organization_threads;
DROP VIEW search_firms;
CREATE VIEW search_firms AS
	SELECT 1 AS kind, id AS record, organization_id FROM contacts_live
	UNION ALL SELECT 2, id, id FROM organizations_live
	UNION ALL SELECT 3, id, organization_id FROM investors_live
	UNION ALL SELECT 4, communication_id, resource_id FROM communication_parties_live WHERE resource = 'organizations'
	UNION ALL SELECT 5, m.id, p.resource_id FROM thread_parties p JOIN messages m ON m.thread_id = p.thread_id
		WHERE p.resource = 'organizations';
DROP VIEW thread_parties_seen;
CREATE VIEW thread_parties_seen AS SELECT p.* FROM thread_parties p WHERE NOT EXISTS (SELECT 1 FROM restrictions)
	OR EXISTS (SELECT 1 FROM threads_inner t WHERE t.id = p.thread_id AND t.bound = 0)
	OR CASE p.resource WHEN 'contacts' THEN EXISTS (SELECT 1 FROM messages_inner m CROSS JOIN message_addresses a
			ON a.message_id = m.id CROSS JOIN contact_emails_live e ON e.email = a.email
			WHERE m.thread_id = p.thread_id AND m.level < 3 AND e.contact_id = p.resource_id
			AND EXISTS (SELECT 1 FROM contacts_live c WHERE c.id = e.contact_id))
		ELSE EXISTS (SELECT 1 FROM messages_inner m CROSS JOIN message_addresses a ON a.message_id = m.id
			LEFT JOIN contact_emails_live e ON e.email = a.email LEFT JOIN contacts_live c ON c.id = e.contact_id
			LEFT JOIN organization_domains_live d ON d.domain = substr(a.email, instr(a.email, '@') + 1)
			WHERE m.thread_id = p.thread_id AND m.level < 3 AND p.resource_id IN (c.organization_id, d.organization_id)) END;
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
DROP TRIGGER contact_emails_link_mail;
CREATE TRIGGER contact_emails_link_mail AFTER INSERT ON contact_emails BEGIN
	INSERT OR IGNORE INTO thread_parties (resource, resource_id, thread_id, last_at)
	SELECT DISTINCT 'contacts', NEW.contact_id, t.id, t.last_at
	FROM message_addresses a JOIN messages m ON m.id = a.message_id JOIN threads t ON t.id = m.thread_id
	WHERE a.email = NEW.email;
	INSERT OR IGNORE INTO thread_parties (resource, resource_id, thread_id, last_at)
	SELECT DISTINCT 'organizations', c.organization_id, t.id, t.last_at
	FROM message_addresses a JOIN messages m ON m.id = a.message_id JOIN threads t ON t.id = m.thread_id
		JOIN contacts_live c ON c.id = NEW.contact_id
	WHERE a.email = NEW.email AND c.organization_id IS NOT NULL;
END;
DROP TRIGGER threads_summary_insert;
DROP VIEW thread_people;
CREATE VIEW thread_people AS
	SELECT m.thread_id, 'contacts' AS resource, c.id AS resource_id, c.organization_id
	FROM messages m JOIN message_addresses a ON a.message_id = m.id JOIN contact_emails_live e ON e.email = a.email
	JOIN contacts_live c ON c.id = e.contact_id
	UNION SELECT m.thread_id, 'contacts', c.id, c.organization_id
	FROM messages m JOIN bounces b ON b.message_id = m.id JOIN contact_emails_live e ON e.email = b.email
	JOIN contacts_live c ON c.id = e.contact_id
	UNION SELECT m.thread_id, 'organizations', d.organization_id, NULL
	FROM messages m JOIN message_addresses a ON a.message_id = m.id
	JOIN organization_domains_live d ON d.domain = substr(a.email, instr(a.email, '@') + 1)
	WHERE d.is_captured = 1;
CREATE TRIGGER threads_summary_insert INSTEAD OF INSERT ON threads_summary BEGIN
	UPDATE threads SET messages = s.messages, first_at = coalesce(s.first_at, threads.first_at),
		last_at = coalesce(s.last_at, threads.last_at), last_direction = s.last_direction
		FROM (SELECT * FROM threads_summary WHERE thread_id = NEW.thread_id) s WHERE threads.id = s.thread_id;
	DELETE FROM thread_parties WHERE thread_id = NEW.thread_id;
	INSERT INTO thread_parties (resource, resource_id, thread_id, last_at)
		SELECT p.resource, p.resource_id, t.id, t.last_at FROM (
			SELECT resource, resource_id FROM thread_people WHERE thread_id = NEW.thread_id
			UNION SELECT 'organizations', organization_id FROM thread_people
			WHERE thread_id = NEW.thread_id AND organization_id IS NOT NULL) p
		JOIN threads t ON t.id = NEW.thread_id;
END;
DROP VIEW contact_mail;
DROP VIEW contact_organizations;
DROP VIEW affiliations_trash;
DROP VIEW affiliations_live;
CREATE TABLE affiliations_before AS SELECT * FROM affiliations;
DROP TABLE affiliations;
CREATE TABLE affiliations (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	contact_id INTEGER NOT NULL REFERENCES contacts (id),
	organization_id INTEGER NOT NULL REFERENCES organizations (id),
	role TEXT,
	from_on TEXT,
	to_on TEXT,
	deleted_at TEXT
) STRICT;
CREATE INDEX affiliations_contact ON affiliations (contact_id);
CREATE INDEX affiliations_organization ON affiliations (organization_id);
CREATE VIEW affiliations_live AS SELECT * FROM affiliations WHERE deleted_at IS NULL;
CREATE VIEW affiliations_trash AS SELECT * FROM affiliations WHERE deleted_at IS NOT NULL;
INSERT INTO affiliations (id, contact_id, organization_id, role, from_on, to_on, deleted_at)
	SELECT id, contact_id, organization_id, role, from_on, to_on, deleted_at FROM affiliations_before;
DROP TABLE affiliations_before;
CREATE TRIGGER contacts_owned AFTER UPDATE OF deleted_at ON contacts WHEN OLD.deleted_at IS NOT NEW.deleted_at BEGIN
	UPDATE contact_emails SET deleted_at = NEW.deleted_at WHERE contact_id = NEW.id AND deleted_at IS OLD.deleted_at;
	UPDATE contact_phones SET deleted_at = NEW.deleted_at WHERE contact_id = NEW.id AND deleted_at IS OLD.deleted_at;
	UPDATE affiliations SET deleted_at = NEW.deleted_at WHERE contact_id = NEW.id AND deleted_at IS OLD.deleted_at;
END;
