-- The records. A resource is: a table with the standard tail (source … deleted_at), its _live and _trash views, the
-- guard that refuses rows nobody countersigned, and audit triggers.
-- doc/adding-a-resource.md walks through one.

CREATE TABLE organizations (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	name TEXT NOT NULL,
	kind TEXT NOT NULL DEFAULT 'other' CHECK (kind IN ('fund_of_funds', 'family_office', 'pension', 'endowment',
		'corporate', 'bank', 'ria', 'vehicle', 'service_provider', 'other')),
	website TEXT,
	address TEXT,
	owner_id INTEGER REFERENCES users (id),
	introduced_by TEXT,
	notes TEXT,
	source TEXT NOT NULL DEFAULT 'user' CHECK (source IN ('user', 'capture', 'agent', 'import')),
	proposal_id INTEGER REFERENCES proposals (id),
	created_at TEXT NOT NULL DEFAULT (ctx_now()),
	created_by INTEGER REFERENCES users (id),
	updated_at TEXT NOT NULL DEFAULT (ctx_now()),
	updated_by INTEGER REFERENCES users (id),
	version INTEGER NOT NULL DEFAULT 1,
	deleted_at TEXT
) STRICT;
CREATE VIEW organizations_live AS SELECT * FROM organizations WHERE deleted_at IS NULL;
CREATE VIEW organizations_trash AS SELECT * FROM organizations WHERE deleted_at IS NOT NULL;
CREATE INDEX organizations_name ON organizations (name COLLATE NOCASE, id) WHERE deleted_at IS NULL;
CREATE INDEX organizations_updated ON organizations (updated_at DESC, id DESC) WHERE deleted_at IS NULL;

CREATE TRIGGER organizations_countersigned BEFORE INSERT ON organizations WHEN NEW.source IN ('capture', 'agent') AND NOT EXISTS (
	SELECT 1 FROM proposals WHERE id = NEW.proposal_id AND state IN ('approved', 'edited') AND decided_by IS NOT NULL)
BEGIN SELECT RAISE(ABORT, '403 nothing lands on a record without a countersignature'); END;
CREATE TRIGGER organizations_by_a_person BEFORE UPDATE ON organizations WHEN ctx_actor_kind() IS NOT 'human'
BEGIN SELECT RAISE(ABORT, '403 nothing lands on a record without a countersignature'); END;
CREATE TRIGGER organizations_inserted_by_a_person BEFORE INSERT ON organizations WHEN ctx_actor_kind() IS NOT 'human'
BEGIN SELECT RAISE(ABORT, '403 nothing lands on a record without a countersignature'); END;
CREATE TRIGGER organizations_no_delete BEFORE DELETE ON organizations BEGIN SELECT RAISE(ABORT, '403 nothing is hard-deleted'); END;
CREATE TRIGGER organizations_audit_insert AFTER INSERT ON organizations BEGIN
	INSERT INTO audit_log (action, resource, resource_id, changes_json)
	SELECT 'create', 'organizations', NEW.id, c FROM (SELECT diff(
		'name', NULL, NEW.name, 'kind', NULL, NEW.kind, 'website', NULL, NEW.website, 'address', NULL, NEW.address,
		'owner_id', NULL, NEW.owner_id, 'introduced_by', NULL, NEW.introduced_by, 'notes', NULL, NEW.notes) AS c)
	WHERE c IS NOT NULL;
END;
CREATE TRIGGER organizations_audit_update AFTER UPDATE ON organizations WHEN OLD.deleted_at IS NEW.deleted_at BEGIN
	INSERT INTO audit_log (action, resource, resource_id, changes_json)
	SELECT 'update', 'organizations', NEW.id, c FROM (SELECT diff(
		'name', OLD.name, NEW.name, 'kind', OLD.kind, NEW.kind, 'website', OLD.website, NEW.website,
		'address', OLD.address, NEW.address, 'owner_id', OLD.owner_id, NEW.owner_id,
		'introduced_by', OLD.introduced_by, NEW.introduced_by, 'notes', OLD.notes, NEW.notes) AS c)
	WHERE c IS NOT NULL;
