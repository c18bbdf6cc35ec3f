-- Funds and what their investors promised. A commitment is an entry of a ledger: one is added, none is changed. What an
-- investor holds follows from the entries up to a day; what lists and the home page show of today is kept by triggers.

CREATE TABLE funds (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	name TEXT NOT NULL,
	vintage INTEGER CHECK (vintage BETWEEN 1900 AND 2200),
	stage TEXT NOT NULL DEFAULT 'planned' CHECK (stage = 'planned' OR stage = 'raising' OR stage = 'closed' OR stage = 'ended'),
	currency TEXT NOT NULL DEFAULT 'USD' CHECK (length(currency) = 3),
	target INTEGER CHECK (target > 0),     -- amounts are in hundredths of the currency
	hard_cap INTEGER CHECK (hard_cap > 0),
	first_close_on TEXT,
	final_close_on TEXT,
	notes TEXT,
	source TEXT NOT NULL DEFAULT 'user' CHECK (source = 'user' OR source = 'capture' OR source = 'agent' OR source = 'import'),
	proposal_id INTEGER REFERENCES proposals (id),
	created_at TEXT NOT NULL DEFAULT (ctx_now()),
	created_by INTEGER REFERENCES users (id),
	updated_at TEXT NOT NULL DEFAULT (ctx_now()),
	updated_by INTEGER REFERENCES users (id),
	version INTEGER NOT NULL DEFAULT 1,
	deleted_at TEXT
) STRICT;
CREATE VIEW funds_live AS SELECT * FROM funds WHERE deleted_at IS NULL;
CREATE VIEW funds_trash AS SELECT * FROM funds WHERE deleted_at IS NOT NULL;
CREATE UNIQUE INDEX funds_name ON funds (name COLLATE NOCASE) WHERE deleted_at IS NULL;
CREATE INDEX funds_stage ON funds (stage, id) WHERE deleted_at IS NULL;

CREATE TABLE commitments (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	investor_id INTEGER NOT NULL REFERENCES investors (id),
	fund_id INTEGER NOT NULL REFERENCES funds (id),
	kind TEXT NOT NULL CHECK (kind = 'soft_circled' OR kind = 'committed' OR kind = 'called' OR kind = 'paid' OR kind = 'released'),
	amount INTEGER NOT NULL CHECK (amount > 0),
	occurred_on TEXT NOT NULL,
	closing INTEGER CHECK (closing BETWEEN 1 AND 99), -- the number of the closing it belongs to
	evidence TEXT,
	source TEXT NOT NULL DEFAULT 'user' CHECK (source = 'user' OR source = 'capture' OR source = 'agent' OR source = 'import'),
	proposal_id INTEGER REFERENCES proposals (id),
	created_at TEXT NOT NULL DEFAULT (ctx_now()),
	created_by INTEGER REFERENCES users (id),
	updated_at TEXT NOT NULL DEFAULT (ctx_now()),
	updated_by INTEGER REFERENCES users (id),
	version INTEGER NOT NULL DEFAULT 1,
	deleted_at TEXT
) STRICT;
CREATE VIEW commitments_live AS SELECT * FROM commitments WHERE deleted_at IS NULL;
CREATE VIEW commitments_trash AS SELECT * FROM commitments WHERE deleted_at IS NOT NULL;
CREATE INDEX commitments_day ON commitments (occurred_on, id) WHERE deleted_at IS NULL;
CREATE INDEX commitments_fund ON commitments (fund_id, occurred_on, id) WHERE deleted_at IS NULL;
CREATE INDEX commitments_kind ON commitments (kind, occurred_on, id) WHERE deleted_at IS NULL;
CREATE INDEX commitments_pair ON commitments (investor_id, fund_id, occurred_on, id) WHERE deleted_at IS NULL;
CREATE INDEX commitments_investor ON commitments (investor_id, occurred_on, id) WHERE deleted_at IS NULL;
CREATE INDEX commitments_recorded ON commitments (created_at, id) WHERE deleted_at IS NULL;

