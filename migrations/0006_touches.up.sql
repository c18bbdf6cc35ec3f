-- Lists in the order of the last touch: every contact and organization has its row in touches, so that the order is one
-- index.

CREATE TRIGGER contacts_touch AFTER INSERT ON contacts BEGIN
	INSERT OR IGNORE INTO touches (resource, resource_id) VALUES ('contacts', NEW.id);
END;
CREATE TRIGGER organizations_touch AFTER INSERT ON organizations BEGIN
	INSERT OR IGNORE INTO touches (resource, resource_id) VALUES ('organizations', NEW.id);
END;
INSERT OR IGNORE INTO touches (resource, resource_id) SELECT 'contacts', id FROM contacts;
INSERT OR IGNORE INTO touches (resource, resource_id) SELECT 'organizations', id FROM organizations;
CREATE INDEX touches_last ON touches (resource, coalesce(last_at, '') DESC, resource_id DESC);
