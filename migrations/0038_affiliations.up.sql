-- A person's further organizations become records: said by people, proposed by everybody else, with a history and a trash.
DROP TRIGGER contacts_owned;
DROP VIEW affiliations_trash;
DROP VIEW affiliations_live;
CREATE TABLE affiliations_before AS SELECT * FROM affiliations;
DROP TABLE affiliations;
CREATE TABLE affiliations (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	contact_id INTEGER NOT NULL REFERENCES contacts (id),
	organization_id INTEGER NOT NULL REFERENCES organizations (id),
	role TEXT,
	from_on TEXT, -- the first day; NULL: since always
	to_on TEXT,   -- the last day; NULL: still
	source TEXT NOT NULL DEFAULT 'user' CHECK (source = 'user' OR source = 'capture' OR source = 'agent' OR source = 'import'),
	proposal_id INTEGER REFERENCES proposals (id),
	created_at TEXT NOT NULL DEFAULT (ctx_now()),
	created_by INTEGER REFERENCES users (id),
	updated_at TEXT NOT NULL DEFAULT (ctx_now()),
	updated_by INTEGER REFERENCES users (id),
	version INTEGER NOT NULL DEFAULT 1,
	deleted_at TEXT
) STRICT;
INSERT INTO affiliations (id, contact_id, organization_id, role, from_on, to_on, deleted_at)
	SELECT id, contact_id, organization_id, role, from_on, to_on, deleted_at FROM affiliations_before;
DROP TABLE affiliations_before;
CREATE VIEW affiliations_live AS SELECT * FROM affiliations WHERE deleted_at IS NULL;
CREATE VIEW affiliations_trash AS SELECT * FROM affiliations WHERE deleted_at IS NOT NULL;
CREATE INDEX affiliations_contact ON affiliations (contact_id);
CREATE INDEX affiliations_organization ON affiliations (organization_id);
CREATE UNIQUE INDEX affiliations_open ON affiliations (contact_id, organization_id) WHERE deleted_at IS NULL AND to_on IS NULL;

CREATE TRIGGER affiliations_countersigned BEFORE INSERT ON affiliations WHEN NEW.source IN ('capture', 'agent') AND NOT EXISTS (
	SELECT 1 FROM proposals WHERE id = NEW.proposal_id AND state IN ('approved', 'edited') AND decided_by IS NOT NULL)
BEGIN SELECT RAISE(ABORT, '403 nothing lands on a record without a countersignature'); END;
CREATE TRIGGER affiliations_by_a_person BEFORE UPDATE ON affiliations WHEN ctx_actor_kind() IS NOT 'human'
BEGIN SELECT RAISE(ABORT, '403 nothing lands on a record without a countersignature'); END;
CREATE TRIGGER affiliations_inserted_by_a_person BEFORE INSERT ON affiliations WHEN ctx_actor_kind() IS NOT 'human'
BEGIN SELECT RAISE(ABORT, '403 nothing lands on a record without a countersignature'); END;
CREATE TRIGGER affiliations_no_delete BEFORE DELETE ON affiliations BEGIN SELECT RAISE(ABORT, '403 nothing is hard-deleted'); END;
CREATE TRIGGER affiliations_audit_insert AFTER INSERT ON affiliations BEGIN
	INSERT INTO audit_log (action, resource, resource_id, changes_json)
	VALUES ('create', 'affiliations', NEW.id, diff('contact_id', NULL, NEW.contact_id, 'organization_id', NULL,
		NEW.organization_id, 'role', NULL, NEW.role, 'from_on', NULL, NEW.from_on, 'to_on', NULL, NEW.to_on));
END;
CREATE TRIGGER affiliations_audit_update AFTER UPDATE ON affiliations WHEN OLD.deleted_at IS NEW.deleted_at BEGIN
	INSERT INTO audit_log (action, resource, resource_id, changes_json)
	SELECT 'update', 'affiliations', NEW.id, c FROM (SELECT diff(
		'contact_id', OLD.contact_id, NEW.contact_id, 'organization_id', OLD.organization_id, NEW.organization_id,
		'role', OLD.role, NEW.role, 'from_on', OLD.from_on, NEW.from_on, 'to_on', OLD.to_on, NEW.to_on) AS c)
	WHERE c IS NOT NULL;
END;
CREATE TRIGGER affiliations_audit_delete AFTER UPDATE OF deleted_at ON affiliations WHEN OLD.deleted_at IS NOT NEW.deleted_at BEGIN
	INSERT INTO audit_log (action, resource, resource_id)
	VALUES (CASE WHEN NEW.deleted_at IS NULL THEN 'restore' ELSE 'delete' END, 'affiliations', NEW.id);
