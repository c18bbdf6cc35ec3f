/* Mail threads, read only: capture makes them.
 *
 * mail/list  data: [{id, subject, first_at, last_at, messages (count), last_direction, is_in, is_out, snippet, sentence
 *            ("Maria Keller wrote to Ada Nowak": the newest message), has_attachments, parties (names of the records it
 *            is on, one text, may be null), url}]
 *            parameters: contact (id), organization (id), direction (in out: who wrote last), limit, after; newest first
 * mail/show  data: {id, subject, first_at, last_at, count, last_direction, url,
 *            parties     [{label, url, is_contact, is_organization}]   has_parties
 *            messages    [message (shapes.h) and is_first, is_last], reading order, at most 100 a page
 *            next, next_url, has_next     later messages
 *            proposals   pending on this thread: [{id, title, kind_label, author_name, occurred_at, url}]  has_proposals
 *            communications  on the records already: [{id, subject, occurred_at, kind_label, url}]  has_communications}
 * Tests: t/unit/crm_threads.c */
