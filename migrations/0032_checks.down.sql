PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql,
	'kind = ''activity'' OR kind = ''contact'' OR kind = ''address'' OR kind = ''field'' OR kind = ''task'' OR kind = ''merge'' OR kind = ''record''',
	'kind IN (''activity'', ''contact'', ''address'', ''field'', ''task'', ''merge'', ''record'')')
	WHERE type = 'table' AND name = 'proposals';
UPDATE sqlite_schema SET sql = replace(sql,
	'author_kind = ''capture'' OR author_kind = ''agent'' OR author_kind = ''user''',
	'author_kind IN (''capture'', ''agent'', ''user'')')
	WHERE type = 'table' AND name = 'proposals';
UPDATE sqlite_schema SET sql = replace(sql,
	'state = ''pending'' OR state = ''approved'' OR state = ''edited'' OR state = ''dismissed'' OR state = ''expired'' OR state = ''undone''',
	'state IN (''pending'', ''approved'', ''edited'', ''dismissed'', ''expired'', ''undone'')')
	WHERE type = 'table' AND name = 'proposals';
UPDATE sqlite_schema SET sql = replace(sql,
	'state = ''approved'' OR state = ''edited'' OR state = ''dismissed''',
	'state IN (''approved'', ''edited'', ''dismissed'')')
	WHERE type = 'table' AND name = 'proposals';
UPDATE sqlite_schema SET sql = replace(sql,
	'authenticity = ''verified'' OR authenticity = ''unverified'' OR authenticity = ''failed'' OR authenticity = ''unknown''',
	'authenticity IN (''verified'', ''unverified'', ''failed'', ''unknown'')')
	WHERE type = 'table' AND name = 'messages';
UPDATE sqlite_schema SET sql = replace(sql,
	'role = ''from'' OR role = ''to'' OR role = ''cc'' OR role = ''bcc'' OR role = ''reply_to'' OR role = ''sender''',
	'role IN (''from'', ''to'', ''cc'', ''bcc'', ''reply_to'', ''sender'')')
	WHERE type = 'table' AND name = 'message_addresses';
UPDATE sqlite_schema SET sql = replace(sql,
	'state = ''stored'' OR state = ''excluded'' OR state = ''failed'' OR state = ''gone''',
	'state IN (''stored'', ''excluded'', ''failed'', ''gone'')')
	WHERE type = 'table' AND name = 'mailbox_items';
PRAGMA writable_schema = RESET;
DROP TRIGGER proposals_messages_insert;
CREATE TRIGGER proposals_messages_insert AFTER INSERT ON proposals WHEN NEW.thread_id IS NOT NULL OR NEW.message_id IS NOT NULL
BEGIN
	INSERT OR IGNORE INTO proposal_messages (proposal_id, message_id)
		SELECT NEW.id, id FROM messages WHERE id IN (NEW.message_id,
			(SELECT id FROM messages WHERE thread_id = NEW.thread_id ORDER BY sent_at, id LIMIT 1));
END;
