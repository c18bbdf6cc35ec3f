-- Captured mail. A message is stored once however many mailboxes hold it; mailbox_items is the ledger that proves
-- completeness: every source id seen is in exactly one state.

CREATE TABLE mailboxes (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	address TEXT NOT NULL CHECK (address = lower(address)),
	user_id INTEGER REFERENCES users (id),
	source TEXT NOT NULL CHECK (source IN ('maildir', 'mbox', 'gmail', 'imap')),
	path TEXT,
	state TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused')),
	visibility TEXT NOT NULL DEFAULT 'everyone' CHECK (visibility IN ('everyone', 'subject', 'metadata', 'private')),
	cursor TEXT,                    -- the source's own words, opaque here
	propose_from TEXT,              -- mail older than this makes no proposals; NULL: all does
	listed INTEGER NOT NULL DEFAULT 0,  -- how many the source held at the last complete pass
	run_total INTEGER NOT NULL DEFAULT 0, -- progress of the run now or last
	run_done INTEGER NOT NULL DEFAULT 0,
	run_started_at TEXT,
	run_ended_at TEXT,
	complete_at TEXT,               -- last complete pass
	error TEXT,                     -- why the last run stopped, NULL when it did not
	error_at TEXT,
	created_at TEXT NOT NULL DEFAULT (ctx_now()),
	updated_at TEXT NOT NULL DEFAULT (ctx_now()),
	deleted_at TEXT
) STRICT;
CREATE UNIQUE INDEX mailboxes_address ON mailboxes (address) WHERE deleted_at IS NULL;
CREATE VIEW mailboxes_live AS SELECT * FROM mailboxes WHERE deleted_at IS NULL;
CREATE VIEW mailboxes_trash AS SELECT * FROM mailboxes WHERE deleted_at IS NOT NULL;
CREATE TRIGGER mailboxes_audit_insert AFTER INSERT ON mailboxes BEGIN
	INSERT INTO audit_log (action, resource, resource_id, changes_json) VALUES ('create', 'mailboxes', NEW.id,
		diff('address', NULL, NEW.address, 'source', NULL, NEW.source, 'path', NULL, NEW.path));
END;
CREATE TRIGGER mailboxes_audit_update AFTER UPDATE OF state, visibility, path, deleted_at, user_id, propose_from ON mailboxes BEGIN
	INSERT INTO audit_log (action, resource, resource_id, changes_json)
	SELECT CASE WHEN OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL THEN 'delete' ELSE 'update' END, 'mailboxes', NEW.id,
		c FROM (SELECT diff(
		'state', OLD.state, NEW.state, 'visibility', OLD.visibility, NEW.visibility, 'path', OLD.path, NEW.path,
		'user_id', OLD.user_id, NEW.user_id, 'propose_from', OLD.propose_from, NEW.propose_from,
		'deleted_at', OLD.deleted_at, NEW.deleted_at) AS c)
	WHERE c IS NOT NULL;
END;

CREATE TABLE threads (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	subject TEXT NOT NULL,           -- of the first message, prefixes stripped
	first_at TEXT NOT NULL,
	last_at TEXT NOT NULL,
	messages INTEGER NOT NULL DEFAULT 0,
	last_direction TEXT CHECK (last_direction IN ('in', 'out')), -- of the newest message a person wrote
	merged_into INTEGER REFERENCES threads (id)
) STRICT;
CREATE INDEX threads_last ON threads (last_at DESC, id DESC) WHERE merged_into IS NULL;

