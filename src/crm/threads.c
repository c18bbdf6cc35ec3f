/* Mail threads: the list, and one to read. Capture makes them, thread_moves.c arranges them.
 *
 * mail/list  data: [{id, subject, first_at, last_at, messages (count), is_several, last_direction, is_in, is_out, snippet, sentence
 *            ("Maria Keller wrote to Ada Nowak": the newest message), has_attachments, parties (names of the records it
 *            is on, one text, may be null), level (what the reader sees: 0 everything, 1 the subject, 2 who and when),
 *            audience (the same for those whose mailboxes do not hold it, 3 nothing), sight (both in words, null when
 *            everybody sees everything), url}]
 *            parameters: contact (id), organization (id), direction (in out: who wrote last), q (words of a subject), limit, after;
 *            newest first
 * mail/show  data: {id, subject, first_at, last_at, count, last_direction, url, level, audience, sight,
 *            parties     [{label, url, is_contact, is_organization}]   has_parties
 *            messages    [message (shapes.h) and is_first, is_last, can_split, split_url, move_url], reading order, at most 100 a page
 *            next, next_url, has_next     later messages
 *            moves       what a person did here, newest first: [{id, kind, kind_label, at, by_name, subject, url,
 *                        undo_url (POST move)}]   has_moves   arrange_url
 *            proposals   pending on this thread: [{id, title, kind_label, author_name, occurred_at, url}]  has_proposals
 *            communications  on the records already: [{id, subject, occurred_at, kind_label, url}]  has_communications}
 * Tests: t/60-pages.t */
#include "crm/crm.h"
#include "crm/search_query.h"

#include "base/pool.h"
#include "base/str.h"
#include "base/banned.h"

#define MESSAGES_PAGE 100
#define SUBJECTS_MAX 500

const char *thread_place(struct op *op, int64_t id, const char *shown)
{
	const char *at = db_one_text(
		op, "SELECT coalesce(at, nullif(?, ''), sort_at) FROM thread_places WHERE id = ?", shown, id);
	return at ? at : shown;
}

/* The newest message of each, and the records it is on. */
#define COLUMNS                                                                                                        \
	"SELECT t.id, t.level, t.audience, NULL AS sight, t.subject, t.first_at, t.last_at, t.messages, "              \
	"NULL AS is_several, t.last_direction, NULL AS url, NULL AS is_in, NULL AS is_out, "                           \
	"m.snippet, coalesce(m.from_name, m.from_email, 'Somebody') || ' wrote to ' || coalesce((SELECT "              \
	"coalesce(a.name, a.email) FROM message_addresses_seen a WHERE a.message_id = m.id AND a.role = 'to' "         \
	"ORDER BY a.position LIMIT 1), 'nobody named') AS sentence, EXISTS (SELECT 1 FROM messages_seen x WHERE "      \
	"x.thread_id = t.id AND x.has_attachments = 1) AS has_attachments, (SELECT group_concat(name, ', ') FROM "     \
	"(SELECT coalesce(c.name, o.name) AS name FROM thread_parties_seen p LEFT JOIN contacts_live c ON "            \
	"p.resource = 'contacts' AND c.id = p.resource_id LEFT JOIN organizations_live o ON p.resource = "             \
	"'organizations' AND o.id = p.resource_id WHERE p.thread_id = t.id LIMIT 6)) AS parties FROM "
#define NEWEST                                                                                                         \
	" CROSS JOIN messages_seen m ON m.id = (SELECT n.id FROM messages_seen n WHERE n.thread_id = t.id ORDER BY "   \
	"n.sent_at DESC, n.id DESC LIMIT 1) WHERE t.merged_into IS NULL"

/* A record's threads stand together in its own order: others are not read. */
static void of_record(struct query *q, const char *resource, int64_t id)
{
	query_add(q,
		COLUMNS "thread_parties_seen f CROSS JOIN threads_seen t ON t.id = f.thread_id" NEWEST
			" AND f.resource = ? AND f.resource_id = ?",
		resource, id);
}

/* Words are looked for in the newest messages that have them, and so few threads stand for themselves. */
static void look(struct list *l, const char *resource, int64_t id)
{
	struct query q;
	if (l->typed)
		return;
	query_init(&q, l->r->op.pool);
	query_add(&q, "SELECT last_at, thread_id FROM ");
	if (resource)
		query_add(&q, "thread_party_places WHERE resource = ? AND resource_id = ?", resource, id);
	else
		query_add(&q, "thread_list_places WHERE merged_into IS NULL AND messages > 0");
	if (l->after_key)
		query_add(&q, " AND (last_at, thread_id) < (?, ?)", l->after_key, l->after_id);
	query_add(&q, " ORDER BY last_at DESC, thread_id DESC");
	list_look(l, &q);
}

