-- Who on the team was in touch with whom, how often and when last: counted as it happens, so that a record's page does not
-- go through all that was ever said.

CREATE TABLE acquaintances_cache (
	resource TEXT NOT NULL, -- contacts, organizations
	resource_id INTEGER NOT NULL,
	user_id INTEGER NOT NULL REFERENCES users (id),
	communications INTEGER NOT NULL,
	last_at TEXT NOT NULL,
	PRIMARY KEY (resource, resource_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE VIEW acquaintances AS SELECT p.resource, p.resource_id, u.resource_id AS user_id, count(*) AS communications,
	max(p.occurred_at) AS last_at
	FROM communication_parties_live p JOIN communication_parties_live u
	ON u.communication_id = p.communication_id AND u.resource = 'users'
	WHERE p.resource <> 'users' GROUP BY p.resource, p.resource_id, u.resource_id;
-- Inserting a pair into the view counts it anew.
CREATE TRIGGER acquaintances_insert INSTEAD OF INSERT ON acquaintances BEGIN
	DELETE FROM acquaintances_cache
		WHERE resource = NEW.resource AND resource_id = NEW.resource_id AND user_id = NEW.user_id;
	INSERT INTO acquaintances_cache (resource, resource_id, user_id, communications, last_at)
		SELECT resource, resource_id, user_id, communications, last_at FROM acquaintances
		WHERE resource = NEW.resource AND resource_id = NEW.resource_id AND user_id = NEW.user_id;
END;
CREATE TRIGGER communication_parties_acquaintance_insert AFTER INSERT ON communication_parties
WHEN NEW.deleted_at IS NULL BEGIN
	INSERT INTO acquaintances_cache (resource, resource_id, user_id, communications, last_at)
		SELECT iif(NEW.resource = 'users', o.resource, NEW.resource),
			iif(NEW.resource = 'users', o.resource_id, NEW.resource_id),
			iif(NEW.resource = 'users', NEW.resource_id, o.resource_id), 1, NEW.occurred_at
		FROM communication_parties_live o
		WHERE o.communication_id = NEW.communication_id AND (o.resource = 'users') <> (NEW.resource = 'users')
		ON CONFLICT (resource, resource_id, user_id) DO UPDATE SET communications = communications + 1,
			last_at = max(last_at, excluded.last_at);
END;
CREATE TRIGGER communication_parties_acquaintance_update AFTER UPDATE OF occurred_at, deleted_at ON communication_parties
BEGIN
	INSERT INTO acquaintances (resource, resource_id, user_id)
		SELECT iif(NEW.resource = 'users', o.resource, NEW.resource),
			iif(NEW.resource = 'users', o.resource_id, NEW.resource_id),
			iif(NEW.resource = 'users', NEW.resource_id, o.resource_id)
		FROM communication_parties o
		WHERE o.communication_id = NEW.communication_id AND (o.resource = 'users') <> (NEW.resource = 'users');
END;
INSERT INTO acquaintances_cache (resource, resource_id, user_id, communications, last_at)
	SELECT resource, resource_id, user_id, communications, last_at FROM acquaintances;
