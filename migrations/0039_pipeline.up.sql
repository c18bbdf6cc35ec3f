-- The pipeline: how far each investor is on the way to a fund. Stages are a setting (core/stages.h), so a stage is a word
-- here. Each move of one is kept, and what the board shows of all of them is counted by triggers.

CREATE TABLE opportunities (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	investor_id INTEGER NOT NULL REFERENCES investors (id),
	fund_id INTEGER NOT NULL REFERENCES funds (id),
	stage TEXT NOT NULL,
	amount INTEGER CHECK (amount > 0),                        -- in hundredths of the fund's currency
	probability INTEGER CHECK (probability BETWEEN 0 AND 100), -- percent; NULL: what the stage says
	owner_id INTEGER REFERENCES users (id),
	expected_close_on TEXT,
	next_step TEXT,
	staged_at TEXT NOT NULL DEFAULT (ctx_now()),              -- in its stage since
	source TEXT NOT NULL DEFAULT 'user' CHECK (source = 'user' OR source = 'capture' OR source = 'agent' OR source = 'import'),
	proposal_id INTEGER REFERENCES proposals (id),
	created_at TEXT NOT NULL DEFAULT (ctx_now()),
	created_by INTEGER REFERENCES users (id),
	updated_at TEXT NOT NULL DEFAULT (ctx_now()),
	updated_by INTEGER REFERENCES users (id),
	version INTEGER NOT NULL DEFAULT 1,
	deleted_at TEXT
) STRICT;
CREATE VIEW opportunities_live AS SELECT * FROM opportunities WHERE deleted_at IS NULL;
CREATE VIEW opportunities_trash AS SELECT * FROM opportunities WHERE deleted_at IS NOT NULL;
CREATE UNIQUE INDEX opportunities_pair ON opportunities (investor_id, fund_id) WHERE deleted_at IS NULL;
CREATE INDEX opportunities_investor ON opportunities (investor_id, deleted_at);
CREATE INDEX opportunities_of_fund ON opportunities (fund_id, deleted_at);
CREATE INDEX opportunities_staged ON opportunities (staged_at, id) WHERE deleted_at IS NULL;
CREATE INDEX opportunities_stage ON opportunities (stage, staged_at, id) WHERE deleted_at IS NULL;
CREATE INDEX opportunities_fund ON opportunities (fund_id, staged_at, id) WHERE deleted_at IS NULL;
CREATE INDEX opportunities_fund_stage ON opportunities (fund_id, stage, staged_at, id) WHERE deleted_at IS NULL;
CREATE INDEX opportunities_owner ON opportunities (owner_id, staged_at, id) WHERE deleted_at IS NULL;
CREATE INDEX opportunities_owner_stage ON opportunities (owner_id, stage, staged_at, id) WHERE deleted_at IS NULL;
CREATE INDEX opportunities_amount ON opportunities (printf('%015d', coalesce(amount, 0)), id) WHERE deleted_at IS NULL;
CREATE INDEX opportunities_close ON opportunities (coalesce(expected_close_on, '9999'), id) WHERE deleted_at IS NULL;

CREATE TRIGGER opportunities_countersigned BEFORE INSERT ON opportunities WHEN NEW.source IN ('capture', 'agent') AND NOT EXISTS (
	SELECT 1 FROM proposals WHERE id = NEW.proposal_id AND state IN ('approved', 'edited') AND decided_by IS NOT NULL)
BEGIN SELECT RAISE(ABORT, '403 nothing lands on a record without a countersignature'); END;
CREATE TRIGGER opportunities_by_a_person BEFORE UPDATE ON opportunities WHEN ctx_actor_kind() IS NOT 'human'
BEGIN SELECT RAISE(ABORT, '403 nothing lands on a record without a countersignature'); END;
CREATE TRIGGER opportunities_inserted_by_a_person BEFORE INSERT ON opportunities WHEN ctx_actor_kind() IS NOT 'human'
BEGIN SELECT RAISE(ABORT, '403 nothing lands on a record without a countersignature'); END;
CREATE TRIGGER opportunities_no_delete BEFORE DELETE ON opportunities BEGIN SELECT RAISE(ABORT, '403 nothing is hard-deleted'); END;
CREATE TRIGGER opportunities_audit_insert AFTER INSERT ON opportunities BEGIN
	INSERT INTO audit_log (action, resource, resource_id, changes_json)
	VALUES ('create', 'opportunities', NEW.id, diff(
		'investor_id', NULL, NEW.investor_id, 'fund_id', NULL, NEW.fund_id, 'stage', NULL, NEW.stage,
		'amount', NULL, NEW.amount, 'probability', NULL, NEW.probability, 'owner_id', NULL, NEW.owner_id,
		'expected_close_on', NULL, NEW.expected_close_on, 'next_step', NULL, NEW.next_step));
