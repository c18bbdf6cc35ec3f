-- The words under which people and firms are found: names, addresses, domains (a person's firm counts as a name), without
-- case and accents, found by their beginnings. A view says what is known of each live record; inserting an id into it
-- brings the record's words up to date, and the triggers do so whenever one of them changes. (SQLite 3.40 keeps FTS5
-- tables out of triggers as long as the schema is not trusted.)

CREATE TABLE directory_cache (
	resource TEXT NOT NULL,
	word TEXT NOT NULL,
	resource_id INTEGER NOT NULL,
	PRIMARY KEY (resource, word, resource_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX directory_cache_record ON directory_cache (resource, resource_id);

CREATE VIEW contacts_words AS SELECT id, words(name || ' ' ||
	coalesce((SELECT group_concat(email, ' ') FROM contact_emails_live WHERE contact_id = c.id), '') || ' ' ||
	coalesce((SELECT name FROM organizations_live WHERE id = c.organization_id), '')) AS words
	FROM contacts_live c;
CREATE TRIGGER contacts_words_insert INSTEAD OF INSERT ON contacts_words BEGIN
	DELETE FROM directory_cache WHERE resource = 'contacts' AND resource_id = NEW.id;
	INSERT OR IGNORE INTO directory_cache (resource, word, resource_id) SELECT 'contacts', word, NEW.id FROM (
		WITH RECURSIVE split (word, rest) AS (SELECT NULL, words || ' ' FROM contacts_words WHERE id = NEW.id
			UNION ALL SELECT substr(rest, 1, instr(rest, ' ') - 1), substr(rest, instr(rest, ' ') + 1) FROM split
				WHERE rest <> '')
		SELECT word FROM split WHERE word <> '');
END;
CREATE TRIGGER contacts_directory_insert AFTER INSERT ON contacts BEGIN
	INSERT INTO contacts_words (id) VALUES (NEW.id);
END;
CREATE TRIGGER contacts_directory_update AFTER UPDATE OF name, organization_id, deleted_at ON contacts
WHEN OLD.name IS NOT NEW.name OR OLD.organization_id IS NOT NEW.organization_id OR OLD.deleted_at IS NOT NEW.deleted_at
BEGIN
	INSERT INTO contacts_words (id) VALUES (NEW.id);
END;
CREATE TRIGGER contact_emails_directory_insert AFTER INSERT ON contact_emails BEGIN
	INSERT INTO contacts_words (id) VALUES (NEW.contact_id);
END;
CREATE TRIGGER contact_emails_directory_update AFTER UPDATE OF contact_id, email, deleted_at ON contact_emails BEGIN
	INSERT INTO contacts_words (id) SELECT OLD.contact_id UNION SELECT NEW.contact_id;
END;

CREATE VIEW organizations_words AS SELECT id, words(name || ' ' ||
	coalesce((SELECT group_concat(domain, ' ') FROM organization_domains_live WHERE organization_id = o.id), '')) AS words
	FROM organizations_live o;
CREATE TRIGGER organizations_words_insert INSTEAD OF INSERT ON organizations_words BEGIN
	DELETE FROM directory_cache WHERE resource = 'organizations' AND resource_id = NEW.id;
	INSERT OR IGNORE INTO directory_cache (resource, word, resource_id) SELECT 'organizations', word, NEW.id FROM (
		WITH RECURSIVE split (word, rest) AS (SELECT NULL, words || ' ' FROM organizations_words WHERE id = NEW.id
			UNION ALL SELECT substr(rest, 1, instr(rest, ' ') - 1), substr(rest, instr(rest, ' ') + 1) FROM split
				WHERE rest <> '')
		SELECT word FROM split WHERE word <> '');
END;
CREATE TRIGGER organizations_directory_insert AFTER INSERT ON organizations BEGIN
	INSERT INTO organizations_words (id) VALUES (NEW.id);
END;
CREATE TRIGGER organizations_directory_update AFTER UPDATE OF name, deleted_at ON organizations
WHEN OLD.name IS NOT NEW.name OR OLD.deleted_at IS NOT NEW.deleted_at BEGIN
	INSERT INTO organizations_words (id) VALUES (NEW.id);
	INSERT INTO contacts_words (id) SELECT id FROM contacts_live WHERE organization_id = NEW.id;
END;
CREATE TRIGGER organization_domains_directory_insert AFTER INSERT ON organization_domains BEGIN
	INSERT INTO organizations_words (id) VALUES (NEW.organization_id);
END;
CREATE TRIGGER organization_domains_directory_update AFTER UPDATE OF organization_id, domain, deleted_at
ON organization_domains BEGIN
	INSERT INTO organizations_words (id) SELECT OLD.organization_id UNION SELECT NEW.organization_id;
END;

INSERT INTO contacts_words (id) SELECT id FROM contacts_live;
INSERT INTO organizations_words (id) SELECT id FROM organizations_live;
