-- What a person wants left out of capture. A rule holds for what comes and for what is stored: copies that it takes become
-- `excluded`, and a message that no mailbox holds any more is purged. Purging is the one thing that erases, and nothing but
-- the trigger purged_messages_erase does it: the guard (db/guard.c) lets no statement of the program delete mail.

CREATE TABLE rules (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	kind TEXT NOT NULL CHECK (kind IN ('address', 'domain', 'list', 'automatic', 'label', 'size')),
	value TEXT NOT NULL,             -- address; domain; List-Id or '' for any list; ''; folder or \Flag; megabytes
	user_id INTEGER REFERENCES users (id), -- whose mailboxes; NULL: all of the fund's
	created_at TEXT NOT NULL DEFAULT (ctx_now()),
	created_by INTEGER NOT NULL REFERENCES users (id),
	deleted_at TEXT,                 -- retracted
	deleted_by INTEGER REFERENCES users (id)
) STRICT;
CREATE VIEW rules_live AS SELECT * FROM rules WHERE deleted_at IS NULL;
CREATE VIEW rules_trash AS SELECT * FROM rules WHERE deleted_at IS NOT NULL;
CREATE UNIQUE INDEX rules_once ON rules (kind, value, coalesce(user_id, 0)) WHERE deleted_at IS NULL;
CREATE INDEX rules_user ON rules (user_id, id);

-- A person makes a rule for himself; an administrator for the fund. Nobody's changes but by being retracted.
CREATE TRIGGER rules_by_a_person BEFORE INSERT ON rules
WHEN ctx_actor_kind() IS NOT 'human' OR ctx_actor_via() NOT IN ('session', 'cli') OR NEW.created_by IS NOT ctx_user()
	OR (NEW.user_id IS NOT NULL AND NEW.user_id <> ctx_user())
	OR (NEW.user_id IS NULL AND NOT EXISTS (SELECT 1 FROM users WHERE id = ctx_user() AND is_active = 1 AND role = 'admin'))
BEGIN SELECT RAISE(ABORT, '403 a rule for the whole fund takes an administrator'); END;
CREATE TRIGGER rules_retract_by_a_person BEFORE UPDATE ON rules
WHEN ctx_actor_kind() IS NOT 'human' OR ctx_actor_via() NOT IN ('session', 'cli') OR OLD.deleted_at IS NOT NULL
	OR NEW.deleted_at IS NULL OR NEW.kind <> OLD.kind OR NEW.value <> OLD.value OR NEW.user_id IS NOT OLD.user_id
	OR (OLD.user_id IS NOT NULL AND OLD.user_id <> ctx_user())
	OR (OLD.user_id IS NULL AND NOT EXISTS (SELECT 1 FROM users WHERE id = ctx_user() AND is_active = 1 AND role = 'admin'))
BEGIN SELECT RAISE(ABORT, '403 a rule is retracted by whose it is'); END;
CREATE TRIGGER rules_no_delete BEFORE DELETE ON rules BEGIN SELECT RAISE(ABORT, '403 nothing is hard-deleted'); END;
-- What somebody leaves out of his own mail is not for all who read the audit log.
CREATE TRIGGER rules_audit_insert AFTER INSERT ON rules BEGIN
	INSERT INTO audit_log (action, resource, resource_id, changes_json) VALUES ('create', 'rules', NEW.id,
		diff('kind', NULL, NEW.kind, 'value', NULL, iif(NEW.user_id IS NULL, NEW.value, NULL), 'user_id', NULL, NEW.user_id));
END;
CREATE TRIGGER rules_audit_delete AFTER UPDATE OF deleted_at ON rules WHEN OLD.deleted_at IS NULL BEGIN
	INSERT INTO audit_log (action, resource, resource_id) VALUES ('delete', 'rules', NEW.id);
END;

-- The receipt of what a rule did to what was stored, and how far capture is with it.
CREATE TABLE purges (
	rule_id INTEGER PRIMARY KEY REFERENCES rules (id),
	copies INTEGER NOT NULL DEFAULT 0,   -- rows of the ledger that it took
	hidden INTEGER NOT NULL DEFAULT 0,   -- messages that stay: another mailbox holds them
	messages INTEGER NOT NULL DEFAULT 0, -- messages whose content is gone
	bytes INTEGER NOT NULL DEFAULT 0,    -- of those, as they came
	files INTEGER NOT NULL DEFAULT 0,    -- removed from the content store
	ended_at TEXT                        -- NULL: under way
) STRICT;
CREATE INDEX purges_under_way ON purges (rule_id) WHERE ended_at IS NULL;
CREATE TRIGGER rules_purge AFTER INSERT ON rules BEGIN INSERT INTO purges (rule_id) VALUES (NEW.id); END;
CREATE TRIGGER purges_by_capture BEFORE UPDATE ON purges WHEN ctx_actor_kind() IS NOT 'system'
BEGIN SELECT RAISE(ABORT, '403 a purge receipt is written by capture'); END;
CREATE TRIGGER purges_audit AFTER UPDATE OF ended_at ON purges WHEN OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL BEGIN
	INSERT INTO audit_log (action, resource, resource_id, changes_json) VALUES ('purge', 'rules', NEW.rule_id,
		diff('copies', 0, NEW.copies, 'hidden', 0, NEW.hidden, 'messages', 0, NEW.messages, 'bytes', 0, NEW.bytes,
			'files', 0, NEW.files));
