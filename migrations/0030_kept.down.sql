DROP VIEW thread_places;
CREATE VIEW thread_places AS SELECT id, iif(bound = 0, NULL, last_at) AS at FROM threads_inner;
DROP VIEW thread_list_places;
DROP VIEW thread_party_places;
DROP VIEW message_places;
DROP VIEW proposal_places;
DROP VIEW proposals_seen;
CREATE VIEW proposals_seen AS SELECT p.* FROM proposals p WHERE NOT EXISTS (SELECT 1 FROM restrictions)
	OR NOT EXISTS (SELECT 1 FROM proposal_messages x JOIN messages_inner m ON m.id = x.message_id
		WHERE x.proposal_id = p.id AND m.level > 0);
DROP VIEW thread_parties_seen;
CREATE VIEW thread_parties_seen AS SELECT p.* FROM thread_parties p WHERE NOT EXISTS (SELECT 1 FROM restrictions)
	OR EXISTS (SELECT 1 FROM threads_inner t WHERE t.id = p.thread_id AND t.bound = 0)
	OR EXISTS (SELECT 1 FROM messages_inner m JOIN message_addresses a ON a.message_id = m.id
		LEFT JOIN contact_emails_live e ON e.email = a.email LEFT JOIN contacts_live c ON c.id = e.contact_id
		LEFT JOIN organization_domains_live d ON d.domain = substr(a.email, instr(a.email, '@') + 1)
		WHERE m.thread_id = p.thread_id AND m.level < 3 AND p.resource_id IN
			(iif(p.resource = 'contacts', c.id, c.organization_id), iif(p.resource = 'contacts', c.id, d.organization_id)));
DROP VIEW threads_inner;
DROP VIEW threads_bound_inner;
DROP VIEW mailboxes_binding_viewer;
DROP VIEW mailboxes_binding_reader;
CREATE VIEW threads_inner AS SELECT t.*, CASE WHEN NOT EXISTS (SELECT 1 FROM restrictions) THEN 0
		ELSE coalesce((SELECT max(iif(h.user_id = r.id, 0, h.level)) FROM readers r JOIN thread_holders h
			WHERE h.thread_id = t.id), 3) END AS bound,
	CASE WHEN NOT EXISTS (SELECT 1 FROM restrictions) THEN 0
		ELSE coalesce((SELECT max(iif(EXISTS (SELECT 1 FROM thread_holders o WHERE o.thread_id = t.id AND o.user_id = r.id),
			0, h.level)) FROM readers r JOIN thread_holders h WHERE h.thread_id = t.id), 3) END AS level,
	CASE WHEN NOT EXISTS (SELECT 1 FROM restrictions) THEN 0
		ELSE coalesce((SELECT max(h.level) FROM thread_holders h WHERE h.thread_id = t.id), 3) END AS audience
	FROM threads t;
DROP VIEW messages_inner;
CREATE VIEW messages_inner AS SELECT m.*, CASE WHEN NOT EXISTS (SELECT 1 FROM restrictions) THEN 0
	ELSE coalesce((SELECT max(CASE
			WHEN EXISTS (SELECT 1 FROM message_holders h WHERE h.message_id = m.id AND h.user_id = r.id) THEN 0
			ELSE (SELECT max(iif(h.user_id = r.id, 0, h.level)) FROM thread_holders h WHERE h.thread_id = m.thread_id) END)
		FROM readers r), 3) END AS level FROM messages m;
DROP VIEW restrictions;
CREATE VIEW restrictions AS SELECT id FROM mailboxes WHERE visibility <> 'everyone';
