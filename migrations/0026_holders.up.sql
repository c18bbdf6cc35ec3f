-- A ledger row is written by an upsert, whose own conflict clause takes the place of a trigger's OR IGNORE: a message tried
-- again, in a thread that its mailbox holds already, could not be stored.
DROP TRIGGER mailbox_items_hold_insert;
CREATE TRIGGER mailbox_items_hold_insert AFTER INSERT ON mailbox_items WHEN NEW.message_id IS NOT NULL BEGIN
	INSERT INTO thread_holders_cache (thread_id, mailbox_id)
		SELECT thread_id, NEW.mailbox_id FROM messages WHERE id = NEW.message_id
		ON CONFLICT DO NOTHING;
END;
DROP TRIGGER mailbox_items_hold_update;
CREATE TRIGGER mailbox_items_hold_update AFTER UPDATE OF message_id ON mailbox_items
WHEN NEW.message_id IS NOT OLD.message_id BEGIN
	INSERT INTO thread_holders_cache (thread_id, mailbox_id)
		SELECT thread_id, NEW.mailbox_id FROM messages WHERE id = NEW.message_id
		ON CONFLICT DO NOTHING;
	DELETE FROM thread_holders_cache WHERE mailbox_id = OLD.mailbox_id
		AND thread_id = (SELECT thread_id FROM messages WHERE id = OLD.message_id) AND NOT EXISTS (SELECT 1 FROM thread_held h
			WHERE h.thread_id = thread_holders_cache.thread_id AND h.mailbox_id = OLD.mailbox_id);
END;
