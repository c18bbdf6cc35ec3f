-- Lists in the order they are asked for, whatever they are filtered by: a filter that few rows pass, or none, must not read
-- all the others. What has one order for each choice stands in an index that begins with the choice.

CREATE INDEX contacts_cache_kind ON contacts_cache (kind, name, contact_id);
CREATE INDEX contacts_cache_kind_updated ON contacts_cache (kind, updated_at DESC, contact_id DESC);
CREATE INDEX contacts_cache_kind_last ON contacts_cache (kind, last_at DESC, contact_id DESC);
CREATE INDEX contacts_cache_owner ON contacts_cache (owner_id, name, contact_id);
CREATE INDEX contacts_cache_owner_updated ON contacts_cache (owner_id, updated_at DESC, contact_id DESC);
CREATE INDEX contacts_cache_owner_last ON contacts_cache (owner_id, last_at DESC, contact_id DESC);
-- The list reads contacts_cache.
DROP INDEX contacts_kind;
DROP INDEX contacts_owner;

CREATE INDEX organizations_kind ON organizations (kind, name COLLATE NOCASE, id) WHERE deleted_at IS NULL;
CREATE INDEX organizations_owner ON organizations (owner_id, name COLLATE NOCASE, id) WHERE deleted_at IS NULL;

-- Of investors the choices stand beside the order.
DROP TRIGGER investors_summary_insert;
DROP TRIGGER investors_cache_update;
DROP VIEW investors_summary;
ALTER TABLE investors_cache ADD COLUMN lead_id INTEGER;
ALTER TABLE investors_cache ADD COLUMN priority TEXT NOT NULL DEFAULT 'normal';
CREATE VIEW investors_summary AS SELECT i.id AS investor_id, i.is_graveyard, coalesce(o.name, c.name, '') AS name,
	coalesce(t.last_at, '') AS last_at, i.organization_id, i.contact_id,
	CASE WHEN i.is_graveyard = 0 THEN strftime('%Y-%m-%dT%H:%M:%SZ', coalesce(t.last_at, '2000-01-01'),
		'+' || i.cadence_days || ' days') END AS due_at, i.lead_id, i.priority
	FROM investors_live i LEFT JOIN organizations_live o ON o.id = i.organization_id
	LEFT JOIN contacts_live c ON c.id = i.contact_id LEFT JOIN touches t
	ON t.resource = iif(i.organization_id IS NULL, 'contacts', 'organizations')
	AND t.resource_id = coalesce(i.organization_id, i.contact_id);
CREATE TRIGGER investors_summary_insert INSTEAD OF INSERT ON investors_summary BEGIN
	DELETE FROM investors_cache WHERE investor_id = NEW.investor_id;
	INSERT INTO investors_cache (investor_id, is_graveyard, name, last_at, due_at, lead_id, priority)
		SELECT investor_id, is_graveyard, name, last_at, due_at, lead_id, priority FROM investors_summary
		WHERE investor_id = NEW.investor_id;
END;
CREATE TRIGGER investors_cache_update AFTER UPDATE OF cadence_days, is_graveyard, organization_id, contact_id, lead_id, priority,
	deleted_at ON investors BEGIN
	INSERT INTO investors_summary (investor_id) VALUES (NEW.id);
END;
UPDATE investors_cache SET lead_id = i.lead_id, priority = i.priority FROM (SELECT id, lead_id, priority FROM investors_live) i
	WHERE i.id = investors_cache.investor_id;
CREATE INDEX investors_cache_any_name ON investors_cache (name COLLATE NOCASE, investor_id);
CREATE INDEX investors_cache_any_last ON investors_cache (last_at DESC, investor_id DESC);
CREATE INDEX investors_cache_lead_name ON investors_cache (lead_id, is_graveyard, name COLLATE NOCASE, investor_id);
CREATE INDEX investors_cache_lead_last ON investors_cache (lead_id, is_graveyard, last_at DESC, investor_id DESC);
CREATE INDEX investors_cache_priority_name ON investors_cache (priority, is_graveyard, name COLLATE NOCASE, investor_id);
CREATE INDEX investors_cache_priority_last ON investors_cache (priority, is_graveyard, last_at DESC, investor_id DESC);

-- The queue: in all states, by whom, and what is put off.
CREATE INDEX proposals_when ON proposals (occurred_at DESC, id DESC);
CREATE INDEX proposals_author ON proposals (state, author_kind, occurred_at DESC, id DESC);
CREATE INDEX proposals_snoozed ON proposals (snoozed_until) WHERE snoozed_until IS NOT NULL;

-- Tasks that are closed or put off.
CREATE INDEX tasks_closed ON tasks (due_on, id) WHERE deleted_at IS NULL AND state IN ('done', 'cancelled');
CREATE INDEX tasks_snoozed ON tasks (due_on, id) WHERE deleted_at IS NULL AND state = 'snoozed';

-- The log, by what it is about, by what was done, and by day.
CREATE INDEX audit_about ON audit (resource, id);
CREATE INDEX audit_action ON audit (action, id);
CREATE INDEX audit_at ON audit (at, id);
CREATE INDEX audit_record ON audit (resource_id, id);

-- What was left out, by rule; only that has one.
CREATE INDEX mailbox_items_rule ON mailbox_items (mailbox_id, rule) WHERE rule IS NOT NULL;

-- The words of the index in their order: what a word that was only begun may become.
CREATE VIRTUAL TABLE search_fts_words USING fts5vocab (search_fts, 'instance');
-- What belongs to an organization, for org: a few firms lead to their rows, and of many each row is asked for its firm.
DROP VIEW search_firms;
CREATE VIEW search_firms AS
	SELECT 1 AS kind, id AS record, organization_id FROM contacts_live
	UNION ALL SELECT 2, id, id FROM organizations_live
	UNION ALL SELECT 3, id, organization_id FROM investors_live
	UNION ALL SELECT 4, communication_id, resource_id FROM communication_parties_live WHERE resource = 'organizations'
	UNION ALL SELECT 5, m.id, p.resource_id FROM thread_parties p JOIN messages m ON m.thread_id = p.thread_id
		WHERE p.resource = 'organizations';
