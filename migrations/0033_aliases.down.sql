DROP VIEW user_emails;
DROP VIEW user_aliases_live;
DELETE FROM user_aliases WHERE deleted_at IS NOT NULL;
ALTER TABLE user_aliases DROP COLUMN deleted_at;
