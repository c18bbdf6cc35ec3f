-- Who may read which mail. A mailbox is open to everyone, shows its subjects, shows that there was mail, or shows nothing.
-- It binds everybody but its owner; where several hold a thread the strictest wins, and whoever owns a mailbox that holds a
-- message reads that message. Pages, API, search and digest read through the views that end in _seen; the guard
-- (db/guard.c) lets them read the tables, and the views that end in _inner, no other way.
-- Levels: 0 everything, 1 the subject, 2 who and when, 3 nothing.

ALTER TABLE mailboxes ADD COLUMN level INTEGER GENERATED ALWAYS AS (CASE visibility WHEN 'everyone' THEN 0
	WHEN 'subject' THEN 1 WHEN 'metadata' THEN 2 ELSE 3 END) VIRTUAL;
CREATE INDEX mailboxes_restricted ON mailboxes (level) WHERE visibility <> 'everyone';
CREATE INDEX mailboxes_user ON mailboxes (user_id);
CREATE TRIGGER mailboxes_visibility_by_owner BEFORE UPDATE OF visibility ON mailboxes
WHEN OLD.visibility <> NEW.visibility AND (ctx_actor_kind() IS NOT 'human' OR (ctx_actor_via() IS NOT 'cli'
	AND OLD.user_id IS NOT ctx_user() AND (OLD.user_id IS NOT NULL
		OR NOT EXISTS (SELECT 1 FROM users WHERE id = ctx_user() AND role = 'admin'))))
BEGIN
	SELECT RAISE(ABORT, '403 only the owner of a mailbox says who reads it');
END;

-- Empty where every mailbox is open, which is the usual case. The views ask it first, once a statement, and then look up
-- nothing more.
CREATE VIEW restrictions AS SELECT id FROM mailboxes WHERE visibility <> 'everyone';
-- Who looks as somebody else (ctx_viewer) sees what both may.
CREATE VIEW readers AS SELECT ctx_reader() AS id UNION SELECT ctx_viewer();

