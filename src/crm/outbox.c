/* What leaves the box, as a list. Reads only; its bytes are never shown here.
 *
 * list (API only)  data: [{id, message_id, origin, digest_id, author_kind, from_address, to_json, subject, state, attempts,
 *                  created_at, countersigned_at, sent_at, error}]; parameters: state, origin, limit, after; newest first
 * Tests: t/60-pages.t */
#include "crm/crm.h"

#include "base/banned.h"

enum status outbox_list(struct req *r)
{
	static const struct list_sort sorts[] = {{"-id", "Newest"}, {NULL, NULL}};
	static const char *const states[] = {"draft", "pending", "countersigned", "sending", "sent", "failed",
		"unknown", "dismissed", "expired", NULL};
	struct list l;
	list_open(&l, r, "/outbox", sorts);
	query_add(&l.query, "SELECT id, message_id, origin, digest_id, author_kind, from_address, to_json, subject, "
			    "state, attempts, created_at,"
			    " countersigned_at, sent_at, error FROM outbox WHERE 1");
	const char *state = list_choice(&l, "state", "State", states, NULL, "Any state", NULL);
	if (state)
		query_add(&l.query, " AND state = ?", state);
	if (l.after_key)
		query_add(&l.query, " AND id < ?", l.after_id);
	query_add(&l.query, " ORDER BY id DESC LIMIT ?", l.limit + 1);
	list_finish(&l, "id", "id");
	return OK;
}