/* Whether it is a record's. */
static bool from(struct list *l)
{
	int64_t contact = list_ref(l, "contact", "Contact", NULL),
		organization = list_ref(l, "organization", "Organization", NULL);
	if (contact)
		of_record(&l->query, "contacts", contact);
	else if (organization)
		of_record(&l->query, "organizations", organization);
	else
		query_add(&l->query, COLUMNS "threads_seen t" NEWEST);
	if (contact && organization)
		query_add(&l->query,
			" AND EXISTS (SELECT 1 FROM thread_parties_seen p WHERE p.resource = 'organizations' AND"
			" p.resource_id = ? AND p.thread_id = t.id)",
			organization);
	if (l->after_key)
		l->after_key = thread_place(&l->r->op, l->after_id, l->after_key);
	look(l, contact ? "contacts" : organization ? "organizations" : NULL, contact ? contact : organization);
	if (l->after_key && (contact || organization))
		query_add(&l->query, " AND (f.last_at, f.thread_id) < (?, ?)", l->after_key, l->after_id);
	else if (l->after_key)
		query_add(&l->query, " AND (t.sort_at, t.id) < (?, ?)", l->after_key, l->after_id);
	if (contact || organization)
		list_floor(l, "f.last_at", "f.thread_id");
	else
		list_floor(l, "t.sort_at", "t.id");
	return contact || organization;
}

/* By the words of the subjects, of the newest messages that have them. Of all mail the page's threads are found first: what
 * is said of a thread costs more than to find it. */
static void subject_filter(struct list *l, const char *direction, bool is_of_record)
{
	struct pool *p = l->r->op.pool;
	struct search_query s = search_read(p, l->typed);
	if (!s.match) {
		query_add(&l->query, " AND 0");
		return;
	}
	query_add(&l->query, " AND t.id IN (");
	if (!is_of_record)
		query_add(&l->query, "SELECT w.thread_id FROM thread_list_places w WHERE w.merged_into IS NULL AND "
				     "w.thread_id IN (");
	query_add(&l->query,
		"SELECT m.thread_id FROM (SELECT rowid & 4294967295 AS id FROM search_fts WHERE "
		"search_fts"
		" MATCH ? AND rowid >= 5 << 60 ORDER BY rowid DESC LIMIT " LOOKED
		") f JOIN messages_seen m ON m.id = f.id"
		" WHERE m.level < 2)",
		pool_printf(p, "{title} : (%s)", search_match(&l->r->op, &s)), LOOKED_MAX / 3, SUBJECTS_MAX);
	if (is_of_record)
		return;
	if (l->after_key)
		query_add(&l->query, " AND (w.last_at, w.thread_id) < (?, ?)", l->after_key, l->after_id);
	if (direction)
		query_add(&l->query,
			" AND EXISTS (SELECT 1 FROM threads_seen s WHERE s.id = w.thread_id AND s.last_direction = ?)",
			direction);
	query_add(&l->query, " ORDER BY w.last_at DESC, w.thread_id DESC LIMIT ?)", l->limit + 1);
}

enum status threads_list(struct req *r)
{
	static const struct list_sort sorts[] = {{"-last", "Newest"}, {NULL, NULL}};
	static const char *const directions[] = {"in", "out", NULL};
	static const char *const labels[] = {"They wrote last", "We wrote last", NULL};
	struct list l;
	list_open(&l, r, "/mail", sorts);
	const char *direction =
		list_choice(&l, "direction", "Direction", directions, labels, "Whoever wrote last", NULL);
	bool is_of_record = from(&l);
	if (direction)
		query_add(&l.query, " AND t.last_direction = ?", direction);
	if (l.typed)
		subject_filter(&l, direction, is_of_record);
	if (is_of_record)
		query_add(&l.query, " ORDER BY f.last_at DESC, f.thread_id DESC LIMIT ?", l.limit + 1);
	else
		query_add(&l.query, " ORDER BY t.sort_at DESC, t.id DESC LIMIT ?", l.limit + 1);
	struct rows *rows = list_finish(&l, "last_at", "id");
	rows_urls(rows, "/mail");
	for (size_t i = 0; i < rows->n; i++) {
		rows_set_bool(rows, i, "is_several", rows_int(rows, i, "messages") > 1);
		rows_set_bool(rows, i, "is_in", str_eq(rows_text(rows, i, "last_direction"), "in"));
		rows_set_bool(rows, i, "is_out", str_eq(rows_text(rows, i, "last_direction"), "out"));
		rows_set_text(rows, i, "sight", sight_label(rows_int(rows, i, "level"), rows_int(rows, i, "audience")));
	}
	json_set_text(r->view, "title", "Mail");
	return OK;
}

static void parties(struct req *r, struct json_object *data, int64_t id)
{
	struct json_object *rows = db_array(&r->op,
		"SELECT p.resource, p.resource_id, coalesce(c.name, o.name) AS label, p.resource = 'contacts' AS "
		"is_contact,"
		" p.resource = 'organizations' AS is_organization FROM thread_parties_seen p"
		" LEFT JOIN contacts_live c ON p.resource = 'contacts' AND c.id = p.resource_id"
		" LEFT JOIN organizations_live o ON p.resource = 'organizations' AND o.id = p.resource_id"
		" WHERE p.thread_id = ? AND coalesce(c.name, o.name) IS NOT NULL ORDER BY is_contact, label LIMIT 50",
		id);
	for (size_t i = 0; i < json_len(rows); i++) {
		struct json_object *p = json_at(rows, i);
		json_set_text(p, "url", resource_url(r->op.pool, json_text(p, "resource"), json_int(p, "resource_id")));
	}
	json_set(data, "parties", json_object_get(rows));
	set_has(data, "has_parties", json_len(rows) > 0);
}