END;
CREATE TRIGGER opportunities_audit_update AFTER UPDATE ON opportunities WHEN OLD.deleted_at IS NEW.deleted_at BEGIN
	INSERT INTO audit_log (action, resource, resource_id, changes_json)
	SELECT 'update', 'opportunities', NEW.id, c FROM (SELECT diff(
		'investor_id', OLD.investor_id, NEW.investor_id, 'fund_id', OLD.fund_id, NEW.fund_id,
		'stage', OLD.stage, NEW.stage, 'amount', OLD.amount, NEW.amount,
		'probability', OLD.probability, NEW.probability, 'owner_id', OLD.owner_id, NEW.owner_id,
		'expected_close_on', OLD.expected_close_on, NEW.expected_close_on, 'next_step', OLD.next_step, NEW.next_step) AS c)
	WHERE c IS NOT NULL;
END;
CREATE TRIGGER opportunities_audit_delete AFTER UPDATE OF deleted_at ON opportunities
WHEN (OLD.deleted_at IS NULL) IS NOT (NEW.deleted_at IS NULL) BEGIN
	INSERT INTO audit_log (action, resource, resource_id)
	VALUES (CASE WHEN NEW.deleted_at IS NULL THEN 'restore' ELSE 'delete' END, 'opportunities', NEW.id);
END;

-- They leave and return with their investor and their fund; where one of the two is still gone, they wait for it. Of several
-- that left with it the youngest returns: there is one for each pair.
CREATE TRIGGER funds_opportunities AFTER UPDATE OF deleted_at ON funds WHEN OLD.deleted_at IS NOT NEW.deleted_at BEGIN
	UPDATE opportunities SET deleted_at = coalesce(NEW.deleted_at, (SELECT x.deleted_at FROM investors x WHERE x.id = opportunities.investor_id)),
		version = version + 1, updated_at = ctx_now(), updated_by = ctx_user()
	WHERE fund_id = NEW.id AND deleted_at IS OLD.deleted_at AND NOT EXISTS (SELECT 1 FROM opportunities y WHERE y.investor_id = opportunities.investor_id
		AND y.fund_id = opportunities.fund_id AND y.deleted_at IS OLD.deleted_at AND y.id > opportunities.id);
END;
CREATE TRIGGER investors_opportunities AFTER UPDATE OF deleted_at ON investors WHEN OLD.deleted_at IS NOT NEW.deleted_at BEGIN
	UPDATE opportunities SET deleted_at = coalesce(NEW.deleted_at, (SELECT x.deleted_at FROM funds x WHERE x.id = opportunities.fund_id)),
		version = version + 1, updated_at = ctx_now(), updated_by = ctx_user()
	WHERE investor_id = NEW.id AND deleted_at IS OLD.deleted_at AND NOT EXISTS (SELECT 1 FROM opportunities y WHERE y.investor_id = opportunities.investor_id
		AND y.fund_id = opportunities.fund_id AND y.deleted_at IS OLD.deleted_at AND y.id > opportunities.id);
END;

-- From stage to stage. A row is written with the move and stays as it is.
CREATE TABLE stage_moves (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	opportunity_id INTEGER NOT NULL REFERENCES opportunities (id),
	from_stage TEXT, -- NULL: it was new
	to_stage TEXT NOT NULL,
	amount INTEGER,  -- what it was about then
	moved_at TEXT NOT NULL,
	moved_by INTEGER REFERENCES users (id)
) STRICT;
CREATE INDEX stage_moves_opportunity ON stage_moves (opportunity_id, moved_at, id);
CREATE INDEX stage_moves_day ON stage_moves (moved_at, id);
CREATE TRIGGER stage_moves_append_only BEFORE UPDATE ON stage_moves BEGIN SELECT RAISE(ABORT, '403 what was moved stays on record'); END;
CREATE TRIGGER stage_moves_no_delete BEFORE DELETE ON stage_moves BEGIN SELECT RAISE(ABORT, '403 nothing is hard-deleted'); END;
CREATE TRIGGER opportunities_begun AFTER INSERT ON opportunities BEGIN
	INSERT INTO stage_moves (opportunity_id, to_stage, amount, moved_at, moved_by) VALUES (NEW.id, NEW.stage, NEW.amount, NEW.created_at, NEW.created_by);
	UPDATE opportunities SET staged_at = NEW.created_at WHERE id = NEW.id AND staged_at IS NOT NEW.created_at;
