CREATE TABLE blobs_waiting (sha256 TEXT PRIMARY KEY, rule_id INTEGER) STRICT;
INSERT INTO blobs_waiting SELECT sha256, rule_id FROM blobs_queue WHERE rule_id IS NOT NULL;
DROP TABLE blobs_queue;
CREATE TABLE blobs_queue (
	sha256 TEXT PRIMARY KEY,
	rule_id INTEGER NOT NULL REFERENCES rules (id)
) STRICT, WITHOUT ROWID;
INSERT INTO blobs_queue SELECT sha256, rule_id FROM blobs_waiting;
DROP TABLE blobs_waiting;
CREATE TRIGGER blobs_queue_erase AFTER DELETE ON blobs_queue BEGIN
	DELETE FROM blobs WHERE sha256 = OLD.sha256
		AND NOT EXISTS (SELECT 1 FROM attachments WHERE sha256 = OLD.sha256 AND is_stored = 1);
END;
