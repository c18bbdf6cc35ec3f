/* Review: the queue of proposals and the decisions on them. Deciding is core/approval.c; this shows and asks.
 *
 * review/list  data: [{id, kind, kind_label, resource, target_id, title, state, state_label, is_pending, sha256,
 *              author_kind, author_name, occurred_at, created_at, decided_at, decided_by_name, reason,
 *              investor_id, contact_id, contact_name, organization_id, organization_name, message_id, thread_id,
 *              group (heading: the investor's, else the organization's, else the contact's name, else "Others"),
 *              is_group_start, is_selected, url ("/review?selected=12" with the filters), show_url ("/review/12")}]
 *              parameters: state (pending approved edited dismissed expired undone; default pending), investor (id),
 *              contact (id), organization (id), kind, limit, after; page only: selected (id; default the first row)
 *              The page: view.list (shapes.h; filters state and kind) and
 *              view.selected: null or the data of review/show        view.has_selected
 *              view.pending: how many wait
 * review/show  data: the row's names and
 *              lands_on    {label, url (null for a new record), is_new, resource_title ("Contact")}
 *              change      the exact change, JSON
 *              fields      [{name, label, old (text or null), new (text), is_long, has_old}]: what approval will do
 *              evidence    {excerpt (text or null), messages (count), has_excerpt}
 *              is_target_changed   the record changed since this was proposed
 *              can_decide  pending, and the reader is a person who may
 *              approve_url, edit_url, dismiss_url   (POST, GET, POST; the POSTs need sha256)
 *              decided_fields  [{name, label, old, new, is_long, has_old}]: what was applied instead, [] when nothing
 *              result_id, result_url  the record that came of it, or null
 *              message     null or message (shapes.h)   has_message   more_messages (how many others are evidence)
 * review/edit  data: {id, title, sha256, kind_label, lands_on, cancel_url, form (shapes.h), message, has_message}
 * approve      {sha256, change?} or the edited form's fields with edited=1; dismiss {sha256, reason}
 *              API answer: {"data": {id, state, result_id, result_url}}; 409 has the proposal as it is now in "current"
 * Tests: t/unit/crm_proposals.c */
