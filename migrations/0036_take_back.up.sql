-- What is not done after all needs no next one yet: the one that its completion made goes again, as long as nobody has touched
-- it. It follows nothing any more, so that done again makes a new one, counted from that day.
CREATE TRIGGER tasks_recur_back AFTER UPDATE OF state ON tasks WHEN OLD.state = 'done' AND NEW.state IN ('open', 'snoozed')
BEGIN
	UPDATE tasks SET deleted_at = ctx_now(), follows_id = NULL, version = version + 1, updated_at = ctx_now(), updated_by = ctx_user()
	WHERE follows_id = NEW.id AND deleted_at IS NULL AND version = 1;
END;

-- The log is read by the program that wrote it, too: most of what has no user is capture's.
CREATE INDEX audit_program ON audit (actor_name, id) WHERE actor_id IS NULL;
