DROP VIEW search_firms;
DROP VIEW search_pending;
DROP VIEW search_texts;
DROP TABLE search_rows_cache;
DROP TABLE search_fts;
CREATE VIRTUAL TABLE search_fts USING fts5(title, sender, recipients, body, at UNINDEXED,
	tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3');
-- What the index will say of the queued records that live.
CREATE VIEW search_pending AS
	SELECT (1 << 40) + c.id AS id, c.name AS title, NULL AS sender, NULL AS recipients,
		coalesce(c.title || char(10), '') || coalesce((SELECT name || char(10) FROM organizations_live
			WHERE id = c.organization_id), '')
		|| coalesce((SELECT group_concat(email, char(10)) || char(10) FROM contact_emails_live
			WHERE contact_id = c.id), '')
		|| coalesce(c.notes, '') AS body, c.updated_at AS at
	FROM search_queue q JOIN contacts_live c ON c.id = q.record WHERE q.kind = 1
	UNION ALL SELECT (2 << 40) + o.id, o.name, NULL, NULL,
		coalesce((SELECT group_concat(domain, char(10)) || char(10) FROM organization_domains_live
			WHERE organization_id = o.id), '') || coalesce(o.notes, ''), o.updated_at
	FROM search_queue q JOIN organizations_live o ON o.id = q.record WHERE q.kind = 2
	UNION ALL SELECT (3 << 40) + i.id, coalesce(o.name, c.name, ''), NULL, NULL,
		coalesce((SELECT group_concat(domain, char(10)) || char(10) FROM organization_domains_live
			WHERE organization_id = i.organization_id), '') || coalesce(i.notes, ''), i.updated_at
	FROM search_queue q JOIN investors_live i ON i.id = q.record
		LEFT JOIN organizations_live o ON o.id = i.organization_id
		LEFT JOIN contacts_live c ON c.id = i.contact_id WHERE q.kind = 3
	UNION ALL SELECT (4 << 40) + c.id, c.subject, NULL, NULL, coalesce(c.body, ''), c.occurred_at
	FROM search_queue q JOIN communications_live c ON c.id = q.record WHERE q.kind = 4
	UNION ALL SELECT (5 << 40) + m.id, m.subject, coalesce(m.from_name || ' ', '') || coalesce(m.from_email, ''),
		(SELECT group_concat(coalesce(name || ' ', '') || email, char(10)) FROM message_addresses
			WHERE message_id = m.id AND role IN ('to', 'cc', 'bcc')),
		substr(b.text, 1, 100000) || coalesce((SELECT char(10) || group_concat(name, char(10)) FROM attachments
			WHERE message_id = m.id), ''), m.sent_at
	FROM search_queue q JOIN messages m ON m.id = q.record LEFT JOIN message_bodies b ON b.message_id = m.id
	WHERE q.kind = 5;

-- What belongs to an organization, for org:
CREATE VIEW search_firms AS
	SELECT organization_id, (1 << 40) + id AS id FROM contacts_live
	UNION ALL SELECT id, (2 << 40) + id FROM organizations_live
	UNION ALL SELECT organization_id, (3 << 40) + id FROM investors_live
	UNION ALL SELECT resource_id, (4 << 40) + communication_id FROM communication_parties_live
		WHERE resource = 'organizations'
	UNION ALL SELECT p.resource_id, (5 << 40) + m.id FROM thread_parties p JOIN messages m ON m.thread_id = p.thread_id
		WHERE p.resource = 'organizations';

INSERT OR IGNORE INTO search_queue (kind, record) SELECT kind, record FROM search_all;
INSERT INTO search_fts (rowid, title, sender, recipients, body, at)
	SELECT id, title, sender, recipients, body, at FROM search_pending;
DELETE FROM search_queue;