-- "Committed 2,500,000 USD to Fund II"
CREATE VIEW commitments_said AS
	SELECT c.*, f.name AS fund_name, f.currency, CASE c.kind WHEN 'soft_circled' THEN 'Soft-circled' WHEN 'committed' THEN 'Committed'
		WHEN 'called' THEN 'Called' WHEN 'paid' THEN 'Paid' ELSE 'Released' END || printf(' %,d', c.amount / 100)
		|| iif(c.amount % 100, printf('.%02d', c.amount % 100), '') || ' ' || f.currency || CASE c.kind WHEN 'called' THEN ' for '
		WHEN 'released' THEN ' from ' ELSE ' to ' END || f.name AS title
	FROM commitments c JOIN funds f ON f.id = c.fund_id WHERE c.deleted_at IS NULL AND f.deleted_at IS NULL;

-- An entry is what it was when it was made: it can be deleted and restored, and go with its investor into another.
CREATE TRIGGER commitments_append_only BEFORE UPDATE OF fund_id, kind, amount, occurred_on, closing, evidence ON commitments
BEGIN SELECT RAISE(ABORT, '409 an entry of the ledger is not changed: delete it, or add another that says what changed'); END;

CREATE TRIGGER funds_countersigned BEFORE INSERT ON funds WHEN NEW.source IN ('capture', 'agent') AND NOT EXISTS (
	SELECT 1 FROM proposals WHERE id = NEW.proposal_id AND state IN ('approved', 'edited') AND decided_by IS NOT NULL)
BEGIN SELECT RAISE(ABORT, '403 nothing lands on a record without a countersignature'); END;
CREATE TRIGGER funds_by_a_person BEFORE UPDATE ON funds WHEN ctx_actor_kind() IS NOT 'human'
BEGIN SELECT RAISE(ABORT, '403 nothing lands on a record without a countersignature'); END;
CREATE TRIGGER funds_inserted_by_a_person BEFORE INSERT ON funds WHEN ctx_actor_kind() IS NOT 'human'
BEGIN SELECT RAISE(ABORT, '403 nothing lands on a record without a countersignature'); END;
CREATE TRIGGER funds_no_delete BEFORE DELETE ON funds BEGIN SELECT RAISE(ABORT, '403 nothing is hard-deleted'); END;
CREATE TRIGGER funds_audit_insert AFTER INSERT ON funds BEGIN
	INSERT INTO audit_log (action, resource, resource_id, changes_json)
	VALUES ('create', 'funds', NEW.id, diff(
		'name', NULL, NEW.name, 'vintage', NULL, NEW.vintage, 'stage', NULL, NEW.stage,
		'currency', NULL, NEW.currency, 'target', NULL, NEW.target, 'hard_cap', NULL, NEW.hard_cap,
		'first_close_on', NULL, NEW.first_close_on, 'final_close_on', NULL, NEW.final_close_on,
		'notes', NULL, NEW.notes));
END;
CREATE TRIGGER funds_audit_update AFTER UPDATE ON funds WHEN OLD.deleted_at IS NEW.deleted_at BEGIN
	INSERT INTO audit_log (action, resource, resource_id, changes_json)
	SELECT 'update', 'funds', NEW.id, c FROM (SELECT diff(
		'name', OLD.name, NEW.name, 'vintage', OLD.vintage, NEW.vintage, 'stage', OLD.stage, NEW.stage,
		'currency', OLD.currency, NEW.currency, 'target', OLD.target, NEW.target,
		'hard_cap', OLD.hard_cap, NEW.hard_cap, 'first_close_on', OLD.first_close_on, NEW.first_close_on,
		'final_close_on', OLD.final_close_on, NEW.final_close_on, 'notes', OLD.notes, NEW.notes) AS c)
	WHERE c IS NOT NULL;
END;
CREATE TRIGGER funds_audit_delete AFTER UPDATE OF deleted_at ON funds WHEN OLD.deleted_at IS NOT NEW.deleted_at BEGIN
	INSERT INTO audit_log (action, resource, resource_id)
	VALUES (CASE WHEN NEW.deleted_at IS NULL THEN 'restore' ELSE 'delete' END, 'funds', NEW.id);
