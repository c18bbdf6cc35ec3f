-- Looking again at what was left out because nobody known took part. No address is kept of such mail, so when a contact gains
-- one, or a domain is captured, the source is asked for it once more; mail-sync does so for whom a person asks it.
CREATE TABLE lookbacks (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	mailbox_id INTEGER NOT NULL REFERENCES mailboxes (id),
	contact_id INTEGER REFERENCES contacts (id), -- whose new address was the reason
	asked_at TEXT NOT NULL DEFAULT (ctx_now()),
	asked_by INTEGER NOT NULL REFERENCES users (id),
	total INTEGER NOT NULL DEFAULT 0,
	done INTEGER NOT NULL DEFAULT 0,
	stored INTEGER NOT NULL DEFAULT 0,
	ended_at TEXT
) STRICT;
CREATE UNIQUE INDEX lookbacks_open ON lookbacks (mailbox_id) WHERE ended_at IS NULL;
CREATE TRIGGER lookbacks_by_a_person BEFORE INSERT ON lookbacks
WHEN ctx_actor_kind() IS NOT 'human' OR ctx_actor_via() NOT IN ('session', 'cli') OR NEW.asked_by IS NOT ctx_user()
BEGIN SELECT RAISE(ABORT, '403 only a person asks for mail to be looked at again'); END;
CREATE TRIGGER lookbacks_no_delete BEFORE DELETE ON lookbacks BEGIN SELECT RAISE(ABORT, '403 nothing is hard-deleted'); END;
CREATE TRIGGER lookbacks_audit_insert AFTER INSERT ON lookbacks BEGIN
	INSERT INTO audit_log (action, resource, resource_id, changes_json)
	VALUES ('update', 'mailboxes', NEW.mailbox_id, diff('look again', NULL, 'asked', 'contact_id', NULL, NEW.contact_id));
END;
CREATE TRIGGER lookbacks_audit_end AFTER UPDATE OF ended_at ON lookbacks WHEN OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL BEGIN
	INSERT INTO audit_log (action, resource, resource_id, changes_json)
	VALUES ('update', 'mailboxes', NEW.mailbox_id, diff('look again', 'asked', 'done', 'done', 0, NEW.done, 'stored', 0, NEW.stored));
END;
CREATE INDEX mailbox_items_strangers ON mailbox_items (mailbox_id, seen_at) WHERE rule = 'stranger';

-- Keeping the mail of everybody at a firm's domain is an administrator's decision.
CREATE TRIGGER organization_domains_captured_insert BEFORE INSERT ON organization_domains WHEN NEW.is_captured = 1
	AND NOT EXISTS (SELECT 1 FROM users WHERE id = ctx_user() AND is_active = 1 AND role = 'admin')
BEGIN SELECT RAISE(ABORT, '403 capturing a domain takes an administrator'); END;
CREATE TRIGGER organization_domains_captured_update BEFORE UPDATE OF is_captured ON organization_domains
WHEN NEW.is_captured > OLD.is_captured AND NOT EXISTS (SELECT 1 FROM users WHERE id = ctx_user() AND is_active = 1 AND role = 'admin')
BEGIN SELECT RAISE(ABORT, '403 capturing a domain takes an administrator'); END;
CREATE TRIGGER organization_domains_audit_captured AFTER UPDATE OF is_captured ON organization_domains
WHEN NEW.is_captured <> OLD.is_captured BEGIN
	INSERT INTO audit_log (action, resource, resource_id, changes_json) VALUES ('update', 'organizations', NEW.organization_id,
		diff('mail of ' || NEW.domain, iif(OLD.is_captured, 'all kept', 'of known people'), iif(NEW.is_captured, 'all kept', 'of known people')));
END;
CREATE VIEW left_out AS SELECT mailbox_id, seen_at FROM mailbox_items WHERE rule = 'stranger'; -- for counting
