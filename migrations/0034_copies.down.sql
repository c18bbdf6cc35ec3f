ALTER TABLE messages DROP COLUMN content_sha256;
