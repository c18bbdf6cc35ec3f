/* The stored daily digests, each as its reader may read it, and who wants them. daily-digest makes them.
 *
 * digests/list  data: [{id, day, subject, headline, from_at, until_at, created_at, recipients (count), sent (count), url}]
 *               newest first
 *               view.mine {wants, gets, is_always (an administrator who gets it anyway)}   null for programs
 *               view.schedule {hour, days, zone, recipients (how many get it)}
 * digests/show  data: the row's names and text, document (JSON), body_url ("/digests/3/body", the mail's HTML for a frame),
 *               deliveries [{id, to, state, sent_at, attempts, error}]  has_deliveries
 *               previous_url, next_url (or null)  has_previous, has_next
 * digests/subscription  POST {wants}; data: {wants_digest, gets_digest}
 * Tests: t/60-pages.t, t/50-digest-pages.t */
#include "crm/crm.h"

#include <string.h>

#include "base/buf.h"
#include "base/pool.h"
#include "base/str.h"
#include "core/settings.h"
#include "core/user.h"
#include "digest/digest.h"
#include "web/preferences.h"
#include "base/banned.h"

/* The reader's own edition, or everybody's. */
#define EDITION " LEFT JOIN digest_editions e ON e.digest_id = d.id AND e.user_id = "

/* Who looks as somebody else reads what everybody may. */
static int64_t reader(struct req *r)
{
	return r->op.actor.viewer_id ? 0 : r->op.actor.user_id;
}

/* ---- who wants it ---- */
static bool receives(struct json_object *recipients, int64_t user_id)
{
	for (size_t i = 0; i < json_len(recipients); i++)
		if (json_int(json_at(recipients, i), "id") == user_id)
			return true;
	return false;
}

/* "mon, tue, thu", or as one says it. */
static const char *days_said(struct op *op)
{
	size_t n;
	char **all = str_split(op->pool, setting_text(op, "digest_days"), ", ", &n);
	struct buf *b = buf_new(op->pool, 4096);
	for (size_t i = 0; i < n; i++)
		buf_printf(b, "%s%s", i ? ", " : "", all[i]);
	return n == 7 ? "every day" : str_eq(b->data, "mon, tue, wed, thu, fri") ? "Monday to Friday" : b->data;
}

static void schedule(struct req *r)
{
	struct op *op = &r->op;
	int64_t wants = 0, id = op->actor.kind == ACTOR_HUMAN ? op->actor.user_id : 0;
	struct json_object *recipients = digest_recipients(op), *o = json_add_obj(r->view, "schedule");
	json_set_text(o, "hour", pool_printf(op->pool, "%02lld:00", (long long)setting_int(op, "digest_hour")));
	json_set_text(o, "days", days_said(op));
	json_set_text(o, "zone", setting_text(op, "time_zone"));
	json_set_int(o, "recipients", (int64_t)json_len(recipients));
	json_set(r->view, "mine", NULL);
	if (!id)
		return;
	db_one_int(op, &wants, "SELECT wants_digest FROM users WHERE id = ?", id);
	o = json_add_obj(r->view, "mine");
	json_set_bool(o, "wants", wants != 0);
	json_set_bool(o, "gets", receives(recipients, id));
	json_set_bool(o, "is_always", !wants && receives(recipients, id));
}

enum status digests_subscribe(struct req *r)
{
	struct json_object *changes = json_obj(r->op.pool);
	bool wants = in_bool(r, "wants");
	json_set_bool(changes, "wants_digest", wants);
	enum status st = user_update(&r->op, r->op.actor.user_id, changes);
	if (st)
		return st;
	struct json_object *data = out_data(r, json_obj(r->op.pool));
	bool still = receives(digest_recipients(&r->op), r->op.actor.user_id);
	json_set_bool(data, "wants_digest", wants);
	json_set_bool(data, "gets_digest", still);
	if (r->is_api)
		return OK;
	return reply_see(r,
		wants   ? "You get the digest from now on"
		: still ? "Noted; administrators get it all the same, as the settings say"
			: "You get the digest no more",
		"/digests");
}

/* ---- the archive ---- */
enum status digests_list(struct req *r)
{
	static const struct list_sort sorts[] = {{"-day", "Newest"}, {NULL, NULL}};
	struct list l;
	list_open(&l, r, "/digests", sorts);
	query_add(&l.query,
		"SELECT d.id, d.day, coalesce(e.subject, d.subject) AS subject, coalesce(e.headline, d.headline) AS "
		"headline, d.from_at, d.until_at, d.created_at,"
		" (SELECT count(*) FROM outbox o WHERE o.digest_id = d.id) AS recipients,"
		" (SELECT count(*) FROM outbox o WHERE o.digest_id = d.id AND o.state = 'sent') AS sent, NULL AS url"
		" FROM digests d" EDITION "? WHERE 1",
		reader(r));
	if (l.after_key)
		query_add(&l.query, " AND (d.day, d.id) < (?, ?)", l.after_key, l.after_id);
	query_add(&l.query, " ORDER BY d.day DESC, d.id DESC LIMIT ?", l.limit + 1);
	rows_urls(list_finish(&l, "day", "id"), "/digests");
	if (!r->is_api)
		schedule(r);
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
						 "SELECT d.id, d.day, coalesce(e.subject, d.subject) AS subject, "
						 "coalesce(e.headline, d.headline) AS headline, d.from_at, d.until_at, "
						 "d.created_at, coalesce(e.text, d.text) AS text, "
						 "coalesce(e.document_json, d.document_json) AS document_json"
						 " FROM digests d" EDITION "?1 WHERE d.id = ?2",
						 reader(r), id);
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

static const char *instead(struct pool *p, const char *text, const char *of, const char *by)
{
	const char *at = strstr(text, of);
	return at ? pool_printf(p, "%.*s%s%s", (int)(at - text), text, by, at + strlen(of)) : text;
}

/* In the colours that were chosen for our pages: the mail itself asks for those of the system it is read on. The rules of
 * templates/digest/mail.html stand before all that people write. */
static const char *themed(struct req *r, const char *html)
{
	struct pool *p = r->op.pool;
	const char *theme = preferences_theme(r);
	if (str_eq(theme, "system"))
		return html;
	html = instead(p, html, "{color-scheme:light dark}", pool_printf(p, "{color-scheme:%s}", theme));
	return instead(p, html, "@media(prefers-color-scheme:dark)",
		str_eq(theme, "dark") ? "@media screen" : "@media not all");
}

void digest_frame(struct req *r, const char *html)
{
	r->raw_type = "text/html; charset=utf-8";
	r->raw_data = themed(r, html);
	r->raw_len = strlen(r->raw_data);
	r->raw_csp = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox allow-popups"
		     " allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation; base-uri 'none'; "
		     "form-action 'none';"
		     " frame-ancestors 'self'";
}

/* The mail's HTML as it was sent, in a frame. */
enum status digests_body(struct req *r)
{
	int64_t id = in_id(r, "id");
	const char *html =
		!id ? NULL
		    : db_one_text(&r->op, "SELECT coalesce(e.html, d.html) FROM digests d" EDITION "?1 WHERE d.id = ?2",
			      reader(r), id);
	if (!html)
		return r->op.fault.status ? r->op.fault.status
					  : fail(&r->op, E_NOT_FOUND, NULL, "there is no such digest");
	digest_frame(r, html);
	return OK;
}
