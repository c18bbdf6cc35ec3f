-- Two records that are one. A merge moves what hangs on the one to the other, which stays; the old number leads there. What
-- was moved is kept, so that a merge can be taken back for a day.
CREATE TABLE merges (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	resource TEXT NOT NULL CHECK (resource IN ('contacts', 'organizations', 'investors')),
	loser_id INTEGER NOT NULL,
	survivor_id INTEGER NOT NULL CHECK (survivor_id <> loser_id),
	proposal_id INTEGER NOT NULL REFERENCES proposals (id),
	survivor_json TEXT NOT NULL CHECK (is_json(survivor_json)), -- both, as they were
	loser_json TEXT NOT NULL CHECK (is_json(loser_json)),
	moved_json TEXT NOT NULL CHECK (is_json(moved_json)),       -- {"tasks.contact_id": [row, …]}
	survivor_version INTEGER NOT NULL DEFAULT 0,                -- as the merge left it
	merged_at TEXT NOT NULL DEFAULT (ctx_now()),
	merged_by INTEGER NOT NULL DEFAULT (ctx_user()) REFERENCES users (id),
	undone_at TEXT
) STRICT;
CREATE UNIQUE INDEX merges_loser ON merges (resource, loser_id) WHERE undone_at IS NULL;
CREATE INDEX merges_survivor ON merges (resource, survivor_id) WHERE undone_at IS NULL;
CREATE INDEX merges_proposal ON merges (proposal_id);
CREATE TRIGGER merges_countersigned BEFORE INSERT ON merges WHEN ctx_actor_kind() IS NOT 'human' OR NOT EXISTS (
	SELECT 1 FROM proposals WHERE id = NEW.proposal_id AND kind = 'merge' AND state IN ('approved', 'edited'))
BEGIN SELECT RAISE(ABORT, '403 nothing is merged without a countersignature'); END;
CREATE TRIGGER merges_by_a_person BEFORE UPDATE ON merges WHEN ctx_actor_kind() IS NOT 'human'
BEGIN SELECT RAISE(ABORT, '403 nothing is merged without a countersignature'); END;
CREATE TRIGGER merges_no_delete BEFORE DELETE ON merges BEGIN SELECT RAISE(ABORT, '403 nothing is hard-deleted'); END;

-- What was merged comes back by undoing that, not through the trash.
CREATE TRIGGER contacts_merged BEFORE UPDATE OF deleted_at ON contacts WHEN OLD.deleted_at IS NOT NULL AND NEW.deleted_at IS NULL
	AND EXISTS (SELECT 1 FROM merges WHERE resource = 'contacts' AND loser_id = OLD.id AND undone_at IS NULL)
BEGIN SELECT RAISE(ABORT, '409 it was merged into another; undo that in Review within a day'); END;
CREATE TRIGGER organizations_merged BEFORE UPDATE OF deleted_at ON organizations WHEN OLD.deleted_at IS NOT NULL AND NEW.deleted_at IS NULL
	AND EXISTS (SELECT 1 FROM merges WHERE resource = 'organizations' AND loser_id = OLD.id AND undone_at IS NULL)
BEGIN SELECT RAISE(ABORT, '409 it was merged into another; undo that in Review within a day'); END;
CREATE TRIGGER investors_merged BEFORE UPDATE OF deleted_at ON investors WHEN OLD.deleted_at IS NOT NULL AND NEW.deleted_at IS NULL
	AND EXISTS (SELECT 1 FROM merges WHERE resource = 'investors' AND loser_id = OLD.id AND undone_at IS NULL)
BEGIN SELECT RAISE(ABORT, '409 it was merged into another; undo that in Review within a day'); END;

-- Figures of a record whose communications moved: inserting it into the view counts it anew. Counting with each row that
-- moves would cost its square.
CREATE VIEW touches_count AS SELECT p.resource, p.resource_id, max(c.occurred_at) AS last_at,
	max(CASE WHEN c.direction IN ('in', 'both') THEN c.occurred_at END) AS last_in_at,
	max(CASE WHEN c.direction IN ('out', 'both') THEN c.occurred_at END) AS last_out_at, count(c.id) AS communications
	FROM communication_parties_live p JOIN communications_live c ON c.id = p.communication_id
	GROUP BY p.resource, p.resource_id;
CREATE TRIGGER touches_count_insert INSTEAD OF INSERT ON touches_count BEGIN
	UPDATE touches SET last_at = n.last_at, last_in_at = n.last_in_at, last_out_at = n.last_out_at,
		communications = coalesce(n.communications, 0)
	FROM (SELECT max(last_at) AS last_at, max(last_in_at) AS last_in_at, max(last_out_at) AS last_out_at,
		max(communications) AS communications FROM touches_count
		WHERE resource = NEW.resource AND resource_id = NEW.resource_id) n
	WHERE resource = NEW.resource AND resource_id = NEW.resource_id;
END;
DROP TRIGGER communication_parties_touch_update;
CREATE TRIGGER communication_parties_touch_update AFTER UPDATE OF occurred_at, deleted_at ON communication_parties
WHEN NEW.resource <> 'users' BEGIN
	INSERT INTO touches_count (resource, resource_id) VALUES (NEW.resource, NEW.resource_id);
END;

-- Probable duplicates: which records changed and wait to be compared, and the marks by which two are compared at all.
CREATE TABLE duplicates_queue (
	resource TEXT NOT NULL,
	resource_id INTEGER NOT NULL,
	PRIMARY KEY (resource, resource_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE duplicates_cache (
	resource TEXT NOT NULL,
	mark TEXT NOT NULL,
	resource_id INTEGER NOT NULL,
	PRIMARY KEY (resource, mark, resource_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX duplicates_cache_record ON duplicates_cache (resource, resource_id);
-- Which pairs of a merge were decided or wait.
ALTER TABLE proposals ADD COLUMN from_id INTEGER; -- a merge: the record that goes
CREATE INDEX proposals_merge ON proposals (resource, target_id, from_id) WHERE kind = 'merge';
CREATE INDEX proposals_merge_from ON proposals (resource, from_id) WHERE kind = 'merge';
CREATE INDEX proposals_target ON proposals (target_id, resource) WHERE state = 'pending';

CREATE TRIGGER contacts_duplicates_insert AFTER INSERT ON contacts BEGIN
	INSERT OR IGNORE INTO duplicates_queue (resource, resource_id) VALUES ('contacts', NEW.id);
END;
CREATE TRIGGER contacts_duplicates_update AFTER UPDATE OF version, deleted_at ON contacts BEGIN
	INSERT OR IGNORE INTO duplicates_queue (resource, resource_id) VALUES ('contacts', NEW.id);
END;
CREATE TRIGGER organizations_duplicates_insert AFTER INSERT ON organizations BEGIN
	INSERT OR IGNORE INTO duplicates_queue (resource, resource_id) VALUES ('organizations', NEW.id);
END;
CREATE TRIGGER organizations_duplicates_update AFTER UPDATE OF version, deleted_at ON organizations BEGIN
	INSERT OR IGNORE INTO duplicates_queue (resource, resource_id) VALUES ('organizations', NEW.id);
END;
INSERT INTO duplicates_queue (resource, resource_id)
	SELECT 'contacts', id FROM contacts_live UNION ALL SELECT 'organizations', id FROM organizations_live;
