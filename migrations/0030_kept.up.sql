-- What a reader sees of a message, a thread or a proposal is found out once a view (kept() and keep(): db/memo.c), however
-- often a statement mentions it. The rules are those of before.
DROP VIEW messages_inner;
DROP VIEW threads_inner;
-- The mailboxes that bind the reader, the one who looks as that reader, or either: looked up once a statement. An owner whom
-- no other mailbox binds is asked nothing more, as where all are open.
DROP VIEW restrictions;
CREATE VIEW restrictions AS SELECT id, level FROM mailboxes WHERE visibility <> 'everyone'
	AND (user_id = ctx_reader() AND user_id = ctx_viewer()) IS NOT TRUE;
CREATE VIEW mailboxes_binding_reader AS SELECT id, level FROM mailboxes WHERE visibility <> 'everyone'
	AND (user_id = ctx_reader()) IS NOT TRUE;
CREATE VIEW mailboxes_binding_viewer AS SELECT id, level FROM mailboxes WHERE visibility <> 'everyone'
	AND (user_id = ctx_viewer()) IS NOT TRUE;
-- bound: what the others' mailboxes leave of any of a thread's messages. Who holds none of it is bound so in all of it. Of
-- two, one of whom looks as the other, what binds the one or the other; reader_bound and viewer_bound are each one's own.
CREATE VIEW threads_bound_inner AS SELECT t.*, CASE WHEN NOT EXISTS (SELECT 1 FROM restrictions) THEN 0
	ELSE coalesce(kept('b', t.id), keep('b', t.id, CASE
		WHEN NOT EXISTS (SELECT 1 FROM thread_holders_cache WHERE thread_id = t.id
			AND mailbox_id IN (SELECT id FROM restrictions))
			THEN iif(EXISTS (SELECT 1 FROM thread_holders_cache WHERE thread_id = t.id), 0, 3)
		WHEN EXISTS (SELECT 1 FROM thread_holders_cache WHERE thread_id = t.id
			AND mailbox_id IN (SELECT id FROM restrictions WHERE level = 3)) THEN 3
		WHEN EXISTS (SELECT 1 FROM thread_holders_cache WHERE thread_id = t.id
			AND mailbox_id IN (SELECT id FROM restrictions WHERE level = 2)) THEN 2
		ELSE 1 END)) END AS bound,
	coalesce(kept('r', t.id), keep('r', t.id, CASE WHEN EXISTS (SELECT 1 FROM thread_holders_cache WHERE thread_id = t.id
			AND mailbox_id IN (SELECT id FROM mailboxes_binding_reader WHERE level = 3)) THEN 3
		ELSE coalesce((SELECT max(iif(h.user_id = ctx_reader(), 0, h.level)) FROM thread_holders h
			WHERE h.thread_id = t.id), 3) END)) AS reader_bound,
	coalesce(kept('v', t.id), keep('v', t.id, CASE WHEN EXISTS (SELECT 1 FROM thread_holders_cache WHERE thread_id = t.id
			AND mailbox_id IN (SELECT id FROM mailboxes_binding_viewer WHERE level = 3)) THEN 3
		ELSE coalesce((SELECT max(iif(h.user_id = ctx_viewer(), 0, h.level)) FROM thread_holders h
			WHERE h.thread_id = t.id), 3) END)) AS viewer_bound
	FROM threads t;
CREATE VIEW threads_inner AS SELECT t.*, CASE WHEN bound = 0 THEN 0 ELSE coalesce(kept('l', t.id), keep('l', t.id, CASE
		WHEN NOT EXISTS (SELECT 1 FROM thread_holders h WHERE h.thread_id = t.id
			AND h.user_id IN (ctx_reader(), ctx_viewer())) THEN bound
		WHEN ctx_reader() IS ctx_viewer() THEN 0
		WHEN NOT EXISTS (SELECT 1 FROM thread_holders h WHERE h.thread_id = t.id AND h.user_id = ctx_reader())
			THEN reader_bound
		WHEN NOT EXISTS (SELECT 1 FROM thread_holders h WHERE h.thread_id = t.id AND h.user_id = ctx_viewer())
			THEN viewer_bound
		ELSE 0 END)) END AS level,
	CASE WHEN NOT EXISTS (SELECT 1 FROM mailboxes WHERE visibility <> 'everyone') THEN 0
		ELSE coalesce((SELECT max(h.level) FROM thread_holders h WHERE h.thread_id = t.id), 3) END AS audience
	FROM threads_bound_inner t;
