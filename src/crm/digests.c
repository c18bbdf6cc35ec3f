/* The stored daily digests. Reads only; daily-digest makes them.
 *
 * digests/list  data: [{id, day, subject, headline, from_at, until_at, created_at, recipients (count), sent (count), url}]
 *               newest first
 * digests/show  data: the row's names and text, document (JSON), body_url ("/digests/3/body", the mail's HTML for a frame),
 *               deliveries [{id, to, state, sent_at, attempts, error}]  has_deliveries
 *               previous_url, next_url (or null)  has_previous, has_next
 * Tests: t/unit/crm_digests.c */