-- Every Message-ID seen, or merely referred to, leads to its thread (RFC 5322 3.6.4). Ids without angle brackets.
CREATE TABLE thread_refs (
	message_id TEXT PRIMARY KEY,
	thread_id INTEGER NOT NULL REFERENCES threads (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX thread_refs_thread ON thread_refs (thread_id);

CREATE TABLE messages (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	thread_id INTEGER NOT NULL REFERENCES threads (id),
	message_id TEXT,                 -- header, without <>; NULL when missing
	body_sha256 TEXT NOT NULL,       -- with message_id: one message, one row
	raw_sha256 TEXT NOT NULL,        -- the original, DATA/mail/store/aa/<raw_sha256>
	subject TEXT NOT NULL,
	snippet TEXT NOT NULL,
	sent_at TEXT NOT NULL,           -- Date header, or the source's time when it is missing or absurd
	direction TEXT NOT NULL CHECK (direction IN ('in', 'out')),
	from_name TEXT,
	from_email TEXT,
	is_automated INTEGER NOT NULL DEFAULT 0 CHECK (is_automated IN (0, 1)),
	is_unparsed INTEGER NOT NULL DEFAULT 0 CHECK (is_unparsed IN (0, 1)),
	has_attachments INTEGER NOT NULL DEFAULT 0 CHECK (has_attachments IN (0, 1)),
	size INTEGER NOT NULL,
	defects TEXT,                    -- space-separated words, e.g. "no-date bad-charset"
	created_at TEXT NOT NULL DEFAULT (ctx_now())
) STRICT;
CREATE UNIQUE INDEX messages_identity ON messages (coalesce(message_id, ''), body_sha256);
CREATE INDEX messages_thread ON messages (thread_id, sent_at, id);
CREATE INDEX messages_sent ON messages (sent_at DESC, id DESC);

CREATE TABLE message_bodies (
	message_id INTEGER PRIMARY KEY REFERENCES messages (id),
	headers TEXT NOT NULL,           -- the raw header block, repaired to UTF-8
	text TEXT NOT NULL,
	segments_json TEXT NOT NULL,     -- [{"start","len","kind"}], bytes of text; kind reply|quote|signature|forward
	html TEXT                        -- the original, UTF-8, shown only in a sandboxed frame
) STRICT;

CREATE TABLE message_addresses (
	message_id INTEGER NOT NULL REFERENCES messages (id),
	role TEXT NOT NULL CHECK (role IN ('from', 'to', 'cc', 'bcc', 'reply_to', 'sender')),
	position INTEGER NOT NULL,
	email TEXT NOT NULL,
	name TEXT,
	PRIMARY KEY (message_id, role, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX message_addresses_email ON message_addresses (email, message_id);

CREATE TABLE blobs (                 -- DATA/mail/store/aa/<sha256>
	sha256 TEXT PRIMARY KEY,
	size INTEGER NOT NULL,
	created_at TEXT NOT NULL DEFAULT (ctx_now())
) STRICT, WITHOUT ROWID;

CREATE TABLE attachments (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	message_id INTEGER NOT NULL REFERENCES messages (id),
	position INTEGER NOT NULL,
	name TEXT NOT NULL,
	type TEXT NOT NULL,
	size INTEGER NOT NULL,
	sha256 TEXT NOT NULL,
	content_id TEXT,
	is_inline INTEGER NOT NULL DEFAULT 0 CHECK (is_inline IN (0, 1)),
	is_stored INTEGER NOT NULL DEFAULT 1 CHECK (is_stored IN (0, 1)), -- 0: over the size cap, only described
	UNIQUE (message_id, position)
) STRICT;

-- Who is in which thread: the record pages' mail, one index range each. Kept by capture, and by the trigger below when
-- a contact gains an address that mail already stored carries.
CREATE TABLE thread_parties (
	resource TEXT NOT NULL CHECK (resource IN ('contacts', 'organizations')),
	resource_id INTEGER NOT NULL,
	thread_id INTEGER NOT NULL REFERENCES threads (id),
	last_at TEXT NOT NULL,
	PRIMARY KEY (resource, resource_id, thread_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX thread_parties_timeline ON thread_parties (resource, resource_id, last_at DESC, thread_id DESC);
CREATE INDEX thread_parties_thread ON thread_parties (thread_id);

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

-- The ledger. Of excluded mail only id, date and rule are kept: no address, no subject.
CREATE TABLE mailbox_items (
	mailbox_id INTEGER NOT NULL REFERENCES mailboxes (id),
	source_id TEXT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('stored', 'excluded', 'failed', 'gone')),
	rule TEXT,                        -- excluded: internal, stranger, …
	reason TEXT,                      -- failed: what happened
	attempts INTEGER NOT NULL DEFAULT 1,
	message_id INTEGER REFERENCES messages (id),
	folder TEXT,
	flags TEXT,
	sent_at TEXT,
	seen_at TEXT NOT NULL DEFAULT (ctx_now()),
	PRIMARY KEY (mailbox_id, source_id),
	CHECK ((state = 'stored') <= (message_id IS NOT NULL)),
	CHECK ((state = 'excluded') = (rule IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX mailbox_items_message ON mailbox_items (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX mailbox_items_state ON mailbox_items (mailbox_id, state);

CREATE TABLE communication_messages (
	communication_id INTEGER NOT NULL REFERENCES communications (id),
	message_id INTEGER NOT NULL REFERENCES messages (id),
	PRIMARY KEY (communication_id, message_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX communication_messages_message ON communication_messages (message_id);
