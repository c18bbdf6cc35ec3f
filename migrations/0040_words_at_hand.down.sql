DROP VIEW contacts_summary;
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
ALTER TABLE contacts_cache DROP COLUMN words;