END;

-- List mail is known by its List-Id, '' where it has none; NULL: from no list.
ALTER TABLE messages ADD COLUMN list_id TEXT;
CREATE INDEX messages_list ON messages (list_id) WHERE list_id IS NOT NULL;
UPDATE messages SET list_id = '' WHERE is_automated = 1 AND id IN (SELECT message_id FROM message_bodies
	WHERE headers LIKE '%' || char(10) || 'List-%' OR headers LIKE '%' || char(10) || 'Precedence: %');
CREATE INDEX messages_automated ON messages (id) WHERE is_automated = 1;
CREATE INDEX messages_size ON messages (size);
CREATE INDEX message_addresses_domain ON message_addresses (substr(email, instr(email, '@') + 1), message_id);
CREATE INDEX mailbox_items_folder ON mailbox_items (folder COLLATE NOCASE) WHERE message_id IS NOT NULL;

-- What a rule is compared with: figures and ids for counting, whoever may read the mail itself.
CREATE VIEW rule_copies AS SELECT mailbox_id, source_id, message_id, folder, flags FROM mailbox_items
	WHERE message_id IS NOT NULL;
CREATE VIEW rule_mailboxes AS SELECT id AS mailbox_id, user_id FROM mailboxes;
CREATE VIEW rule_messages AS SELECT id AS message_id, size, list_id, is_automated FROM messages;
CREATE VIEW rule_addresses AS SELECT message_id, email, substr(email, instr(email, '@') + 1) AS domain FROM message_addresses;

-- What is left of a purged message: that it was, when, and by which rule it went.
CREATE TABLE purged_messages (
	message_id INTEGER PRIMARY KEY,
	rule_id INTEGER NOT NULL REFERENCES rules (id),
	thread_id INTEGER NOT NULL REFERENCES threads (id),
	sent_at TEXT NOT NULL,
	purged_at TEXT NOT NULL DEFAULT (ctx_now())
) STRICT;
CREATE TABLE communication_purges (
	communication_id INTEGER NOT NULL REFERENCES communications (id),
	message_id INTEGER NOT NULL REFERENCES purged_messages (message_id),
	PRIMARY KEY (communication_id, message_id)
) STRICT, WITHOUT ROWID;
-- Files of the content store to be removed once nothing refers to them.
CREATE TABLE blobs_queue (
	sha256 TEXT PRIMARY KEY,
	rule_id INTEGER NOT NULL REFERENCES rules (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX messages_raw ON messages (raw_sha256);
CREATE INDEX attachments_sha256 ON attachments (sha256);

CREATE TRIGGER purged_messages_allowed BEFORE INSERT ON purged_messages
WHEN ctx_actor_kind() IS NOT 'system' OR EXISTS (SELECT 1 FROM mailbox_items WHERE message_id = NEW.message_id)
	OR NOT EXISTS (SELECT 1 FROM rules_live r JOIN purges p ON p.rule_id = r.id AND p.ended_at IS NULL WHERE r.id = NEW.rule_id)
BEGIN SELECT RAISE(ABORT, '403 only mail that a rule took from every mailbox is purged'); END;
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
CREATE TRIGGER purged_messages_no_update BEFORE UPDATE ON purged_messages
BEGIN SELECT RAISE(ABORT, '403 a purge receipt cannot be changed'); END;
CREATE TRIGGER purged_messages_no_delete BEFORE DELETE ON purged_messages
BEGIN SELECT RAISE(ABORT, '403 nothing is hard-deleted'); END;
CREATE TRIGGER blobs_queue_erase AFTER DELETE ON blobs_queue BEGIN
	DELETE FROM blobs WHERE sha256 = OLD.sha256
		AND NOT EXISTS (SELECT 1 FROM attachments WHERE sha256 = OLD.sha256 AND is_stored = 1);
END;

-- The audit log keeps for ever what it is told, so it is not told what a mail said.
DROP TRIGGER proposals_audit_insert;
CREATE TRIGGER proposals_audit_insert AFTER INSERT ON proposals BEGIN
	INSERT INTO audit_log (action, resource, resource_id, changes_json) VALUES ('propose', 'proposals', NEW.id,
		diff('kind', NULL, NEW.kind, 'title', NULL, iif(NEW.author_kind = 'capture', NULL, NEW.title), 'sha256', NULL, NEW.sha256));
END;
-- What a proposal that nobody approved took from purged mail goes with it; its hash stays.
DROP TRIGGER proposals_frozen;
CREATE TRIGGER proposals_frozen BEFORE UPDATE OF change_json, sha256, resource, target_id, kind, author_kind, author_id ON proposals
WHEN OLD.state <> 'pending' AND NOT (OLD.state = 'expired' AND NEW.state = 'pending') AND NOT (OLD.state NOT IN ('approved', 'edited') AND NEW.change_json = '{}' AND NEW.sha256 = OLD.sha256
	AND NEW.resource = OLD.resource AND NEW.target_id IS OLD.target_id AND NEW.kind = OLD.kind
	AND NEW.author_kind = OLD.author_kind AND NEW.author_id IS OLD.author_id
	AND EXISTS (SELECT 1 FROM purged_messages WHERE message_id = OLD.message_id)) BEGIN
	SELECT RAISE(ABORT, '409 a decided proposal cannot be changed');
END;
