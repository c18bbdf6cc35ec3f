-- Copies of one message differ in their bytes: servers change line ends and encodings. What they say is the same. NULL: stored
-- before this was looked at, without a Message-ID, or not read whole; then body_sha256 alone tells. Found by message_id, of
-- which there are few: an index of its own would cost each message more than it saves.
ALTER TABLE messages ADD COLUMN content_sha256 TEXT;
