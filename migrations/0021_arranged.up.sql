-- Threads arranged by a person, and references that wait for what they refer to.

-- A thread that a person split, or moved a message out of or into, is never merged with another by capture: a message that
-- refers to several of such threads goes to the one it names last.
ALTER TABLE threads ADD COLUMN is_arranged INTEGER NOT NULL DEFAULT 0 CHECK (is_arranged IN (0, 1));

-- What a person did, with all that moved, so that it can be taken back. Split: the rest of a thread into a new one. Move: one
-- message. Merge: all of it; the thread left empty points to the other.
CREATE TABLE thread_moves (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	kind TEXT NOT NULL CHECK (kind IN ('split', 'move', 'merge')),
	from_id INTEGER NOT NULL REFERENCES threads (id),
	into_id INTEGER NOT NULL REFERENCES threads (id),
	created_at TEXT NOT NULL DEFAULT (ctx_now()),
	created_by INTEGER NOT NULL DEFAULT (ctx_user()) REFERENCES users (id),
	undone_at TEXT,
	CHECK (from_id <> into_id)
) STRICT;
CREATE INDEX thread_moves_from ON thread_moves (from_id, id);
CREATE INDEX thread_moves_into ON thread_moves (into_id, id);
CREATE TABLE thread_move_messages (
	move_id INTEGER NOT NULL REFERENCES thread_moves (id),
	message_id INTEGER NOT NULL REFERENCES messages (id),
	PRIMARY KEY (move_id, message_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX thread_move_messages_message ON thread_move_messages (message_id);
CREATE TRIGGER thread_move_messages_erase AFTER INSERT ON purged_messages BEGIN
	DELETE FROM thread_move_messages WHERE message_id = NEW.message_id;
END;
CREATE TABLE thread_move_refs (
	move_id INTEGER NOT NULL REFERENCES thread_moves (id),
	message_id TEXT NOT NULL, -- of thread_refs
	PRIMARY KEY (move_id, message_id)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER thread_moves_by_a_person BEFORE INSERT ON thread_moves WHEN ctx_actor_kind() IS NOT 'human'
BEGIN SELECT RAISE(ABORT, '403 only a person arranges threads'); END;
CREATE TRIGGER thread_moves_undone_by_a_person BEFORE UPDATE ON thread_moves WHEN ctx_actor_kind() IS NOT 'human'
BEGIN SELECT RAISE(ABORT, '403 only a person arranges threads'); END;
CREATE TRIGGER thread_moves_no_delete BEFORE DELETE ON thread_moves
BEGIN SELECT RAISE(ABORT, '403 nothing is hard-deleted'); END;
CREATE TRIGGER thread_moves_audit_insert AFTER INSERT ON thread_moves BEGIN
	INSERT INTO audit_log (action, resource, resource_id, changes_json)
	VALUES (NEW.kind, 'threads', NEW.from_id, diff('into', NULL, NEW.into_id, 'move', NULL, NEW.id));
END;
CREATE TRIGGER thread_moves_audit_update AFTER UPDATE OF undone_at ON thread_moves BEGIN
	INSERT INTO audit_log (action, resource, resource_id, changes_json)
	VALUES ('undo', 'threads', NEW.from_id, diff('into', NEW.into_id, NULL, 'move', NEW.id, NULL));
END;

-- Who is in a thread, worked out from its mail: thread_parties keeps it.
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
CREATE VIEW threads_summary AS SELECT t.id AS thread_id, count(m.id) AS messages, min(m.sent_at) AS first_at,
	max(m.sent_at) AS last_at, (SELECT n.direction FROM messages n WHERE n.thread_id = t.id AND n.is_automated = 0
		ORDER BY n.sent_at DESC, n.id DESC LIMIT 1) AS last_direction
	FROM threads t LEFT JOIN messages m ON m.thread_id = t.id GROUP BY t.id;
-- Inserting a thread into the view works out anew what stands on it.
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

-- A thread that refers to mail nobody has seen yet, in which it shares no one with the thread that the reference leads to: it
-- joins when a person's mail turns up there, and stays apart when it was a newsletter.
CREATE TABLE thread_refs_queue (
	message_id TEXT NOT NULL,
	thread_id INTEGER NOT NULL REFERENCES threads (id),
	PRIMARY KEY (message_id, thread_id)
) STRICT, WITHOUT ROWID;