CREATE TABLE thread_holders_cache (
	thread_id INTEGER NOT NULL REFERENCES threads (id),
	mailbox_id INTEGER NOT NULL REFERENCES mailboxes (id),
	PRIMARY KEY (thread_id, mailbox_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX thread_holders_mailbox ON thread_holders_cache (mailbox_id);
CREATE VIEW thread_holders AS SELECT h.thread_id, b.user_id, b.level FROM thread_holders_cache h
	JOIN mailboxes b ON b.id = h.mailbox_id;
CREATE VIEW message_holders AS SELECT i.message_id, b.user_id FROM mailbox_items i JOIN mailboxes b ON b.id = i.mailbox_id;
CREATE VIEW thread_held AS SELECT m.thread_id, i.mailbox_id FROM messages m JOIN mailbox_items i ON i.message_id = m.id;
CREATE TRIGGER mailbox_items_hold_insert AFTER INSERT ON mailbox_items WHEN NEW.message_id IS NOT NULL BEGIN
	INSERT OR IGNORE INTO thread_holders_cache (thread_id, mailbox_id)
		SELECT thread_id, NEW.mailbox_id FROM messages WHERE id = NEW.message_id;
END;
CREATE TRIGGER mailbox_items_hold_update AFTER UPDATE OF message_id ON mailbox_items
WHEN NEW.message_id IS NOT OLD.message_id BEGIN
	INSERT OR IGNORE INTO thread_holders_cache (thread_id, mailbox_id)
		SELECT thread_id, NEW.mailbox_id FROM messages WHERE id = NEW.message_id;
	DELETE FROM thread_holders_cache WHERE mailbox_id = OLD.mailbox_id
		AND thread_id = (SELECT thread_id FROM messages WHERE id = OLD.message_id) AND NOT EXISTS (SELECT 1 FROM thread_held h
			WHERE h.thread_id = thread_holders_cache.thread_id AND h.mailbox_id = OLD.mailbox_id);
END;
CREATE TRIGGER messages_hold_update AFTER UPDATE OF thread_id ON messages WHEN NEW.thread_id <> OLD.thread_id BEGIN
	INSERT OR IGNORE INTO thread_holders_cache (thread_id, mailbox_id)
		SELECT NEW.thread_id, mailbox_id FROM mailbox_items WHERE message_id = NEW.id;
	DELETE FROM thread_holders_cache WHERE thread_id = OLD.thread_id AND NOT EXISTS (SELECT 1 FROM thread_held h
		WHERE h.thread_id = OLD.thread_id AND h.mailbox_id = thread_holders_cache.mailbox_id);
END;
INSERT INTO thread_holders_cache (thread_id, mailbox_id) SELECT DISTINCT thread_id, mailbox_id FROM thread_held;

-- ---- mail ----
CREATE VIEW messages_inner AS SELECT m.*, CASE WHEN NOT EXISTS (SELECT 1 FROM restrictions) THEN 0
	ELSE coalesce((SELECT max(CASE
			WHEN EXISTS (SELECT 1 FROM message_holders h WHERE h.message_id = m.id AND h.user_id = r.id) THEN 0
			ELSE (SELECT max(iif(h.user_id = r.id, 0, h.level)) FROM thread_holders h WHERE h.thread_id = m.thread_id) END)
		FROM readers r), 3) END AS level FROM messages m;
CREATE VIEW messages_seen AS
	SELECT id, thread_id, message_id, body_sha256, raw_sha256, iif(level < 2, subject, '(subject not shown)') AS subject,
		iif(level = 0, snippet, '') AS snippet, sent_at, direction, from_name, from_email, is_automated,
		is_unparsed, has_attachments, size, defects, created_at, level
	FROM messages_inner WHERE level < 3;
CREATE VIEW message_bodies_seen AS SELECT b.* FROM message_bodies b WHERE NOT EXISTS (SELECT 1 FROM restrictions)
	OR EXISTS (SELECT 1 FROM messages_inner m WHERE m.id = b.message_id AND m.level = 0);
CREATE VIEW attachments_seen AS SELECT a.* FROM attachments a WHERE NOT EXISTS (SELECT 1 FROM restrictions)
	OR EXISTS (SELECT 1 FROM messages_inner m WHERE m.id = a.message_id AND m.level = 0);
CREATE VIEW message_addresses_seen AS SELECT a.* FROM message_addresses a WHERE NOT EXISTS (SELECT 1 FROM restrictions)
	OR EXISTS (SELECT 1 FROM messages_inner m WHERE m.id = a.message_id AND m.level < 3);
-- Where a message's copies lie is the business of those who may read it in that mailbox.
CREATE VIEW mailbox_items_seen AS SELECT i.* FROM mailbox_items i WHERE NOT EXISTS (SELECT 1 FROM restrictions)
	OR EXISTS (SELECT 1 FROM mailboxes b WHERE b.id = i.mailbox_id AND (b.level = 0
		OR (b.user_id = ctx_reader() AND b.user_id = ctx_viewer())));

-- ---- threads ----
-- bound: what the others' mailboxes leave of any of its messages. level: of its most open one. audience: what is left for
-- those who hold none.
CREATE VIEW threads_inner AS SELECT t.*, CASE WHEN NOT EXISTS (SELECT 1 FROM restrictions) THEN 0
		ELSE coalesce((SELECT max(iif(h.user_id = r.id, 0, h.level)) FROM readers r JOIN thread_holders h
			WHERE h.thread_id = t.id), 3) END AS bound,
	CASE WHEN NOT EXISTS (SELECT 1 FROM restrictions) THEN 0
		ELSE coalesce((SELECT max(iif(EXISTS (SELECT 1 FROM thread_holders o WHERE o.thread_id = t.id AND o.user_id = r.id),
			0, h.level)) FROM readers r JOIN thread_holders h WHERE h.thread_id = t.id), 3) END AS level,
	CASE WHEN NOT EXISTS (SELECT 1 FROM restrictions) THEN 0
		ELSE coalesce((SELECT max(h.level) FROM thread_holders h WHERE h.thread_id = t.id), 3) END AS audience
	FROM threads t;
-- Of a thread that is seen in part, the figures are those of the messages that are seen. sort_at is the index's own: it
-- orders lists and is not for showing.
CREATE VIEW threads_seen AS
	SELECT id, iif(bound = 0, subject, coalesce((SELECT m.subject FROM messages_inner m WHERE m.thread_id = t.id
			AND m.level < 2 ORDER BY m.sent_at, m.id LIMIT 1), '(subject not shown)')) AS subject,
		iif(bound = 0, first_at, (SELECT min(sent_at) FROM messages_seen WHERE thread_id = t.id)) AS first_at,
		iif(bound = 0, last_at, (SELECT max(sent_at) FROM messages_seen WHERE thread_id = t.id)) AS last_at,
		iif(bound = 0, messages, (SELECT count(*) FROM messages_seen WHERE thread_id = t.id)) AS messages,
		iif(bound = 0, last_direction, (SELECT direction FROM messages_seen WHERE thread_id = t.id
			AND is_automated = 0 ORDER BY sent_at DESC, id DESC LIMIT 1)) AS last_direction,
		merged_into, level, audience, last_at AS sort_at
	FROM threads_inner t
	WHERE level < 3 AND (bound = 0 OR EXISTS (SELECT 1 FROM messages_seen m WHERE m.thread_id = t.id));
-- Where a list goes on after a thread that is seen in part; NULL: after what it shows as its last_at.
CREATE VIEW thread_places AS SELECT id, iif(bound = 0, NULL, last_at) AS at FROM threads_inner;
-- Where a merged thread went.
CREATE VIEW thread_signposts AS SELECT id, merged_into FROM threads WHERE merged_into IS NOT NULL;
CREATE VIEW thread_parties_seen AS SELECT p.* FROM thread_parties p WHERE NOT EXISTS (SELECT 1 FROM restrictions)
	OR EXISTS (SELECT 1 FROM threads_inner t WHERE t.id = p.thread_id AND t.bound = 0)
	OR EXISTS (SELECT 1 FROM messages_inner m JOIN message_addresses a ON a.message_id = m.id
		LEFT JOIN contact_emails_live e ON e.email = a.email LEFT JOIN contacts_live c ON c.id = e.contact_id
		LEFT JOIN organization_domains_live d ON d.domain = substr(a.email, instr(a.email, '@') + 1)
		WHERE m.thread_id = p.thread_id AND m.level < 3 AND p.resource_id IN
			(iif(p.resource = 'contacts', c.id, c.organization_id), iif(p.resource = 'contacts', c.id, d.organization_id)));

-- ---- what came of mail ----
-- The messages that a proposal speaks of: it waits for those who may read all of them. core/proposal.c adds its evidence
-- through proposal_evidence, the trigger the message on its card and the one that its thread is named after.
CREATE TABLE proposal_messages (
	proposal_id INTEGER NOT NULL REFERENCES proposals (id),
	message_id INTEGER NOT NULL REFERENCES messages (id),
	PRIMARY KEY (proposal_id, message_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX proposal_messages_message ON proposal_messages (message_id);
CREATE TRIGGER proposals_messages_insert AFTER INSERT ON proposals WHEN NEW.thread_id IS NOT NULL OR NEW.message_id IS NOT NULL
BEGIN
	INSERT OR IGNORE INTO proposal_messages (proposal_id, message_id)
		SELECT NEW.id, id FROM messages WHERE id IN (NEW.message_id,
			(SELECT id FROM messages WHERE thread_id = NEW.thread_id ORDER BY sent_at, id LIMIT 1));
END;
CREATE VIEW proposal_evidence AS SELECT proposal_id, message_id FROM proposal_messages;
CREATE TRIGGER proposal_evidence_insert INSTEAD OF INSERT ON proposal_evidence BEGIN
	INSERT OR IGNORE INTO proposal_messages (proposal_id, message_id)
		SELECT NEW.proposal_id, id FROM messages WHERE id = NEW.message_id;
END;
INSERT OR IGNORE INTO proposal_messages (proposal_id, message_id)
	SELECT p.id, m.id FROM proposals p JOIN messages m ON m.id = p.message_id
	UNION SELECT p.id, (SELECT id FROM messages WHERE thread_id = t.id ORDER BY sent_at, id LIMIT 1)
		FROM proposals p JOIN threads t ON t.id = p.thread_id WHERE t.messages > 0
	UNION SELECT p.id, m.id FROM proposals p JOIN json_each(p.evidence_json, '$.message_ids') e JOIN messages m ON m.id = e.value;
CREATE VIEW proposals_seen AS SELECT p.* FROM proposals p WHERE NOT EXISTS (SELECT 1 FROM restrictions)
	OR NOT EXISTS (SELECT 1 FROM proposal_messages x JOIN messages_inner m ON m.id = x.message_id
		WHERE x.proposal_id = p.id AND m.level > 0);
CREATE VIEW proposal_versions_seen AS SELECT v.* FROM proposal_versions v
	WHERE EXISTS (SELECT 1 FROM proposals_seen p WHERE p.id = v.proposal_id);
-- Finding a proposal by its key shows nothing of it.
CREATE VIEW proposal_keys AS SELECT id, idempotency_key, state, sha256 FROM proposals;

-- The audit log keeps the words of what was proposed, and the source's names of messages that failed: who may not read
-- that sees that something happened, not what.
CREATE VIEW audit_inner AS SELECT a.*, NOT EXISTS (SELECT 1 FROM restrictions) OR CASE resource
	WHEN 'proposals' THEN EXISTS (SELECT 1 FROM proposals_seen p WHERE p.id = a.resource_id)
	WHEN 'threads' THEN EXISTS (SELECT 1 FROM threads_inner t WHERE t.id = a.resource_id AND t.bound = 0)
	WHEN 'messages' THEN EXISTS (SELECT 1 FROM messages_inner m WHERE m.id = a.resource_id AND m.level = 0)
	WHEN 'mailboxes' THEN action NOT IN ('retry', 'skip') OR EXISTS (SELECT 1 FROM mailboxes b WHERE b.id = a.resource_id
		AND (b.level = 0 OR (b.user_id = ctx_reader() AND b.user_id = ctx_viewer())))
	ELSE 1 END AS is_shown FROM audit a;
CREATE VIEW audit_seen AS SELECT id, at, actor_kind, actor_via, actor_id, actor_name, action, resource, resource_id,
	iif(is_shown, changes_json, NULL) AS changes_json, proposal_id, request_id, iif(is_shown, why, NULL) AS why,
	prev_hash, hash FROM audit_inner;
-- As before, but what it reads of the log has a name that the guard knows.
CREATE VIEW audit_head AS SELECT coalesce(max(id), 0) + 1 AS id,
	coalesce((SELECT hash FROM audit ORDER BY id DESC LIMIT 1), 'genesis') AS prev FROM audit;
DROP TRIGGER audit_log_insert;
CREATE TRIGGER audit_log_insert INSTEAD OF INSERT ON audit_log BEGIN
	INSERT INTO audit (id, at, actor_kind, actor_via, actor_id, actor_name, action, resource, resource_id, changes_json,
		proposal_id, request_id, why, prev_hash, hash)
	SELECT h.id, ctx_now(), ctx_actor_kind(), ctx_actor_via(), ctx_user(), ctx_actor_name(), NEW.action, NEW.resource,
		NEW.resource_id, NEW.changes_json, ctx_proposal(), ctx_request(), coalesce(NEW.why, ctx_why()), h.prev,
		sha256(h.prev, h.id, ctx_now(), ctx_actor_kind(), ctx_actor_via(), ctx_user(), ctx_actor_name(), NEW.action,
			NEW.resource, NEW.resource_id, NEW.changes_json, ctx_proposal(), ctx_request(), coalesce(NEW.why, ctx_why()))
	FROM audit_head h;
END;

-- "View as": for as long as the session says so.
ALTER TABLE sessions ADD COLUMN view_as_id INTEGER REFERENCES users (id);
