/* The first page: what waits for me, what moved, how capture is. Reads only.
 *
 * home  data: {
 *   pending      number of pending proposals   has_pending
 *   proposals    newest five: [{id, title, kind_label, author_name, occurred_at, url}]
 *   unanswered   they wrote last, newest ten: [{contact_id, name, organization_name, last_in_at, url}]  has_unanswered
 *   overdue      investors whose cadence was missed, ten: [{id, name, last_at, cadence_days, url}]     has_overdue
 *   recent       newest ten communications: [{id, kind, kind_label, subject, occurred_at, direction, party_name, url}]
 *                has_recent
 *   mailboxes    [{id, address, is_in_sync, is_running, missing, failed, complete_at, error, has_error, url}]  has_mailboxes
 *   is_new       nothing has been recorded yet: show what to do first
 *   today        local day
 * }
 * Tests: t/unit/crm_home.c */
