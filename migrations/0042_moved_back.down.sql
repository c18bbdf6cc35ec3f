DROP TRIGGER opportunities_moved;
CREATE TRIGGER opportunities_moved AFTER UPDATE OF stage ON opportunities WHEN OLD.stage IS NOT NEW.stage BEGIN
	INSERT INTO stage_moves (opportunity_id, from_stage, to_stage, amount, moved_at, moved_by)
	VALUES (NEW.id, OLD.stage, NEW.stage, NEW.amount, NEW.updated_at, NEW.updated_by);
	UPDATE opportunities SET staged_at = NEW.updated_at WHERE id = NEW.id;
END;
ALTER TABLE stage_moves DROP COLUMN since;