END;
-- They leave and return with the person and with the organization.
CREATE TRIGGER contacts_owned AFTER UPDATE OF deleted_at ON contacts WHEN OLD.deleted_at IS NOT NEW.deleted_at BEGIN
	UPDATE contact_emails SET deleted_at = NEW.deleted_at WHERE contact_id = NEW.id AND deleted_at IS OLD.deleted_at;
	UPDATE contact_phones SET deleted_at = NEW.deleted_at WHERE contact_id = NEW.id AND deleted_at IS OLD.deleted_at;
END;
CREATE TRIGGER contacts_affiliations AFTER UPDATE OF deleted_at ON contacts WHEN OLD.deleted_at IS NOT NEW.deleted_at BEGIN
	UPDATE affiliations SET deleted_at = NEW.deleted_at, version = version + 1, updated_at = ctx_now(), updated_by = ctx_user()
	WHERE contact_id = NEW.id AND deleted_at IS OLD.deleted_at;
END;
CREATE TRIGGER organizations_affiliations AFTER UPDATE OF deleted_at ON organizations WHEN OLD.deleted_at IS NOT NEW.deleted_at BEGIN
	UPDATE affiliations SET deleted_at = NEW.deleted_at, version = version + 1, updated_at = ctx_now(), updated_by = ctx_user()
	WHERE organization_id = NEW.id AND deleted_at IS OLD.deleted_at;
END;

-- Every organization that a person belongs to, with the days: where they work now, of every day, and beside it the others.
CREATE VIEW contact_organizations AS
	SELECT id AS contact_id, organization_id, '' AS from_on, '9' AS to_on, 0 AS is_beside FROM contacts_live
	WHERE organization_id IS NOT NULL
	UNION ALL SELECT contact_id, organization_id, coalesce(from_on, ''), coalesce(to_on, '9'), 1 FROM affiliations_live;
-- In whose mail a person takes part, a report about their address among it, and on which day (of UTC, as all mail is dated).
CREATE VIEW contact_mail AS
	SELECT c.id AS contact_id, m.thread_id, substr(m.sent_at, 1, 10) AS day
	FROM messages m JOIN message_addresses a ON a.message_id = m.id JOIN contact_emails_live e ON e.email = a.email
	JOIN contacts_live c ON c.id = e.contact_id
	UNION ALL SELECT c.id, m.thread_id, substr(m.sent_at, 1, 10)
	FROM messages m JOIN bounces b ON b.message_id = m.id JOIN contact_emails_live e ON e.email = b.email
	JOIN contacts_live c ON c.id = e.contact_id;

-- Who is in a thread: its people, each firm that one of them belonged to on the day of their mail, and firms by their domain.
DROP TRIGGER threads_summary_insert;
DROP VIEW thread_people;
CREATE VIEW thread_people AS
	SELECT thread_id, 'contacts' AS resource, contact_id AS resource_id FROM contact_mail
	UNION ALL SELECT p.thread_id, 'organizations', o.organization_id
	FROM contact_mail p JOIN contact_organizations o ON o.contact_id = p.contact_id AND p.day BETWEEN o.from_on AND o.to_on
	UNION ALL SELECT m.thread_id, 'organizations', d.organization_id
	FROM messages m JOIN message_addresses a ON a.message_id = m.id
	JOIN organization_domains_live d ON d.domain = substr(a.email, instr(a.email, '@') + 1)
	WHERE d.is_captured = 1;
CREATE TRIGGER threads_summary_insert INSTEAD OF INSERT ON threads_summary BEGIN
	UPDATE threads SET messages = s.messages, first_at = coalesce(s.first_at, threads.first_at),
		last_at = coalesce(s.last_at, threads.last_at), last_direction = s.last_direction
		FROM (SELECT * FROM threads_summary WHERE thread_id = NEW.thread_id) s WHERE threads.id = s.thread_id;
	DELETE FROM thread_parties WHERE thread_id = NEW.thread_id;
	INSERT OR IGNORE INTO thread_parties (resource, resource_id, thread_id, last_at)
		SELECT p.resource, p.resource_id, t.id, t.last_at
		FROM (SELECT resource, resource_id FROM thread_people WHERE thread_id = NEW.thread_id) p
		JOIN threads t ON t.id = NEW.thread_id;
