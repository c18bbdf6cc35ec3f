/* The stored daily digests. Reads only; daily-digest makes them.
 *
 * digests/list  data: [{id, day, subject, headline, from_at, until_at, created_at, recipients (count), sent (count), url}]
 *               newest first
 * digests/show  data: the row's names and text, document (JSON), body_url ("/digests/3/body", the mail's HTML for a frame),
 *               deliveries [{id, to, state, sent_at, attempts, error}]  has_deliveries
 *               previous_url, next_url (or null)  has_previous, has_next
 * Tests: t/60-pages.t */
#include "crm/crm.h"

#include <string.h>

#include "base/pool.h"
#include "base/banned.h"

enum status digests_list(struct req *r)
{
	static const struct list_sort sorts[] = {{"-day", "Newest"}, {NULL, NULL}};
	struct list l;
	list_open(&l, r, "/digests", sorts);
	query_add(&l.query, "SELECT d.id, d.day, d.subject, d.headline, d.from_at, "
			    "d.until_at, d.created_at,"
			    " (SELECT count(*) FROM outbox o WHERE o.digest_id = d.id) AS recipients,"
			    " (SELECT count(*) FROM outbox o WHERE o.digest_id = d.id AND o.state = 'sent') AS sent, "
			    "NULL AS url "
			    "FROM digests d WHERE 1");
	if (l.after_key)
		query_add(&l.query, " AND (d.day, d.id) < (?, ?)", l.after_key, l.after_id);
	query_add(&l.query, " ORDER BY d.day DESC, d.id DESC LIMIT ?", l.limit + 1);
	struct rows *rows = list_finish(&l, "day", "id");
	for (size_t i = 0; i < rows->n; i++)
		row_url(rows, i, "/digests");
	json_set_text(r->view, "title", "Digests");
	return OK;
}

static void neighbour(struct req *r, struct json_object *data, const char *key, const char *has, int64_t id)
{
	json_set_text(data, key, resource_url(r->op.pool, "digests", id));
	set_has(data, has, id > 0);
}

enum status digests_show(struct req *r)
{
	int64_t id = in_id(r, "id"), previous = 0, next = 0;
	struct json_object *data = !id ? NULL
				       : db_object(&r->op,
						 "SELECT id, day, subject, headline, "
						 "from_at, until_at, created_at, text, document_json"
						 " FROM digests WHERE id = ?",
						 id);
	if (!data)
		return r->op.fault.status ? r->op.fault.status
					  : fail(&r->op, E_NOT_FOUND, NULL, "there is no such digest");
	json_set(data, "document", json_object_get(json_get(data, "document_json")));
	json_object_object_del(data, "document_json");
	json_set_text(data, "body_url", pool_printf(r->op.pool, "/digests/%lld/body", (long long)id));
	struct json_object *deliveries = db_array(&r->op,
		"SELECT id, to_json ->> '$[0]' AS \"to\", state, sent_at, attempts, error FROM outbox WHERE digest_id "
		"= ? ORDER BY id LIMIT 100",
		id);
	int64_t sent = 0;
	for (size_t i = 0; i < json_len(deliveries); i++)
		sent += !strcmp(json_text(json_at(deliveries, i), "state"), "sent");
	json_set_int(data, "recipients", (int64_t)json_len(deliveries));
	json_set_int(data, "sent", sent);
	json_set(data, "deliveries", json_object_get(deliveries));
	set_has(data, "has_deliveries", json_len(deliveries) > 0);
	db_one_int(&r->op, &previous, "SELECT id FROM digests WHERE day < ? ORDER BY day DESC LIMIT 1",
		json_text(data, "day"));
	db_one_int(&r->op, &next, "SELECT id FROM digests WHERE day > ? ORDER BY day LIMIT 1", json_text(data, "day"));
	neighbour(r, data, "previous_url", "has_previous", previous);
	neighbour(r, data, "next_url", "has_next", next);
	set_url(r->op.pool, data, "/digests", id);
	out_data(r, data);
	return OK;
}

/* The mail's HTML as it was sent, in a frame. */
enum status digests_body(struct req *r)
{
	int64_t id = in_id(r, "id");
	const char *html = id ? db_one_text(&r->op, "SELECT html FROM digests WHERE id = ?", id) : NULL;
	if (!html)
		return r->op.fault.status ? r->op.fault.status
					  : fail(&r->op, E_NOT_FOUND, NULL, "there is no such digest");
	r->raw_type = "text/html; charset=utf-8";
	r->raw_data = html;
	r->raw_len = strlen(html);
	r->raw_csp = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox allow-popups"
		     " allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation; base-uri 'none'; "
		     "form-action 'none';"
		     " frame-ancestors 'self'";
	return OK;
}
