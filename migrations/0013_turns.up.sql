-- A mailbox whose trouble somebody has to mend is not tried again before this; NULL: with the next run.
ALTER TABLE mailboxes ADD COLUMN retry_at TEXT;
