DROP VIEW search_firms;
CREATE VIEW search_firms AS
	SELECT c.organization_id, r.docid AS id FROM contacts_live c JOIN search_rows_cache r ON r.kind = 1 AND r.record = c.id
	UNION ALL SELECT o.id, r.docid FROM organizations_live o JOIN search_rows_cache r ON r.kind = 2 AND r.record = o.id
	UNION ALL SELECT i.organization_id, r.docid FROM investors_live i
		JOIN search_rows_cache r ON r.kind = 3 AND r.record = i.id
	UNION ALL SELECT p.resource_id, r.docid FROM communication_parties_live p
		JOIN search_rows_cache r ON r.kind = 4 AND r.record = p.communication_id WHERE p.resource = 'organizations'
	UNION ALL SELECT p.resource_id, r.docid FROM thread_parties p JOIN messages m ON m.thread_id = p.thread_id
		JOIN search_rows_cache r ON r.kind = 5 AND r.record = m.id WHERE p.resource = 'organizations';
DROP TABLE search_fts_words;
DROP INDEX mailbox_items_rule;
DROP INDEX audit_record;
DROP INDEX audit_at;
DROP INDEX audit_action;
DROP INDEX audit_about;
DROP INDEX tasks_snoozed;
DROP INDEX tasks_closed;
DROP INDEX proposals_snoozed;
DROP INDEX proposals_author;
DROP INDEX proposals_when;
DROP INDEX investors_cache_priority_last;
DROP INDEX investors_cache_priority_name;
DROP INDEX investors_cache_lead_last;
DROP INDEX investors_cache_lead_name;
DROP INDEX investors_cache_any_last;
DROP INDEX investors_cache_any_name;
DROP TRIGGER investors_cache_update;
DROP TRIGGER investors_summary_insert;
DROP VIEW investors_summary;
CREATE VIEW investors_summary AS SELECT i.id AS investor_id, i.is_graveyard, coalesce(o.name, c.name, '') AS name,
	coalesce(t.last_at, '') AS last_at, i.organization_id, i.contact_id,
	CASE WHEN i.is_graveyard = 0 THEN strftime('%Y-%m-%dT%H:%M:%SZ', coalesce(t.last_at, '2000-01-01'),
		'+' || i.cadence_days || ' days') END AS due_at
	FROM investors_live i LEFT JOIN organizations_live o ON o.id = i.organization_id
	LEFT JOIN contacts_live c ON c.id = i.contact_id LEFT JOIN touches t
	ON t.resource = iif(i.organization_id IS NULL, 'contacts', 'organizations')
	AND t.resource_id = coalesce(i.organization_id, i.contact_id);
CREATE TRIGGER investors_summary_insert INSTEAD OF INSERT ON investors_summary BEGIN
	DELETE FROM investors_cache WHERE investor_id = NEW.investor_id;
	INSERT INTO investors_cache (investor_id, is_graveyard, name, last_at, due_at)
		SELECT investor_id, is_graveyard, name, last_at, due_at FROM investors_summary WHERE investor_id = NEW.investor_id;
END;
CREATE TRIGGER investors_cache_update
AFTER UPDATE OF cadence_days, is_graveyard, organization_id, contact_id, deleted_at ON investors BEGIN
	INSERT INTO investors_summary (investor_id) VALUES (NEW.id);
END;
DROP INDEX organizations_owner;
DROP INDEX organizations_kind;
CREATE INDEX contacts_owner ON contacts (owner_id, name COLLATE NOCASE, id) WHERE deleted_at IS NULL;
CREATE INDEX contacts_kind ON contacts (kind, name COLLATE NOCASE, id) WHERE deleted_at IS NULL;
DROP INDEX contacts_cache_owner_last;
DROP INDEX contacts_cache_owner_updated;
DROP INDEX contacts_cache_owner;
DROP INDEX contacts_cache_kind_last;
DROP INDEX contacts_cache_kind_updated;
DROP INDEX contacts_cache_kind;
ALTER TABLE investors_cache DROP COLUMN priority;
ALTER TABLE investors_cache DROP COLUMN lead_id;
