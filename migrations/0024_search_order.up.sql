-- The index in the order of time. A row's number is, from the top, its kind, the minute of its `at` since 1970 and its id
-- (kind << 60 | minute << 32 | id): the newest of a kind are its last rows whatever order they were captured in, and a range
-- of days is a range of rows. What changes its time changes its number, so search_rows_cache knows which one it has.

DROP VIEW search_firms;
DROP VIEW search_pending;
DROP TABLE search_fts;
CREATE VIRTUAL TABLE search_fts USING fts5(title, sender, recipients, body, at UNINDEXED,
	tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3');
CREATE TABLE search_rows_cache (
	kind INTEGER NOT NULL,
	record INTEGER NOT NULL,
	docid INTEGER NOT NULL,
	PRIMARY KEY (kind, record)
) STRICT, WITHOUT ROWID;

-- What the index will say of the queued records that live.
CREATE VIEW search_texts AS
	SELECT 1 AS kind, c.id AS record, c.name AS title, NULL AS sender, NULL AS recipients,
		coalesce(c.title || char(10), '') || coalesce((SELECT name || char(10) FROM organizations_live
			WHERE id = c.organization_id), '')
		|| coalesce((SELECT group_concat(email, char(10)) || char(10) FROM contact_emails_live
			WHERE contact_id = c.id), '')
		|| coalesce(c.notes, '') AS body, c.updated_at AS at
	FROM search_queue q JOIN contacts_live c ON c.id = q.record WHERE q.kind = 1
	UNION ALL SELECT 2, o.id, o.name, NULL, NULL,
		coalesce((SELECT group_concat(domain, char(10)) || char(10) FROM organization_domains_live
			WHERE organization_id = o.id), '') || coalesce(o.notes, ''), o.updated_at
	FROM search_queue q JOIN organizations_live o ON o.id = q.record WHERE q.kind = 2
	UNION ALL SELECT 3, i.id, coalesce(o.name, c.name, ''), NULL, NULL,
		coalesce((SELECT group_concat(domain, char(10)) || char(10) FROM organization_domains_live
			WHERE organization_id = i.organization_id), '') || coalesce(i.notes, ''), i.updated_at
	FROM search_queue q JOIN investors_live i ON i.id = q.record
		LEFT JOIN organizations_live o ON o.id = i.organization_id
		LEFT JOIN contacts_live c ON c.id = i.contact_id WHERE q.kind = 3
	UNION ALL SELECT 4, c.id, c.subject, NULL, NULL, coalesce(c.body, ''), c.occurred_at
	FROM search_queue q JOIN communications_live c ON c.id = q.record WHERE q.kind = 4
	UNION ALL SELECT 5, m.id, m.subject, coalesce(m.from_name || ' ', '') || coalesce(m.from_email, ''),
		(SELECT group_concat(coalesce(name || ' ', '') || email, char(10)) FROM message_addresses
			WHERE message_id = m.id AND role IN ('to', 'cc', 'bcc')),
		substr(b.text, 1, 100000) || coalesce((SELECT char(10) || group_concat(name, char(10)) FROM attachments
			WHERE message_id = m.id), ''), m.sent_at
	FROM search_queue q JOIN messages m ON m.id = q.record LEFT JOIN message_bodies b ON b.message_id = m.id
	WHERE q.kind = 5;

CREATE VIEW search_pending AS SELECT (kind << 60)
	+ (max(0, min(268435455, coalesce(strftime('%s', at) / 60, 0))) << 32) + record AS id, kind, record, title, sender,
	recipients, body, at FROM search_texts;

-- What belongs to an organization, for org:
CREATE VIEW search_firms AS
	SELECT c.organization_id, r.docid AS id FROM contacts_live c JOIN search_rows_cache r ON r.kind = 1 AND r.record = c.id
	UNION ALL SELECT o.id, r.docid FROM organizations_live o JOIN search_rows_cache r ON r.kind = 2 AND r.record = o.id
	UNION ALL SELECT i.organization_id, r.docid FROM investors_live i
		JOIN search_rows_cache r ON r.kind = 3 AND r.record = i.id
	UNION ALL SELECT p.resource_id, r.docid FROM communication_parties_live p
		JOIN search_rows_cache r ON r.kind = 4 AND r.record = p.communication_id WHERE p.resource = 'organizations'
	UNION ALL SELECT p.resource_id, r.docid FROM thread_parties p JOIN messages m ON m.thread_id = p.thread_id
		JOIN search_rows_cache r ON r.kind = 5 AND r.record = m.id WHERE p.resource = 'organizations';

INSERT OR IGNORE INTO search_queue (kind, record) SELECT kind, record FROM search_all;
INSERT INTO search_rows_cache (kind, record, docid) SELECT kind, record, id FROM search_pending;
INSERT INTO search_fts (rowid, title, sender, recipients, body, at)
	SELECT id, title, sender, recipients, body, at FROM search_pending;
DELETE FROM search_queue;
