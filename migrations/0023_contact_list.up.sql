-- A row of the list of contacts, as the page shows it, in the list's own order: fifty of a hundred thousand are fifty
-- neighbours, instead of fifty times five look-ups. A view says what is true; inserting an id into it brings the row up to
-- date, and triggers do so whenever something of it changes.

CREATE TABLE contacts_cache (
	name TEXT NOT NULL COLLATE NOCASE,
	contact_id INTEGER NOT NULL REFERENCES contacts (id),
	version INTEGER NOT NULL,
	title TEXT,
	kind TEXT NOT NULL,
	organization_id INTEGER,
	organization_name TEXT,
	email TEXT, -- the primary one
	owner_id INTEGER,
	is_do_not_contact INTEGER NOT NULL,
	last_at TEXT NOT NULL, -- '' for never
	last_in_at TEXT,
	last_out_at TEXT,
	communications INTEGER NOT NULL,
	updated_at TEXT NOT NULL,
	PRIMARY KEY (name, contact_id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX contacts_cache_contact ON contacts_cache (contact_id);
CREATE INDEX contacts_cache_updated ON contacts_cache (updated_at DESC, contact_id DESC);
CREATE INDEX contacts_cache_last ON contacts_cache (last_at DESC, contact_id DESC);
CREATE INDEX contacts_cache_organization ON contacts_cache (organization_id) WHERE organization_id IS NOT NULL;

CREATE VIEW contacts_summary AS SELECT c.name, c.id AS contact_id, c.version, c.title, c.kind, c.organization_id,
	o.name AS organization_name, (SELECT e.email FROM contact_emails_live e WHERE e.contact_id = c.id
		ORDER BY e.position LIMIT 1) AS email, c.owner_id, c.is_do_not_contact, coalesce(t.last_at, '') AS last_at,
	t.last_in_at, t.last_out_at, coalesce(t.communications, 0) AS communications, c.updated_at
	FROM contacts_live c LEFT JOIN organizations_live o ON o.id = c.organization_id
	LEFT JOIN touches t ON t.resource = 'contacts' AND t.resource_id = c.id;
CREATE TRIGGER contacts_summary_insert INSTEAD OF INSERT ON contacts_summary BEGIN
	DELETE FROM contacts_cache WHERE contact_id = NEW.contact_id;
	INSERT INTO contacts_cache (name, contact_id, version, title, kind, organization_id, organization_name, email, owner_id,
		is_do_not_contact, last_at, last_in_at, last_out_at, communications, updated_at)
	SELECT name, contact_id, version, title, kind, organization_id, organization_name, email, owner_id,
		is_do_not_contact, last_at, last_in_at, last_out_at, communications, updated_at
	FROM contacts_summary WHERE contact_id = NEW.contact_id;
END;
CREATE TRIGGER contacts_list_insert AFTER INSERT ON contacts BEGIN
	INSERT INTO contacts_summary (contact_id) VALUES (NEW.id);
END;
CREATE TRIGGER contacts_list_update AFTER UPDATE ON contacts BEGIN
	INSERT INTO contacts_summary (contact_id) VALUES (NEW.id);
END;
CREATE TRIGGER contact_emails_list_insert AFTER INSERT ON contact_emails BEGIN
	INSERT INTO contacts_summary (contact_id) VALUES (NEW.contact_id);
END;
CREATE TRIGGER contact_emails_list_update AFTER UPDATE ON contact_emails BEGIN
	INSERT INTO contacts_summary (contact_id) SELECT OLD.contact_id UNION SELECT NEW.contact_id;
END;
CREATE TRIGGER organizations_list_update AFTER UPDATE OF name, deleted_at ON organizations
WHEN OLD.name IS NOT NEW.name OR OLD.deleted_at IS NOT NEW.deleted_at BEGIN
	INSERT INTO contacts_summary (contact_id) SELECT id FROM contacts_live WHERE organization_id = NEW.id;
END;
CREATE TRIGGER touches_list_update AFTER UPDATE ON touches WHEN NEW.resource = 'contacts' BEGIN
	INSERT INTO contacts_summary (contact_id) VALUES (NEW.resource_id);
END;
CREATE TRIGGER touches_list_insert AFTER INSERT ON touches WHEN NEW.resource = 'contacts' BEGIN
	INSERT INTO contacts_summary (contact_id) VALUES (NEW.resource_id);
END;
INSERT INTO contacts_cache (name, contact_id, version, title, kind, organization_id, organization_name, email, owner_id,
	is_do_not_contact, last_at, last_in_at, last_out_at, communications, updated_at)
SELECT name, contact_id, version, title, kind, organization_id, organization_name, email, owner_id, is_do_not_contact,
	last_at, last_in_at, last_out_at, communications, updated_at FROM contacts_summary;