END;
DROP TRIGGER contact_emails_link_mail;
CREATE TRIGGER contact_emails_link_mail AFTER INSERT ON contact_emails BEGIN
	INSERT OR IGNORE INTO thread_parties (resource, resource_id, thread_id, last_at)
	SELECT DISTINCT 'contacts', NEW.contact_id, t.id, t.last_at
	FROM message_addresses a JOIN messages m ON m.id = a.message_id JOIN threads t ON t.id = m.thread_id
	WHERE a.email = NEW.email;
	INSERT OR IGNORE INTO thread_parties (resource, resource_id, thread_id, last_at)
	SELECT 'organizations', o.organization_id, t.id, t.last_at
	FROM message_addresses a JOIN messages m ON m.id = a.message_id JOIN threads t ON t.id = m.thread_id
		JOIN contact_organizations o ON o.contact_id = NEW.contact_id AND substr(m.sent_at, 1, 10) BETWEEN o.from_on AND o.to_on
	WHERE a.email = NEW.email;
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
	DELETE FROM thread_parties WHERE thread_id = NEW.thread_id AND NOT EXISTS (SELECT 1 FROM thread_people p
		WHERE p.thread_id = NEW.thread_id AND p.resource = thread_parties.resource AND +p.resource_id = thread_parties.resource_id);
END;
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
			WHERE m.thread_id = p.thread_id AND m.level < 3 AND (p.resource_id IN (c.organization_id, d.organization_id)
				OR EXISTS (SELECT 1 FROM affiliations_live f WHERE f.contact_id = c.id AND f.organization_id = p.resource_id
					AND substr(m.sent_at, 1, 10) BETWEEN coalesce(f.from_on, '') AND coalesce(f.to_on, '9')))) END;
DROP VIEW search_firms;
CREATE VIEW search_firms AS
	SELECT 1 AS kind, id AS record, organization_id FROM contacts_live
	UNION ALL SELECT 1, contact_id, organization_id FROM affiliations_live
	UNION ALL SELECT 2, id, id FROM organizations_live
	UNION ALL SELECT 3, id, organization_id FROM investors_live
	UNION ALL SELECT 4, communication_id, resource_id FROM communication_parties_live WHERE resource = 'organizations'
	UNION ALL SELECT 5, m.id, p.resource_id FROM thread_parties p JOIN messages m ON m.thread_id = p.thread_id
		WHERE p.resource = 'organizations';

-- Inserting a person and a firm into the view works out anew which of the person's threads stand on the firm, and what waits
-- as activity is looked at again by the next capture.
CREATE VIEW contact_organization_threads AS SELECT contact_id, organization_id FROM affiliations_live;
CREATE TRIGGER contact_organization_threads_insert INSTEAD OF INSERT ON contact_organization_threads BEGIN
	DELETE FROM thread_parties WHERE resource = 'organizations' AND resource_id = NEW.organization_id
		AND thread_id IN (SELECT thread_id FROM contact_mail WHERE contact_id = NEW.contact_id)
		AND NOT EXISTS (SELECT 1 FROM thread_people p WHERE p.thread_id = thread_parties.thread_id
			AND p.resource = 'organizations' AND +p.resource_id = NEW.organization_id);
	INSERT OR IGNORE INTO thread_parties (resource, resource_id, thread_id, last_at)
		SELECT 'organizations', o.organization_id, t.id, t.last_at FROM contact_mail p JOIN threads t ON t.id = p.thread_id
		JOIN contact_organizations o ON o.contact_id = p.contact_id AND p.day BETWEEN o.from_on AND o.to_on
		WHERE p.contact_id = NEW.contact_id AND o.organization_id = NEW.organization_id;
	INSERT INTO activities_queue (thread_id) SELECT thread_id FROM contact_mail WHERE contact_id = NEW.contact_id
		AND thread_id IN (SELECT thread_id FROM proposals WHERE kind = 'activity' AND state = 'pending') ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER affiliations_mail_insert AFTER INSERT ON affiliations BEGIN
	INSERT INTO contact_organization_threads (contact_id, organization_id) VALUES (NEW.contact_id, NEW.organization_id);
END;
-- Of somebody who was deleted, or comes back from a merge, the mail stays where it is.
CREATE TRIGGER affiliations_mail_update AFTER UPDATE OF contact_id, organization_id, from_on, to_on, deleted_at ON affiliations BEGIN
	INSERT INTO contact_organization_threads (contact_id, organization_id)
		SELECT a.contact_id, a.organization_id FROM (SELECT OLD.contact_id AS contact_id, OLD.organization_id AS organization_id
			UNION SELECT NEW.contact_id, NEW.organization_id) a
		JOIN contacts_live c ON c.id = a.contact_id;
END;
