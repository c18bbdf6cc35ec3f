-- Users, sessions, settings and the audit log. Everything later leans on these.
--
-- SQL functions ctx_*() tell triggers whose work this is, diff(name, old, new, ...) makes the audit log's changes, is_json()
-- is strict (src/db/functions.c; SQLite 3.40's own JSON functions do not work in a schema under trusted_schema off). The
-- shell's sqlite3 lacks them, so a write that bypasses the program fails instead of going unrecorded.

CREATE TABLE settings (
	key TEXT PRIMARY KEY,
	value TEXT NOT NULL,
	updated_at TEXT NOT NULL DEFAULT (ctx_now()),
	updated_by INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE users (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	username TEXT NOT NULL UNIQUE CHECK (username = lower(username) AND length(username) BETWEEN 1 AND 64),
	name TEXT NOT NULL,
	email TEXT NOT NULL UNIQUE CHECK (email = lower(email)),
	role TEXT NOT NULL CHECK (role IN ('admin', 'member', 'agent')),
	is_active INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
	wants_digest INTEGER NOT NULL DEFAULT 0 CHECK (wants_digest IN (0, 1)),
	password_hash TEXT,
	created_at TEXT NOT NULL DEFAULT (ctx_now()),
	updated_at TEXT NOT NULL DEFAULT (ctx_now()),
	version INTEGER NOT NULL DEFAULT 1
) STRICT;

-- Further addresses a user sends from: mail from them is ours.
CREATE TABLE user_aliases (
	user_id INTEGER NOT NULL REFERENCES users (id),
	email TEXT NOT NULL UNIQUE CHECK (email = lower(email)),
	PRIMARY KEY (user_id, email)
) STRICT, WITHOUT ROWID;

-- A browser session or a bearer token. Only SHA-256 of the browser's secret is here; a bearer token (JWT, HS256) is
-- signed with its own row's key, so revoking the row revokes the token.
CREATE TABLE sessions (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	user_id INTEGER NOT NULL REFERENCES users (id),
	kind TEXT NOT NULL CHECK (kind IN ('browser', 'token')),
	token_sha256 TEXT UNIQUE,
	jwt_key BLOB,
	created_at TEXT NOT NULL,
	expires_at TEXT NOT NULL,
	revoked_at TEXT,
	address TEXT,
	user_agent TEXT,
	CHECK ((kind = 'browser') = (token_sha256 IS NOT NULL)),
	CHECK ((kind = 'token') = (jwt_key IS NOT NULL))
) STRICT;
CREATE INDEX sessions_user ON sessions (user_id);

-- Failed logins, for throttling by account and by address.
CREATE TABLE login_attempts (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	at TEXT NOT NULL,
	username TEXT NOT NULL,
	address TEXT NOT NULL
) STRICT;
CREATE INDEX login_attempts_username ON login_attempts (username, at);
CREATE INDEX login_attempts_address ON login_attempts (address, at);

-- The audit log. Rows come only from triggers, through the view audit_log, and are chained:
-- hash = sha256(prev_hash, id, at, …). `countersign audit verify` recomputes the chain.
CREATE TABLE audit (
	id INTEGER PRIMARY KEY,
	at TEXT NOT NULL,
	actor_kind TEXT NOT NULL,
	actor_via TEXT NOT NULL,
	actor_id INTEGER,
	actor_name TEXT,
	action TEXT NOT NULL,       -- create update delete restore approve login …
	resource TEXT NOT NULL,
	resource_id INTEGER,
	changes_json TEXT,          -- {"field": [old, new]}
	proposal_id INTEGER,
	request_id TEXT,
	why TEXT,
	prev_hash TEXT NOT NULL,
	hash TEXT NOT NULL
) STRICT;
CREATE INDEX audit_resource ON audit (resource, resource_id, id);
CREATE INDEX audit_actor ON audit (actor_id, id);

CREATE VIEW audit_log AS SELECT action, resource, resource_id, changes_json, why FROM audit;
CREATE TRIGGER audit_log_insert INSTEAD OF INSERT ON audit_log BEGIN
	INSERT INTO audit (id, at, actor_kind, actor_via, actor_id, actor_name, action, resource, resource_id, changes_json,
		proposal_id, request_id, why, prev_hash, hash)
	SELECT h.id, ctx_now(), ctx_actor_kind(), ctx_actor_via(), ctx_user(), ctx_actor_name(), NEW.action, NEW.resource,
		NEW.resource_id, NEW.changes_json, ctx_proposal(), ctx_request(), coalesce(NEW.why, ctx_why()), h.prev,
		sha256(h.prev, h.id, ctx_now(), ctx_actor_kind(), ctx_actor_via(), ctx_user(), ctx_actor_name(), NEW.action,
			NEW.resource, NEW.resource_id, NEW.changes_json, ctx_proposal(), ctx_request(), coalesce(NEW.why, ctx_why()))
	FROM (SELECT coalesce(max(id), 0) + 1 AS id,
		coalesce((SELECT hash FROM audit ORDER BY id DESC LIMIT 1), 'genesis') AS prev FROM audit) h;
END;
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, '403 the audit log cannot be changed'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, '403 the audit log cannot be changed'); END;

CREATE TRIGGER settings_audit_insert AFTER INSERT ON settings BEGIN
	INSERT INTO audit_log (action, resource, changes_json)
	VALUES ('update', 'settings', diff(NEW.key, NULL, NEW.value));
END;
CREATE TRIGGER settings_audit_update AFTER UPDATE ON settings WHEN OLD.value IS NOT NEW.value BEGIN
	INSERT INTO audit_log (action, resource, changes_json)
	VALUES ('update', 'settings', diff(NEW.key, OLD.value, NEW.value));
END;

CREATE TRIGGER users_audit_insert AFTER INSERT ON users BEGIN
	INSERT INTO audit_log (action, resource, resource_id, changes_json)
	VALUES ('create', 'users', NEW.id, diff('username', NULL, NEW.username, 'name', NULL, NEW.name,
		'email', NULL, NEW.email, 'role', NULL, NEW.role));
END;
CREATE TRIGGER users_audit_update AFTER UPDATE ON users BEGIN
	INSERT INTO audit_log (action, resource, resource_id, changes_json)
	SELECT 'update', 'users', NEW.id, c FROM (SELECT diff(
		'username', OLD.username, NEW.username, 'name', OLD.name, NEW.name, 'email', OLD.email, NEW.email,
		'role', OLD.role, NEW.role, 'is_active', OLD.is_active, NEW.is_active,
		'wants_digest', OLD.wants_digest, NEW.wants_digest,
		'password', iif(OLD.password_hash IS NEW.password_hash, 'same', 'old'),
		iif(OLD.password_hash IS NEW.password_hash, 'same', 'new')) AS c)
	WHERE c IS NOT NULL;
	-- A disabled user or a changed password ends every session at once.
	UPDATE sessions SET revoked_at = ctx_now() WHERE user_id = NEW.id AND revoked_at IS NULL
		AND (NEW.is_active = 0 OR OLD.password_hash IS NOT NEW.password_hash OR OLD.role <> NEW.role);
END;
