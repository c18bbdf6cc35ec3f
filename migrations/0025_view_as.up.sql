-- Who looks as whom, and until when, is in the log; a session that ends takes it along.
CREATE TRIGGER sessions_audit_view_as AFTER UPDATE OF view_as_id ON sessions WHEN NEW.view_as_id IS NOT OLD.view_as_id BEGIN
	INSERT INTO audit_log (action, resource, resource_id)
	VALUES (iif(NEW.view_as_id IS NULL, 'view_as_end', 'view_as'), 'users', coalesce(NEW.view_as_id, OLD.view_as_id));
END;
