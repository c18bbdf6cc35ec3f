-- A copy's folder is where it lies; where a source labels its messages it is all their labels, one a line. A rule by label
-- finds the copies that have several by this index, those that have one by mailbox_items_folder.
CREATE INDEX mailbox_items_labels ON mailbox_items (instr(folder, char(10)), folder, message_id)
	WHERE message_id IS NOT NULL AND instr(folder, char(10)) > 0;

-- A delivery report speaks of each of its recipients (RFC 3464 2.1): one row each, the worst first.
CREATE TABLE bounces_before AS SELECT message_id, of_message_id, wanted_id, email, status, at FROM bounces;
DROP VIEW bounces_seen;
DROP TRIGGER bounces_erase;
DROP TABLE bounces;
CREATE TABLE bounces (
	message_id INTEGER NOT NULL REFERENCES messages (id),    -- the report
	position INTEGER NOT NULL,
	of_message_id INTEGER REFERENCES messages (id),          -- what we sent; NULL: not stored here
	wanted_id TEXT,                                          -- its Message-ID, as the report has it
	email TEXT,                                              -- NULL: the report names nobody
	status TEXT,                                             -- RFC 3463: "5.1.1"; NULL: not said
	at TEXT NOT NULL,
	PRIMARY KEY (message_id, position)
) STRICT, WITHOUT ROWID;
INSERT INTO bounces (message_id, position, of_message_id, wanted_id, email, status, at)
	SELECT message_id, 0, of_message_id, wanted_id, email, status, at FROM bounces_before;
DROP TABLE bounces_before;
CREATE INDEX bounces_of ON bounces (of_message_id) WHERE of_message_id IS NOT NULL;
CREATE INDEX bounces_wanted ON bounces (wanted_id) WHERE of_message_id IS NULL;
CREATE INDEX bounces_email ON bounces (email, at);
CREATE TRIGGER bounces_erase AFTER INSERT ON purged_messages BEGIN
	DELETE FROM bounces WHERE message_id = NEW.message_id;
	UPDATE bounces SET of_message_id = NULL WHERE of_message_id = NEW.message_id;
END;
CREATE VIEW bounces_seen AS SELECT b.* FROM bounces b WHERE NOT EXISTS (SELECT 1 FROM restrictions)
	OR EXISTS (SELECT 1 FROM messages_inner m WHERE m.id = b.message_id AND m.level < 3);