END;
CREATE TRIGGER organizations_audit_delete AFTER UPDATE OF deleted_at ON organizations WHEN OLD.deleted_at IS NOT NEW.deleted_at BEGIN
	INSERT INTO audit_log (action, resource, resource_id)
	VALUES (CASE WHEN NEW.deleted_at IS NULL THEN 'restore' ELSE 'delete' END, 'organizations', NEW.id);
END;

CREATE TABLE contacts (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	name TEXT NOT NULL,
	title TEXT,
	organization_id INTEGER REFERENCES organizations (id), -- where they work now; affiliations holds the rest
	kind TEXT NOT NULL DEFAULT 'prospect' CHECK (kind IN ('investor', 'prospect', 'advisor', 'other')),
	owner_id INTEGER REFERENCES users (id),
	is_do_not_contact INTEGER NOT NULL DEFAULT 0 CHECK (is_do_not_contact IN (0, 1)),
	notes TEXT,
	source TEXT NOT NULL DEFAULT 'user' CHECK (source IN ('user', 'capture', 'agent', 'import')),
	proposal_id INTEGER REFERENCES proposals (id),
	created_at TEXT NOT NULL DEFAULT (ctx_now()),
	created_by INTEGER REFERENCES users (id),
	updated_at TEXT NOT NULL DEFAULT (ctx_now()),
	updated_by INTEGER REFERENCES users (id),
	version INTEGER NOT NULL DEFAULT 1,
	deleted_at TEXT
) STRICT;
CREATE VIEW contacts_live AS SELECT * FROM contacts WHERE deleted_at IS NULL;
CREATE VIEW contacts_trash AS SELECT * FROM contacts WHERE deleted_at IS NOT NULL;
CREATE INDEX contacts_name ON contacts (name COLLATE NOCASE, id) WHERE deleted_at IS NULL;
CREATE INDEX contacts_updated ON contacts (updated_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX contacts_organization ON contacts (organization_id, name COLLATE NOCASE, id) WHERE deleted_at IS NULL;
CREATE INDEX contacts_kind ON contacts (kind, name COLLATE NOCASE, id) WHERE deleted_at IS NULL;
CREATE INDEX contacts_owner ON contacts (owner_id, name COLLATE NOCASE, id) WHERE deleted_at IS NULL;

CREATE TRIGGER contacts_countersigned BEFORE INSERT ON contacts WHEN NEW.source IN ('capture', 'agent') AND NOT EXISTS (
	SELECT 1 FROM proposals WHERE id = NEW.proposal_id AND state IN ('approved', 'edited') AND decided_by IS NOT NULL)
BEGIN SELECT RAISE(ABORT, '403 nothing lands on a record without a countersignature'); END;
CREATE TRIGGER contacts_by_a_person BEFORE UPDATE ON contacts WHEN ctx_actor_kind() IS NOT 'human'
BEGIN SELECT RAISE(ABORT, '403 nothing lands on a record without a countersignature'); END;
CREATE TRIGGER contacts_inserted_by_a_person BEFORE INSERT ON contacts WHEN ctx_actor_kind() IS NOT 'human'
BEGIN SELECT RAISE(ABORT, '403 nothing lands on a record without a countersignature'); END;
CREATE TRIGGER contacts_no_delete BEFORE DELETE ON contacts BEGIN SELECT RAISE(ABORT, '403 nothing is hard-deleted'); END;
CREATE TRIGGER contacts_audit_insert AFTER INSERT ON contacts BEGIN
	INSERT INTO audit_log (action, resource, resource_id, changes_json)
	SELECT 'create', 'contacts', NEW.id, c FROM (SELECT diff(
		'name', NULL, NEW.name, 'title', NULL, NEW.title, 'organization_id', NULL, NEW.organization_id,
		'kind', NULL, NEW.kind, 'owner_id', NULL, NEW.owner_id, 'is_do_not_contact', NULL, NEW.is_do_not_contact,
		'notes', NULL, NEW.notes) AS c)
	WHERE c IS NOT NULL;
END;
CREATE TRIGGER contacts_audit_update AFTER UPDATE ON contacts WHEN OLD.deleted_at IS NEW.deleted_at BEGIN
	INSERT INTO audit_log (action, resource, resource_id, changes_json)
	SELECT 'update', 'contacts', NEW.id, c FROM (SELECT diff(
		'name', OLD.name, NEW.name, 'title', OLD.title, NEW.title,
		'organization_id', OLD.organization_id, NEW.organization_id, 'kind', OLD.kind, NEW.kind,
		'owner_id', OLD.owner_id, NEW.owner_id, 'is_do_not_contact', OLD.is_do_not_contact, NEW.is_do_not_contact,
		'notes', OLD.notes, NEW.notes) AS c)
	WHERE c IS NOT NULL;
END;
CREATE TRIGGER contacts_audit_delete AFTER UPDATE OF deleted_at ON contacts WHEN OLD.deleted_at IS NOT NEW.deleted_at BEGIN
	INSERT INTO audit_log (action, resource, resource_id)
	VALUES (CASE WHEN NEW.deleted_at IS NULL THEN 'restore' ELSE 'delete' END, 'contacts', NEW.id);
END;

CREATE TABLE investors (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	organization_id INTEGER REFERENCES organizations (id),
	contact_id INTEGER REFERENCES contacts (id),
	lead_id INTEGER REFERENCES users (id),
	priority TEXT NOT NULL DEFAULT 'normal' CHECK (priority IN ('high', 'normal', 'low')),
	is_graveyard INTEGER NOT NULL DEFAULT 0 CHECK (is_graveyard IN (0, 1)),
	cadence_days INTEGER CHECK (cadence_days BETWEEN 1 AND 3650),
	notes TEXT,
	source TEXT NOT NULL DEFAULT 'user' CHECK (source IN ('user', 'capture', 'agent', 'import')),
	proposal_id INTEGER REFERENCES proposals (id),
	created_at TEXT NOT NULL DEFAULT (ctx_now()),
	created_by INTEGER REFERENCES users (id),
	updated_at TEXT NOT NULL DEFAULT (ctx_now()),
	updated_by INTEGER REFERENCES users (id),
	version INTEGER NOT NULL DEFAULT 1,
	deleted_at TEXT,
	CHECK ((organization_id IS NULL) <> (contact_id IS NULL))
) STRICT;
CREATE VIEW investors_live AS SELECT * FROM investors WHERE deleted_at IS NULL;
CREATE VIEW investors_trash AS SELECT * FROM investors WHERE deleted_at IS NOT NULL;
CREATE UNIQUE INDEX investors_organization ON investors (organization_id) WHERE deleted_at IS NULL AND organization_id IS NOT NULL;
CREATE UNIQUE INDEX investors_contact ON investors (contact_id) WHERE deleted_at IS NULL AND contact_id IS NOT NULL;
CREATE INDEX investors_lead ON investors (lead_id, id) WHERE deleted_at IS NULL;

CREATE TRIGGER investors_countersigned BEFORE INSERT ON investors WHEN NEW.source IN ('capture', 'agent') AND NOT EXISTS (
	SELECT 1 FROM proposals WHERE id = NEW.proposal_id AND state IN ('approved', 'edited') AND decided_by IS NOT NULL)
BEGIN SELECT RAISE(ABORT, '403 nothing lands on a record without a countersignature'); END;
CREATE TRIGGER investors_by_a_person BEFORE UPDATE ON investors WHEN ctx_actor_kind() IS NOT 'human'
BEGIN SELECT RAISE(ABORT, '403 nothing lands on a record without a countersignature'); END;
CREATE TRIGGER investors_inserted_by_a_person BEFORE INSERT ON investors WHEN ctx_actor_kind() IS NOT 'human'
BEGIN SELECT RAISE(ABORT, '403 nothing lands on a record without a countersignature'); END;
CREATE TRIGGER investors_no_delete BEFORE DELETE ON investors BEGIN SELECT RAISE(ABORT, '403 nothing is hard-deleted'); END;
CREATE TRIGGER investors_audit_insert AFTER INSERT ON investors BEGIN
	INSERT INTO audit_log (action, resource, resource_id, changes_json)
	SELECT 'create', 'investors', NEW.id, c FROM (SELECT diff(
		'organization_id', NULL, NEW.organization_id, 'contact_id', NULL, NEW.contact_id, 'lead_id', NULL, NEW.lead_id,
		'priority', NULL, NEW.priority, 'is_graveyard', NULL, NEW.is_graveyard, 'cadence_days', NULL, NEW.cadence_days,
		'notes', NULL, NEW.notes) AS c)
	WHERE c IS NOT NULL;
END;
CREATE TRIGGER investors_audit_update AFTER UPDATE ON investors WHEN OLD.deleted_at IS NEW.deleted_at BEGIN
	INSERT INTO audit_log (action, resource, resource_id, changes_json)
	SELECT 'update', 'investors', NEW.id, c FROM (SELECT diff(
		'organization_id', OLD.organization_id, NEW.organization_id, 'contact_id', OLD.contact_id, NEW.contact_id,
		'lead_id', OLD.lead_id, NEW.lead_id, 'priority', OLD.priority, NEW.priority,
		'is_graveyard', OLD.is_graveyard, NEW.is_graveyard, 'cadence_days', OLD.cadence_days, NEW.cadence_days,
		'notes', OLD.notes, NEW.notes) AS c)
	WHERE c IS NOT NULL;
END;
CREATE TRIGGER investors_audit_delete AFTER UPDATE OF deleted_at ON investors WHEN OLD.deleted_at IS NOT NEW.deleted_at BEGIN
	INSERT INTO audit_log (action, resource, resource_id)
	VALUES (CASE WHEN NEW.deleted_at IS NULL THEN 'restore' ELSE 'delete' END, 'investors', NEW.id);
END;

CREATE TABLE communications (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	kind TEXT NOT NULL CHECK (kind IN ('email', 'call', 'meeting', 'note')),
	direction TEXT CHECK (direction IN ('in', 'out', 'both')),
	occurred_at TEXT NOT NULL,
	subject TEXT NOT NULL,
	body TEXT,
	thread_id INTEGER,
	source TEXT NOT NULL DEFAULT 'user' CHECK (source IN ('user', 'capture', 'agent', 'import')),
	proposal_id INTEGER REFERENCES proposals (id),
	created_at TEXT NOT NULL DEFAULT (ctx_now()),
	created_by INTEGER REFERENCES users (id),
	updated_at TEXT NOT NULL DEFAULT (ctx_now()),
	updated_by INTEGER REFERENCES users (id),
	version INTEGER NOT NULL DEFAULT 1,
	deleted_at TEXT
) STRICT;
CREATE VIEW communications_live AS SELECT * FROM communications WHERE deleted_at IS NULL;
CREATE VIEW communications_trash AS SELECT * FROM communications WHERE deleted_at IS NOT NULL;
CREATE INDEX communications_when ON communications (occurred_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX communications_thread ON communications (thread_id);
CREATE INDEX communications_proposal ON communications (proposal_id) WHERE proposal_id IS NOT NULL;

CREATE TRIGGER communications_countersigned BEFORE INSERT ON communications WHEN NEW.source IN ('capture', 'agent') AND NOT EXISTS (
	SELECT 1 FROM proposals WHERE id = NEW.proposal_id AND state IN ('approved', 'edited') AND decided_by IS NOT NULL)
BEGIN SELECT RAISE(ABORT, '403 nothing lands on a record without a countersignature'); END;
CREATE TRIGGER communications_by_a_person BEFORE UPDATE ON communications WHEN ctx_actor_kind() IS NOT 'human'
BEGIN SELECT RAISE(ABORT, '403 nothing lands on a record without a countersignature'); END;
CREATE TRIGGER communications_inserted_by_a_person BEFORE INSERT ON communications WHEN ctx_actor_kind() IS NOT 'human'
BEGIN SELECT RAISE(ABORT, '403 nothing lands on a record without a countersignature'); END;
CREATE TRIGGER communications_no_delete BEFORE DELETE ON communications BEGIN SELECT RAISE(ABORT, '403 nothing is hard-deleted'); END;
CREATE TRIGGER communications_audit_insert AFTER INSERT ON communications BEGIN
	INSERT INTO audit_log (action, resource, resource_id, changes_json)
	SELECT 'create', 'communications', NEW.id, c FROM (SELECT diff(
		'kind', NULL, NEW.kind, 'direction', NULL, NEW.direction, 'occurred_at', NULL, NEW.occurred_at,
		'subject', NULL, NEW.subject, 'body', NULL, NEW.body, 'thread_id', NULL, NEW.thread_id) AS c)
	WHERE c IS NOT NULL;
END;
CREATE TRIGGER communications_audit_update AFTER UPDATE ON communications WHEN OLD.deleted_at IS NEW.deleted_at BEGIN
	INSERT INTO audit_log (action, resource, resource_id, changes_json)
	SELECT 'update', 'communications', NEW.id, c FROM (SELECT diff(
		'kind', OLD.kind, NEW.kind, 'direction', OLD.direction, NEW.direction,
		'occurred_at', OLD.occurred_at, NEW.occurred_at, 'subject', OLD.subject, NEW.subject, 'body', OLD.body, NEW.body,
		'thread_id', OLD.thread_id, NEW.thread_id) AS c)
	WHERE c IS NOT NULL;
END;
CREATE TRIGGER communications_audit_delete AFTER UPDATE OF deleted_at ON communications WHEN OLD.deleted_at IS NOT NEW.deleted_at BEGIN
	INSERT INTO audit_log (action, resource, resource_id)
	VALUES (CASE WHEN NEW.deleted_at IS NULL THEN 'restore' ELSE 'delete' END, 'communications', NEW.id);
END;

-- What hangs on a record: no audit of its own, the parent's record_write reports the list as one field of the parent.
-- "owned" rows leave and return with their parent: their deleted_at equals the parent's.

CREATE TABLE contact_emails (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	contact_id INTEGER NOT NULL REFERENCES contacts (id),
	email TEXT NOT NULL CHECK (email = lower(email) AND email LIKE '%_@_%'),
	position INTEGER NOT NULL DEFAULT 0, -- 0 is the primary address
	created_at TEXT NOT NULL DEFAULT (ctx_now()),
	deleted_at TEXT
) STRICT;
CREATE UNIQUE INDEX contact_emails_email ON contact_emails (email) WHERE deleted_at IS NULL;
CREATE INDEX contact_emails_contact ON contact_emails (contact_id, position);
CREATE VIEW contact_emails_live AS SELECT * FROM contact_emails WHERE deleted_at IS NULL;
CREATE VIEW contact_emails_trash AS SELECT * FROM contact_emails WHERE deleted_at IS NOT NULL;

CREATE TABLE contact_phones (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	contact_id INTEGER NOT NULL REFERENCES contacts (id),
	phone TEXT NOT NULL,
	position INTEGER NOT NULL DEFAULT 0,
	deleted_at TEXT
) STRICT;
CREATE INDEX contact_phones_contact ON contact_phones (contact_id, position);
CREATE VIEW contact_phones_live AS SELECT * FROM contact_phones WHERE deleted_at IS NULL;
CREATE VIEW contact_phones_trash AS SELECT * FROM contact_phones WHERE deleted_at IS NOT NULL;

CREATE TABLE organization_domains (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	organization_id INTEGER NOT NULL REFERENCES organizations (id),
	domain TEXT NOT NULL CHECK (domain = lower(domain)),
	is_captured INTEGER NOT NULL DEFAULT 0 CHECK (is_captured IN (0, 1)), -- mail of any address at this domain is kept
	position INTEGER NOT NULL DEFAULT 0,
	deleted_at TEXT
) STRICT;
CREATE UNIQUE INDEX organization_domains_domain ON organization_domains (domain) WHERE deleted_at IS NULL;
CREATE INDEX organization_domains_organization ON organization_domains (organization_id, position);
CREATE VIEW organization_domains_live AS SELECT * FROM organization_domains WHERE deleted_at IS NULL;
CREATE VIEW organization_domains_trash AS SELECT * FROM organization_domains WHERE deleted_at IS NOT NULL;

-- Roles beside or before the present job.
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

CREATE TRIGGER contacts_owned AFTER UPDATE OF deleted_at ON contacts WHEN OLD.deleted_at IS NOT NEW.deleted_at BEGIN
	UPDATE contact_emails SET deleted_at = NEW.deleted_at WHERE contact_id = NEW.id AND deleted_at IS OLD.deleted_at;
	UPDATE contact_phones SET deleted_at = NEW.deleted_at WHERE contact_id = NEW.id AND deleted_at IS OLD.deleted_at;
	UPDATE affiliations SET deleted_at = NEW.deleted_at WHERE contact_id = NEW.id AND deleted_at IS OLD.deleted_at;
END;
CREATE TRIGGER organizations_owned AFTER UPDATE OF deleted_at ON organizations WHEN OLD.deleted_at IS NOT NEW.deleted_at BEGIN
	UPDATE organization_domains SET deleted_at = NEW.deleted_at WHERE organization_id = NEW.id AND deleted_at IS OLD.deleted_at;
END;

-- Who took part. occurred_at is repeated so that a record's timeline is one index range.
CREATE TABLE communication_parties (
	communication_id INTEGER NOT NULL REFERENCES communications (id),
	resource TEXT NOT NULL CHECK (resource IN ('contacts', 'organizations', 'users')),
	resource_id INTEGER NOT NULL,
	role TEXT NOT NULL DEFAULT 'participant', -- from to cc bcc participant
	occurred_at TEXT NOT NULL,
	deleted_at TEXT,
	PRIMARY KEY (communication_id, resource, resource_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX communication_parties_timeline ON communication_parties (resource, resource_id, occurred_at DESC, communication_id DESC) WHERE deleted_at IS NULL;
CREATE VIEW communication_parties_live AS SELECT * FROM communication_parties WHERE deleted_at IS NULL;
CREATE TRIGGER communications_owned AFTER UPDATE OF deleted_at, occurred_at ON communications BEGIN
	UPDATE communication_parties SET deleted_at = NEW.deleted_at, occurred_at = NEW.occurred_at
	WHERE communication_id = NEW.id AND deleted_at IS OLD.deleted_at;
END;

-- Figures that lists sort and filter by, kept by triggers so that no page adds them up.
CREATE TABLE touches (
	resource TEXT NOT NULL,
	resource_id INTEGER NOT NULL,
	last_at TEXT,          -- newest live communication
	last_in_at TEXT,
	last_out_at TEXT,
	communications INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (resource, resource_id)
) STRICT, WITHOUT ROWID;
-- Not for users: adding up all that one of us ever did, with each new line, would cost more and more.
CREATE TRIGGER communication_parties_touch_insert AFTER INSERT ON communication_parties WHEN NEW.resource <> 'users' BEGIN
	INSERT INTO touches (resource, resource_id, last_at, last_in_at, last_out_at, communications)
	SELECT NEW.resource, NEW.resource_id, max(c.occurred_at),
		max(CASE WHEN c.direction IN ('in', 'both') THEN c.occurred_at END),
		max(CASE WHEN c.direction IN ('out', 'both') THEN c.occurred_at END), count(c.id)
	FROM communication_parties_live p JOIN communications_live c ON c.id = p.communication_id
	WHERE p.resource = NEW.resource AND p.resource_id = NEW.resource_id
	ON CONFLICT (resource, resource_id) DO UPDATE SET last_at = excluded.last_at, last_in_at = excluded.last_in_at,
		last_out_at = excluded.last_out_at, communications = excluded.communications;
END;
CREATE TRIGGER communication_parties_touch_update AFTER UPDATE ON communication_parties WHEN NEW.resource <> 'users' BEGIN
	INSERT INTO touches (resource, resource_id, last_at, last_in_at, last_out_at, communications)
	SELECT NEW.resource, NEW.resource_id, max(c.occurred_at),
		max(CASE WHEN c.direction IN ('in', 'both') THEN c.occurred_at END),
		max(CASE WHEN c.direction IN ('out', 'both') THEN c.occurred_at END), count(c.id)
	FROM communication_parties_live p JOIN communications_live c ON c.id = p.communication_id
	WHERE p.resource = NEW.resource AND p.resource_id = NEW.resource_id
	ON CONFLICT (resource, resource_id) DO UPDATE SET last_at = excluded.last_at, last_in_at = excluded.last_in_at,
		last_out_at = excluded.last_out_at, communications = excluded.communications;
END;