END;

CREATE TRIGGER commitments_countersigned BEFORE INSERT ON commitments WHEN NEW.source IN ('capture', 'agent') AND NOT EXISTS (
	SELECT 1 FROM proposals WHERE id = NEW.proposal_id AND state IN ('approved', 'edited') AND decided_by IS NOT NULL)
BEGIN SELECT RAISE(ABORT, '403 nothing lands on a record without a countersignature'); END;
CREATE TRIGGER commitments_by_a_person BEFORE UPDATE ON commitments WHEN ctx_actor_kind() IS NOT 'human'
BEGIN SELECT RAISE(ABORT, '403 nothing lands on a record without a countersignature'); END;
CREATE TRIGGER commitments_inserted_by_a_person BEFORE INSERT ON commitments WHEN ctx_actor_kind() IS NOT 'human'
BEGIN SELECT RAISE(ABORT, '403 nothing lands on a record without a countersignature'); END;
CREATE TRIGGER commitments_no_delete BEFORE DELETE ON commitments BEGIN SELECT RAISE(ABORT, '403 nothing is hard-deleted'); END;
CREATE TRIGGER commitments_audit_insert AFTER INSERT ON commitments BEGIN
	INSERT INTO audit_log (action, resource, resource_id, changes_json)
	VALUES ('create', 'commitments', NEW.id, diff(
		'investor_id', NULL, NEW.investor_id, 'fund_id', NULL, NEW.fund_id, 'kind', NULL, NEW.kind,
		'amount', NULL, NEW.amount, 'occurred_on', NULL, NEW.occurred_on, 'closing', NULL, NEW.closing,
		'evidence', NULL, NEW.evidence));
END;
CREATE TRIGGER commitments_audit_update AFTER UPDATE ON commitments WHEN OLD.deleted_at IS NEW.deleted_at BEGIN
	INSERT INTO audit_log (action, resource, resource_id, changes_json)
	SELECT 'update', 'commitments', NEW.id, c
	FROM (SELECT diff('investor_id', OLD.investor_id, NEW.investor_id) AS c) WHERE c IS NOT NULL;
END;
CREATE TRIGGER commitments_audit_delete AFTER UPDATE OF deleted_at ON commitments WHEN OLD.deleted_at IS NOT NEW.deleted_at BEGIN
	INSERT INTO audit_log (action, resource, resource_id)
	VALUES (CASE WHEN NEW.deleted_at IS NULL THEN 'restore' ELSE 'delete' END, 'commitments', NEW.id);
END;

-- They leave and return with their investor and their fund.
CREATE TRIGGER funds_commitments AFTER UPDATE OF deleted_at ON funds WHEN OLD.deleted_at IS NOT NEW.deleted_at BEGIN
	UPDATE commitments SET deleted_at = NEW.deleted_at, version = version + 1, updated_at = ctx_now(), updated_by = ctx_user()
	WHERE fund_id = NEW.id AND deleted_at IS OLD.deleted_at;
END;
CREATE TRIGGER investors_commitments AFTER UPDATE OF deleted_at ON investors WHEN OLD.deleted_at IS NOT NEW.deleted_at BEGIN
	UPDATE commitments SET deleted_at = NEW.deleted_at, version = version + 1, updated_at = ctx_now(), updated_by = ctx_user()
	WHERE investor_id = NEW.id AND deleted_at IS OLD.deleted_at;
END;