CREATE VIEW messages_inner AS SELECT m.*, CASE WHEN NOT EXISTS (SELECT 1 FROM restrictions) THEN 0
	ELSE coalesce(kept('m', m.id), keep('m', m.id, (SELECT CASE WHEN t.bound = 0 THEN 0
			WHEN NOT EXISTS (SELECT 1 FROM message_holders h WHERE h.message_id = m.id
				AND h.user_id IN (ctx_reader(), ctx_viewer())) THEN t.bound
			WHEN ctx_reader() IS ctx_viewer() THEN 0
			WHEN NOT EXISTS (SELECT 1 FROM message_holders h WHERE h.message_id = m.id AND h.user_id = ctx_reader())
				THEN t.reader_bound
			WHEN NOT EXISTS (SELECT 1 FROM message_holders h WHERE h.message_id = m.id AND h.user_id = ctx_viewer())
				THEN t.viewer_bound
			ELSE 0 END
		FROM threads_bound_inner t WHERE t.id = m.thread_id AND t.messages >= 0)), 3) END AS level FROM messages m;
-- Each resource asks no more than it needs.
DROP VIEW thread_parties_seen;
CREATE VIEW thread_parties_seen AS SELECT p.* FROM thread_parties p WHERE NOT EXISTS (SELECT 1 FROM restrictions)
	OR EXISTS (SELECT 1 FROM threads_inner t WHERE t.id = p.thread_id AND t.bound = 0)
	OR CASE p.resource WHEN 'contacts' THEN EXISTS (SELECT 1 FROM messages_inner m CROSS JOIN message_addresses a
			ON a.message_id = m.id CROSS JOIN contact_emails_live e ON e.email = a.email
			WHERE m.thread_id = p.thread_id AND m.level < 3 AND e.contact_id = p.resource_id
			AND EXISTS (SELECT 1 FROM contacts_live c WHERE c.id = e.contact_id))
		ELSE EXISTS (SELECT 1 FROM messages_inner m CROSS JOIN message_addresses a ON a.message_id = m.id
			LEFT JOIN contact_emails_live e ON e.email = a.email LEFT JOIN contacts_live c ON c.id = e.contact_id
			LEFT JOIN organization_domains_live d ON d.domain = substr(a.email, instr(a.email, '@') + 1)
			WHERE m.thread_id = p.thread_id AND m.level < 3 AND p.resource_id IN (c.organization_id, d.organization_id)) END;
DROP VIEW proposals_seen;
CREATE VIEW proposals_seen AS SELECT p.* FROM proposals p WHERE NOT EXISTS (SELECT 1 FROM restrictions)
	OR coalesce(kept('p', p.id), keep('p', p.id, NOT EXISTS (SELECT 1 FROM proposal_messages x JOIN messages_inner m
		ON m.id = x.message_id WHERE x.proposal_id = p.id AND m.level > 0)));

-- Where the rows of a list stand, seen or not: so many are looked at for a page (list_look). Their places are for finding,
-- nothing of them is for showing.
CREATE VIEW proposal_places AS SELECT id, state, snoozed_until, occurred_at, kind, author_kind, investor_id, contact_id,
	organization_id, message_id, created_at, decided_at FROM proposals;
CREATE VIEW message_places AS SELECT id, thread_id, sent_at, created_at FROM messages;
CREATE VIEW thread_party_places AS SELECT resource, resource_id, last_at, thread_id FROM thread_parties;
CREATE VIEW thread_list_places AS SELECT last_at, id AS thread_id, merged_into, messages FROM threads;
DROP VIEW thread_places;
CREATE VIEW thread_places AS SELECT id, iif(bound = 0, NULL, last_at) AS at, last_at AS sort_at FROM threads_inner;