END;
CREATE TRIGGER opportunities_moved AFTER UPDATE OF stage ON opportunities WHEN OLD.stage IS NOT NEW.stage BEGIN
	INSERT INTO stage_moves (opportunity_id, from_stage, to_stage, amount, moved_at, moved_by)
	VALUES (NEW.id, OLD.stage, NEW.stage, NEW.amount, NEW.updated_at, NEW.updated_by);
	UPDATE opportunities SET staged_at = NEW.updated_at WHERE id = NEW.id;
END;

-- "Moved from engaged to diligence, Fund II", "2,500,000 EUR"
CREATE VIEW stage_moves_said AS
	SELECT m.*, o.investor_id, o.fund_id, f.name AS fund_name, f.currency, iif(m.amount IS NULL, NULL, printf('%,d', m.amount / 100) || iif(m.amount % 100,
			printf('.%02d', m.amount % 100), '') || ' ' || f.currency) AS about,
		iif(m.from_stage IS NULL, 'Added as ' || m.to_stage, 'Moved from ' || m.from_stage || ' to ' || m.to_stage) || ', ' || f.name AS title
	FROM stage_moves m JOIN opportunities o ON o.id = m.opportunity_id JOIN funds f ON f.id = o.fund_id
	WHERE o.deleted_at IS NULL AND f.deleted_at IS NULL;

-- How many there are, and of how much. What an opportunity weighs follows from its own probability or from its stage's.
CREATE TABLE pipeline_cache (
	fund_id INTEGER NOT NULL,
	stage TEXT NOT NULL,
	owner_id INTEGER NOT NULL,      -- 0: nobody's
	opportunities INTEGER NOT NULL,
	amount INTEGER NOT NULL,
	by_stage INTEGER NOT NULL,      -- of it, without a probability of its own
	by_own INTEGER NOT NULL,        -- the rest, times the percent
	PRIMARY KEY (fund_id, stage, owner_id)
) STRICT, WITHOUT ROWID;
CREATE VIEW pipeline_summary AS
	SELECT fund_id, stage, coalesce(owner_id, 0) AS owner_id, count(*) AS opportunities, sum(coalesce(amount, 0)) AS amount,
		sum(iif(probability IS NULL, coalesce(amount, 0), 0)) AS by_stage, sum(coalesce(amount * probability, 0)) AS by_own
	FROM opportunities WHERE deleted_at IS NULL GROUP BY 1, 2, 3;
CREATE TRIGGER opportunities_counted_insert AFTER INSERT ON opportunities BEGIN
	INSERT INTO pipeline_cache SELECT NEW.fund_id, NEW.stage, coalesce(NEW.owner_id, 0), 1, coalesce(NEW.amount, 0),
		iif(NEW.probability IS NULL, coalesce(NEW.amount, 0), 0), coalesce(NEW.amount * NEW.probability, 0) WHERE NEW.deleted_at IS NULL
	ON CONFLICT DO UPDATE SET opportunities = opportunities + excluded.opportunities, amount = amount + excluded.amount,
		by_stage = by_stage + excluded.by_stage, by_own = by_own + excluded.by_own;
END;
CREATE TRIGGER opportunities_counted_update AFTER UPDATE OF fund_id, stage, owner_id, amount, probability, deleted_at ON opportunities BEGIN
	INSERT INTO pipeline_cache SELECT OLD.fund_id, OLD.stage, coalesce(OLD.owner_id, 0), -1, -coalesce(OLD.amount, 0),
		-iif(OLD.probability IS NULL, coalesce(OLD.amount, 0), 0), -coalesce(OLD.amount * OLD.probability, 0) WHERE OLD.deleted_at IS NULL
	ON CONFLICT DO UPDATE SET opportunities = opportunities + excluded.opportunities, amount = amount + excluded.amount,
		by_stage = by_stage + excluded.by_stage, by_own = by_own + excluded.by_own;
	INSERT INTO pipeline_cache SELECT NEW.fund_id, NEW.stage, coalesce(NEW.owner_id, 0), 1, coalesce(NEW.amount, 0),
		iif(NEW.probability IS NULL, coalesce(NEW.amount, 0), 0), coalesce(NEW.amount * NEW.probability, 0) WHERE NEW.deleted_at IS NULL
	ON CONFLICT DO UPDATE SET opportunities = opportunities + excluded.opportunities, amount = amount + excluded.amount,
		by_stage = by_stage + excluded.by_stage, by_own = by_own + excluded.by_own;
	DELETE FROM pipeline_cache WHERE fund_id = OLD.fund_id AND stage = OLD.stage AND owner_id = coalesce(OLD.owner_id, 0) AND opportunities = 0;
END;
