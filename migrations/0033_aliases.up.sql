-- A user's further addresses can be taken back: one that was mistyped would make somebody else's mail ours for good.
ALTER TABLE user_aliases ADD COLUMN deleted_at TEXT;
CREATE VIEW user_aliases_live AS SELECT * FROM user_aliases WHERE deleted_at IS NULL;
-- Every address that one of us writes from: whose mail it is.
CREATE VIEW user_emails AS SELECT id AS user_id, email FROM users
	UNION ALL SELECT user_id, email FROM user_aliases WHERE deleted_at IS NULL;
