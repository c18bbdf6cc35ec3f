ALTER TABLE mailboxes DROP COLUMN retry_at;
