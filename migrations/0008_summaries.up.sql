-- What the first page, lists and capture health show, kept as it changes, so that none of them reads more than it shows.

-- A contact's primary address is in the index that finds it.
DROP INDEX contact_emails_contact;
CREATE INDEX contact_emails_contact ON contact_emails (contact_id, position, email) WHERE deleted_at IS NULL;

-- Who waits for an answer: they wrote last.
CREATE INDEX touches_unanswered ON touches (resource, last_in_at DESC, resource_id DESC)
	WHERE last_in_at > coalesce(last_out_at, '');

-- What an investor's name, last word and next one follow from stands with the firm or person that invests; lists are sorted
-- by them. due_at: so many days after the last word, for those that are pursued and have a cadence.
CREATE TABLE investors_cache (
	investor_id INTEGER PRIMARY KEY REFERENCES investors (id),
	is_graveyard INTEGER NOT NULL,
	name TEXT NOT NULL,
	last_at TEXT NOT NULL, -- '' for never
	due_at TEXT
) STRICT;
CREATE INDEX investors_cache_name ON investors_cache (is_graveyard, name COLLATE NOCASE, investor_id);
CREATE INDEX investors_cache_last ON investors_cache (is_graveyard, last_at DESC, investor_id DESC);
CREATE INDEX investors_cache_due ON investors_cache (due_at, investor_id) WHERE due_at IS NOT NULL;

CREATE INDEX investors_updated ON investors (updated_at DESC, id DESC) WHERE deleted_at IS NULL;

CREATE VIEW investors_summary AS SELECT i.id AS investor_id, i.is_graveyard, coalesce(o.name, c.name, '') AS name,
	coalesce(t.last_at, '') AS last_at, i.organization_id, i.contact_id,
	CASE WHEN i.is_graveyard = 0 THEN strftime('%Y-%m-%dT%H:%M:%SZ', coalesce(t.last_at, '2000-01-01'),
		'+' || i.cadence_days || ' days') END AS due_at
	FROM investors_live i LEFT JOIN organizations_live o ON o.id = i.organization_id
	LEFT JOIN contacts_live c ON c.id = i.contact_id LEFT JOIN touches t
	ON t.resource = iif(i.organization_id IS NULL, 'contacts', 'organizations')
	AND t.resource_id = coalesce(i.organization_id, i.contact_id);
-- Inserting an id into the view brings its row up to date.
CREATE TRIGGER investors_summary_insert INSTEAD OF INSERT ON investors_summary BEGIN
	DELETE FROM investors_cache WHERE investor_id = NEW.investor_id;
	INSERT INTO investors_cache (investor_id, is_graveyard, name, last_at, due_at)
		SELECT investor_id, is_graveyard, name, last_at, due_at FROM investors_summary WHERE investor_id = NEW.investor_id;
END;
CREATE TRIGGER investors_cache_insert AFTER INSERT ON investors BEGIN
	INSERT INTO investors_summary (investor_id) VALUES (NEW.id);
END;
CREATE TRIGGER investors_cache_update
AFTER UPDATE OF cadence_days, is_graveyard, organization_id, contact_id, deleted_at ON investors BEGIN
	INSERT INTO investors_summary (investor_id) VALUES (NEW.id);
END;
CREATE TRIGGER organizations_cache_update AFTER UPDATE OF name, deleted_at ON organizations
WHEN OLD.name IS NOT NEW.name OR OLD.deleted_at IS NOT NEW.deleted_at BEGIN
	INSERT INTO investors_summary (investor_id) SELECT id FROM investors_live WHERE organization_id = NEW.id;
END;
CREATE TRIGGER contacts_cache_update AFTER UPDATE OF name, deleted_at ON contacts
WHEN OLD.name IS NOT NEW.name OR OLD.deleted_at IS NOT NEW.deleted_at BEGIN
	INSERT INTO investors_summary (investor_id) SELECT id FROM investors_live WHERE contact_id = NEW.id;
END;
CREATE TRIGGER touches_cache_update AFTER UPDATE OF last_at ON touches WHEN OLD.last_at IS NOT NEW.last_at BEGIN
	INSERT INTO investors_summary (investor_id)
		SELECT id FROM investors_live WHERE organization_id = NEW.resource_id AND NEW.resource = 'organizations'
		UNION ALL SELECT id FROM investors_live WHERE contact_id = NEW.resource_id AND NEW.resource = 'contacts';
END;
INSERT INTO investors_cache (investor_id, is_graveyard, name, last_at, due_at)
	SELECT investor_id, is_graveyard, name, last_at, due_at FROM investors_summary;

-- How many messages of a mailbox stand where in the ledger.
CREATE TABLE mailbox_counts_cache (
	mailbox_id INTEGER NOT NULL REFERENCES mailboxes (id),
	state TEXT NOT NULL,
	n INTEGER NOT NULL,
	PRIMARY KEY (mailbox_id, state)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER mailbox_items_count_insert AFTER INSERT ON mailbox_items BEGIN
	INSERT INTO mailbox_counts_cache (mailbox_id, state, n) VALUES (NEW.mailbox_id, NEW.state, 1)
		ON CONFLICT (mailbox_id, state) DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER mailbox_items_count_update AFTER UPDATE OF state ON mailbox_items WHEN OLD.state <> NEW.state BEGIN
	UPDATE mailbox_counts_cache SET n = n - 1 WHERE mailbox_id = OLD.mailbox_id AND state = OLD.state;
	INSERT INTO mailbox_counts_cache (mailbox_id, state, n) VALUES (NEW.mailbox_id, NEW.state, 1)
		ON CONFLICT (mailbox_id, state) DO UPDATE SET n = n + 1;
END;
CREATE VIEW mailbox_counts AS SELECT mailbox_id, coalesce(sum(n) FILTER (WHERE state = 'stored'), 0) AS stored,
	coalesce(sum(n) FILTER (WHERE state = 'excluded'), 0) AS excluded,
	coalesce(sum(n) FILTER (WHERE state = 'failed'), 0) AS failed, coalesce(sum(n) FILTER (WHERE state = 'gone'), 0) AS gone
	FROM mailbox_counts_cache GROUP BY mailbox_id;
INSERT INTO mailbox_counts_cache (mailbox_id, state, n)
	SELECT mailbox_id, state, count(*) FROM mailbox_items GROUP BY mailbox_id, state;
