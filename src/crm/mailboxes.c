/* Capture health: what each mailbox held and what became of it. Reads only.
 *
 * capture/list  data: [{id, address, user_name, source, state, is_paused, visibility, listed, stored, excluded, failed,
 *               gone, accounted (the four together), missing (listed - accounted, never below 0), is_in_sync, is_running,
 *               run_total, run_done, percent (0..100), run_started_at, run_ended_at, complete_at (or null), error,
 *               error_at, has_error, has_failed, url}]
 *               view.summary {mailboxes, in_sync, failed, missing, is_empty}
 * capture/show  data: the row's names and path, propose_from, created_at
 *               rules   excluded by rule: [{rule, rule_label, count}]           has_rules
 *               items   newest failed, at most 100: [{source_id, reason, attempts, folder, sent_at, seen_at}]  has_items
 * Tests: t/unit/crm_mailboxes.c */