static void around(struct req *r, struct json_object *data, int64_t id)
{
	struct json_object *proposals = db_array(&r->op,
		"SELECT id, title, kind, author_name, occurred_at FROM proposals_seen WHERE thread_id = ? AND +state = "
		"'pending'"
		" ORDER BY occurred_at DESC LIMIT 20",
		id);
	for (size_t i = 0; i < json_len(proposals); i++) {
		struct json_object *p = json_at(proposals, i);
		json_set_text(p, "kind_label", proposal_kind_label(json_text(p, "kind")));
		set_url(r->op.pool, p, "/review", json_int(p, "id"));
	}
	json_set(data, "proposals", json_object_get(proposals));
	set_has(data, "has_proposals", json_len(proposals) > 0);
	struct json_object *recorded = db_array(&r->op,
		"SELECT id, subject, occurred_at, kind FROM communications_live WHERE id IN (SELECT id FROM "
		"communications_live"
		" WHERE thread_id = ?1 UNION SELECT l.communication_id FROM messages_seen m JOIN "
		"communication_messages l"
		" ON l.message_id = m.id WHERE m.thread_id = ?1) ORDER BY occurred_at DESC LIMIT 50",
		id);
	for (size_t i = 0; i < json_len(recorded); i++) {
		struct json_object *c = json_at(recorded, i);
		json_set_text(c, "kind_label", kind_label(json_text(c, "kind")));
		set_url(r->op.pool, c, "/communications", json_int(c, "id"));
	}
	json_set(data, "communications", json_object_get(recorded));
	set_has(data, "has_communications", json_len(recorded) > 0);
}

/* What a person can do with one message of the thread. */
static void set_moves(struct req *r, struct json_object *m, int64_t thread, bool can_split)
{
	long long id = (long long)thread;
	json_set_bool(m, "can_split", can_split);
	json_set_text(m, "split_url", pool_printf(r->op.pool, "/mail/%lld/split", id));
	json_set_text(m, "move_url",
		pool_printf(r->op.pool, "/mail/%lld/arrange?message=%lld", id, (long long)json_int(m, "id")));
}

static void messages(struct req *r, struct json_object *data, int64_t id)
{
	int64_t after = in_int(r, "after", 0, 0, INT64_MAX), last = 0;
	struct json_object *ids = db_array(&r->op,
		"SELECT id FROM messages_seen WHERE thread_id = ?1 AND (?2 = 0 OR (sent_at, id) > (SELECT sent_at, id "
		"FROM "
		"messages_seen WHERE id = ?2))"
		" ORDER BY sent_at, id LIMIT ?3",
		id, after, MESSAGES_PAGE + 1);
	struct json_object *chosen = json_arr(r->op.pool);
	for (size_t i = 0; i < json_len(ids) && i < MESSAGES_PAGE; i++)
		json_push_int(chosen, last = json_int(json_at(ids, i), "id"));
	struct json_object *list = message_documents(&r->op, chosen);
	for (size_t i = 0; i < json_len(list); i++) {
		struct json_object *m = json_at(list, i);
		json_set_bool(m, "is_first", i == 0);
		json_set_bool(m, "is_last", i + 1 == json_len(list));
		set_moves(r, m, id, i || after);
	}
	json_set(data, "messages", json_object_get(list));
	bool more = json_len(ids) > MESSAGES_PAGE;
	json_set(data, "next", more ? json_object_new_int64(last) : NULL);
	json_set_text(data, "next_url",
		more ? pool_printf(r->op.pool, "/mail/%lld?after=%lld", (long long)id, (long long)last) : NULL);
	set_has(data, "has_next", more);
}

enum status threads_show(struct req *r)
{
	int64_t id = in_id(r, "id"), merged = 0;
	if (id && db_one_int(&r->op, &merged, "SELECT merged_into FROM thread_signposts WHERE id = ?", id))
		return reply_see(r, NULL, r->is_api ? "/api/threads/%lld" : "/mail/%lld", (long long)merged);
	struct json_object *data = !id ? NULL
				       : db_object(&r->op,
						 "SELECT id, subject, first_at, last_at, messages AS count, "
						 "last_direction, level, audience FROM threads_seen WHERE id = ?",
						 id);
	if (!data)
		return r->op.fault.status ? r->op.fault.status
					  : fail(&r->op, E_NOT_FOUND, NULL, "there is no such thread");
	set_url(r->op.pool, data, "/mail", id);
	json_set_text(data, "sight", sight_label(json_int(data, "level"), json_int(data, "audience")));
	parties(r, data, id);
	messages(r, data, id);
	around(r, data, id);
	thread_moves_fill(r, data, id);
	out_data(r, data);
	return OK;
}
