-- SQLite makes a table of a list of more than two each time such a CHECK is asked, a tenth of what a message costs to store.
-- Only the words of the schema change, not what the file holds: the way is SQLite's own (lang_altertable, "Making Other
-- Kinds Of Table Schema Changes"); what makes or drops something tells other connections to read the schema again.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql,
	'kind IN (''activity'', ''contact'', ''address'', ''field'', ''task'', ''merge'', ''record'')',
	'kind = ''activity'' OR kind = ''contact'' OR kind = ''address'' OR kind = ''field'' OR kind = ''task'' OR kind = ''merge'' OR kind = ''record''')
	WHERE type = 'table' AND name = 'proposals';
UPDATE sqlite_schema SET sql = replace(sql,
	'author_kind IN (''capture'', ''agent'', ''user'')',
	'author_kind = ''capture'' OR author_kind = ''agent'' OR author_kind = ''user''')
	WHERE type = 'table' AND name = 'proposals';
UPDATE sqlite_schema SET sql = replace(sql,
	'state IN (''pending'', ''approved'', ''edited'', ''dismissed'', ''expired'', ''undone'')',
	'state = ''pending'' OR state = ''approved'' OR state = ''edited'' OR state = ''dismissed'' OR state = ''expired'' OR state = ''undone''')
	WHERE type = 'table' AND name = 'proposals';
UPDATE sqlite_schema SET sql = replace(sql,
	'state IN (''approved'', ''edited'', ''dismissed'')',
	'state = ''approved'' OR state = ''edited'' OR state = ''dismissed''')
	WHERE type = 'table' AND name = 'proposals';
UPDATE sqlite_schema SET sql = replace(sql,
	'authenticity IN (''verified'', ''unverified'', ''failed'', ''unknown'')',
	'authenticity = ''verified'' OR authenticity = ''unverified'' OR authenticity = ''failed'' OR authenticity = ''unknown''')
	WHERE type = 'table' AND name = 'messages';
UPDATE sqlite_schema SET sql = replace(sql,
	'role IN (''from'', ''to'', ''cc'', ''bcc'', ''reply_to'', ''sender'')',
	'role = ''from'' OR role = ''to'' OR role = ''cc'' OR role = ''bcc'' OR role = ''reply_to'' OR role = ''sender''')
	WHERE type = 'table' AND name = 'message_addresses';
UPDATE sqlite_schema SET sql = replace(sql,
	'state IN (''stored'', ''excluded'', ''failed'', ''gone'')',
	'state = ''stored'' OR state = ''excluded'' OR state = ''failed'' OR state = ''gone''')
	WHERE type = 'table' AND name = 'mailbox_items';
PRAGMA writable_schema = RESET;
DROP TRIGGER proposals_messages_insert;
CREATE TRIGGER proposals_messages_insert AFTER INSERT ON proposals WHEN NEW.thread_id IS NOT NULL OR NEW.message_id IS NOT NULL
BEGIN
	INSERT OR IGNORE INTO proposal_messages (proposal_id, message_id) SELECT NEW.id, id FROM messages WHERE id = NEW.message_id;
	INSERT OR IGNORE INTO proposal_messages (proposal_id, message_id)
		SELECT NEW.id, id FROM messages WHERE thread_id = NEW.thread_id ORDER BY sent_at, id LIMIT 1;
END;
