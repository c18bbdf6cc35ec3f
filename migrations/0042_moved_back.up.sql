-- A move that is taken back within a day starts nothing anew: it is in its stage since when it was.
ALTER TABLE stage_moves ADD COLUMN since TEXT; -- in from_stage since; NULL: it was new, or moved before this was kept
DROP TRIGGER opportunities_moved;
CREATE TRIGGER opportunities_moved AFTER UPDATE OF stage ON opportunities WHEN OLD.stage IS NOT NEW.stage BEGIN
	UPDATE opportunities SET staged_at = coalesce((SELECT iif(m.from_stage = NEW.stage AND m.moved_at > strftime('%Y-%m-%dT%H:%M:%SZ',
			NEW.updated_at, '-1 day'), m.since, NULL) FROM stage_moves m WHERE m.opportunity_id = NEW.id ORDER BY m.moved_at DESC, m.id DESC LIMIT 1),
		NEW.updated_at) WHERE id = NEW.id;
	INSERT INTO stage_moves (opportunity_id, from_stage, to_stage, amount, moved_at, moved_by, since)
	VALUES (NEW.id, OLD.stage, NEW.stage, NEW.amount, NEW.updated_at, NEW.updated_by, OLD.staged_at);
END;