-- By how much each entry moves what its investor holds. A commitment firms what is soft-circled, and what is released is
-- taken from the soft circle first and then from the commitment. `level` is what would be soft-circled if that could be
-- less than nothing; `short` how much less than nothing it ever was until then.
CREATE VIEW commitment_steps AS
	SELECT id, investor_id, fund_id, occurred_on,
		level + short - lag(level + short, 1, 0) OVER ledger AS soft_circled,
		iif(kind = 'committed', amount, iif(kind = 'released', lag(short, 1, 0) OVER ledger - short, 0)) AS committed,
		iif(kind = 'called', amount, 0) AS called, iif(kind = 'paid', amount, 0) AS paid
	FROM (SELECT *, -min(0, min(level) OVER ledger) AS short
		FROM (SELECT *, sum(CASE kind WHEN 'soft_circled' THEN amount WHEN 'committed' THEN -amount WHEN 'released' THEN -amount
				ELSE 0 END) OVER ledger AS level
			FROM commitments WHERE deleted_at IS NULL
			WINDOW ledger AS (PARTITION BY investor_id, fund_id ORDER BY occurred_on, id))
		WINDOW ledger AS (PARTITION BY investor_id, fund_id ORDER BY occurred_on, id))
	WINDOW ledger AS (PARTITION BY investor_id, fund_id ORDER BY occurred_on, id);

-- What each investor holds today of each fund, and all of them of a fund.
CREATE TABLE positions_cache (
	fund_id INTEGER NOT NULL,
	investor_id INTEGER NOT NULL,
	soft_circled INTEGER NOT NULL,
	committed INTEGER NOT NULL,
	called INTEGER NOT NULL,
	paid INTEGER NOT NULL,
	PRIMARY KEY (fund_id, investor_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX positions_investor ON positions_cache (investor_id);
CREATE INDEX positions_size ON positions_cache (fund_id, committed DESC, soft_circled DESC, investor_id);
CREATE TABLE raises_cache (
	fund_id INTEGER PRIMARY KEY,
	investors INTEGER NOT NULL DEFAULT 0, -- those who hold anything
	soft_circled INTEGER NOT NULL DEFAULT 0,
	committed INTEGER NOT NULL DEFAULT 0,
	called INTEGER NOT NULL DEFAULT 0,
	paid INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TRIGGER funds_raise AFTER INSERT ON funds BEGIN
	INSERT INTO raises_cache (fund_id) VALUES (NEW.id);
END;
CREATE TRIGGER positions_added AFTER INSERT ON positions_cache BEGIN
	UPDATE raises_cache SET investors = investors + (NEW.soft_circled + NEW.committed > 0), soft_circled = soft_circled + NEW.soft_circled,
		committed = committed + NEW.committed, called = called + NEW.called, paid = paid + NEW.paid
	WHERE fund_id = NEW.fund_id;
END;
CREATE TRIGGER positions_removed AFTER DELETE ON positions_cache BEGIN
	UPDATE raises_cache SET investors = investors - (OLD.soft_circled + OLD.committed > 0), soft_circled = soft_circled - OLD.soft_circled,
		committed = committed - OLD.committed, called = called - OLD.called, paid = paid - OLD.paid
	WHERE fund_id = OLD.fund_id;
END;
CREATE TRIGGER commitments_position_insert AFTER INSERT ON commitments BEGIN
	DELETE FROM positions_cache WHERE fund_id = NEW.fund_id AND investor_id = NEW.investor_id;
	INSERT INTO positions_cache SELECT fund_id, investor_id, sum(soft_circled), sum(committed), sum(called), sum(paid)
	FROM commitment_steps WHERE fund_id = NEW.fund_id AND investor_id = NEW.investor_id GROUP BY fund_id, investor_id;
END;
CREATE TRIGGER commitments_position_update AFTER UPDATE OF deleted_at, investor_id ON commitments BEGIN
	DELETE FROM positions_cache WHERE fund_id = NEW.fund_id AND investor_id IN (OLD.investor_id, NEW.investor_id);
	INSERT INTO positions_cache SELECT fund_id, investor_id, sum(soft_circled), sum(committed), sum(called), sum(paid)
	FROM commitment_steps WHERE fund_id = NEW.fund_id AND investor_id = OLD.investor_id GROUP BY fund_id, investor_id;
	INSERT OR IGNORE INTO positions_cache SELECT fund_id, investor_id, sum(soft_circled), sum(committed), sum(called), sum(paid)
	FROM commitment_steps WHERE fund_id = NEW.fund_id AND investor_id = NEW.investor_id GROUP BY fund_id, investor_id;
END;
