/* The audit log as a page. Reads only; triggers write it.
 *
 * audit/list  data: [{id, at, actor_kind, actor_via, actor_id, actor_name, action, action_label ("changed"), resource,
 *             resource_label ("Contact"), resource_id, name (the record's own; its number when it has none or is gone), resource_url (or null), has_url, proposal_id, proposal_url,
 *             request_id, why, hash,
 *             changes [{field, label, old, new (as stored), old_text, new_text (as read; instants as they are), has_old, has_new,
 *             is_long}] (texts; [] when none), has_changes}]
 *             parameters: resource, id, actor (user id), program (Capture, Digest, Sender), action, from and until (local days, both included), q (text in what
 *             changed, why or who; of the newest TEXT_ROWS entries), limit, after; newest first
 * Tests: t/60-audit.t */
#include "crm/crm.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/pool.h"
#include "base/str.h"
#include "web/format.h"
#include "base/banned.h"

#define TEXT_ROWS 20000 /* the log only grows and has no index of its words */

/* ---- values as a person reads them ---- */
#define LONG 80       /* bytes; of what is longer only that it changed is said */
#define HASH_SHOWN 12 /* of its 64 digits */

/* What a page of the log speaks of, by resource: {"contacts": {"12": "Maria Keller"}}. Named together, lest each value ask
 * for itself. */
struct words {
	struct op *op;
	struct json_object *names;
};

static void want(struct words *w, const char *resource, int64_t id)
{
	struct json_object *of = json_get(w->names, resource);
	if (id && resource_find(resource))
		json_set_text(of ? of : json_add_obj(w->names, resource),
			pool_printf(w->op->pool, "%lld", (long long)id), NULL);
}

static void want_value(struct words *w, const struct field *f, struct json_object *v)
{
	if (f->type == F_REF)
		want(w, f->ref, json_object_get_int64(v));
	for (size_t i = 0; f->type == F_IDS && i < json_len(v); i++)
		want(w, f->ref, json_object_get_int64(json_at(v, i)));
}

static void want_row(struct words *w, struct json_object *row)
{
	struct json_object *from = json_get(row, "changes_json");
	const struct resource *res = resource_find(json_text(row, "resource"));
	want(w, json_text(row, "resource"), json_int(row, "resource_id"));
	if (!res || !json_object_is_type(from, json_type_object))
		return;
	json_object_object_foreach(from, key, pair)
	{
		const struct field *f = field_find(res, key);
		for (size_t i = 0; f && i < 2; i++)
			want_value(w, f, json_at(pair, i));
	}
}

static void find_names(struct words *w)
{
	json_object_object_foreach(w->names, resource, of)
	{
		record_labels(w->op, resource_find(resource), of);
	}
}

/* Of what is not there any more its number. */
static const char *name_of(const struct words *w, const char *resource, int64_t id)
{
	const char *number = pool_printf(w->op->pool, "%lld", (long long)id);
	const char *name = json_text(json_get(w->names, resource), number);
	return name && *name ? name : number;
}

static const char *plain(struct pool *p, struct json_object *v)
{
	const char *s = json_object_is_type(v, json_type_boolean) ? (json_object_get_boolean(v) ? "yes" : "no")
								  : json_object_get_string(v);
	bool is_hash = strlen(s) == 64 && strspn(s, "0123456789abcdef") == 64;
	return is_hash ? pool_printf(p, "%.*s…", HASH_SHOWN, s) : format_day(p, s);
}

static const char *listed(const struct words *w, const struct field *f, struct json_object *list)
{
	struct buf *b = buf_new(w->op->pool, 65536);
	for (size_t i = 0; i < json_len(list); i++)
		buf_printf(b, "%s%s", i ? ", " : "",
			f && f->type == F_IDS ? name_of(w, f->ref, json_object_get_int64(json_at(list, i)))
					      : plain(w->op->pool, json_at(list, i)));
	return b->data;
}

/* An instant is left for the page, which knows the reader's zone. */
static const char *shown(const struct words *w, const struct field *f, struct json_object *v)
{
	if (!v)
		return NULL;
	if (json_object_is_type(v, json_type_array))
		return listed(w, f, v);
	if (f && f->type == F_REF)
		return name_of(w, f->ref, json_object_get_int64(v));
	if (f && f->type == F_BOOL)
		return json_object_get_boolean(v) ? "yes" : "no";
	return f && (f->type == F_CHOICE || f->type == F_MONEY) ? field_shown(w->op, f, v) : plain(w->op->pool, v);
}

/* "done_at" → "Done", for what no form has. */
static const char *label_of(struct pool *p, const char *key)
{
	static const char *const tails[] = {"_at", "_id", "_ids", "_json"};
	if (str_eq(key, "sha256"))
		return "SHA-256";
	char *label = pool_strdup(p, key);
	for (size_t i = 0; i < FIELD_COUNT(tails); i++)
		if (str_ends(label, tails[i]))
			label[strlen(label) - strlen(tails[i])] = 0;
	for (char *s = label; *s; s++)
		*s = *s == '_' ? ' ' : *s;
	if (*label >= 'a' && *label <= 'z')
		*label = (char)(*label - 'a' + 'A');
	return label;
}

static void changes(const struct words *w, struct json_object *row)
{
	struct pool *p = w->op->pool;
	struct json_object *from = json_get(row, "changes_json"), *list = json_arr(p);
	const struct resource *res = resource_find(json_text(row, "resource"));
	if (json_object_is_type(from, json_type_object)) {
		json_object_object_foreach(from, key, pair)
		{
			const struct field *f = res ? field_find(res, key) : NULL;
			struct json_object *was = json_at(pair, 0), *is = json_at(pair, 1), *o = json_push_obj(list);
			const char *old = shown(w, f, was), *new = shown(w, f, is);
			json_set_text(o, "field", key);
			json_set_text(o, "label", f ? f->label : label_of(p, key));
			json_set_text(o, "old", json_object_get_string(was));
			json_set_text(o, "new", json_object_get_string(is));
			json_set_text(o, "old_text", old);
			json_set_text(o, "new_text", new);
			set_has(o, "has_old", old != NULL);
			set_has(o, "has_new", new != NULL);
			json_set_bool(o, "is_long", (old && strlen(old) > LONG) || (new &&strlen(new) > LONG));
		}
	}
	json_object_object_del(row, "changes_json");
	json_set(row, "changes", json_object_get(list));
	set_has(row, "has_changes", json_len(list) > 0);
}

static void labels(const struct words *w, struct json_object *row)
{
	struct pool *p = w->op->pool;
	const char *resource = json_text(row, "resource");
	int64_t id = json_int(row, "resource_id");
	const char *url = resource_url(p, resource, id);
	json_set_text(row, "action_label", action_label(json_text(row, "action")));
	json_set_text(row, "resource_label", resource_label(resource));
	json_set_text(row, "name", id ? name_of(w, resource, id) : NULL);
	json_set_text(row, "resource_url", url);
	set_has(row, "has_url", url != NULL);
	json_set_text(row, "proposal_url", resource_url(p, "proposals", json_int(row, "proposal_id")));
	changes(w, row);
}

static void all_labels(struct op *op, struct json_object *rows)
{
	struct words w = {op, json_obj(op->pool)};
	for (size_t i = 0; i < json_len(rows); i++)
		want_row(&w, json_at(rows, i));
	find_names(&w);
	for (size_t i = 0; i < json_len(rows); i++)
		labels(&w, json_at(rows, i));
}

#define COLUMNS                                                                                                        \
	"SELECT id, at, actor_kind, actor_via, actor_id, coalesce(actor_name, actor_kind) AS actor_name, action, "     \
	"resource,"                                                                                                    \
	" resource_id, changes_json, proposal_id, request_id, why, hash FROM audit_seen"

struct json_object *audit_rows(struct op *op, const char *resource, int64_t id, int limit)
{
	struct json_object *rows = db_array(
		op, COLUMNS " WHERE resource = ? AND resource_id = ? ORDER BY id DESC LIMIT ?", resource, id, limit);
	all_labels(op, rows);
	return rows;
}

/* When a local day begins, so many days later. */
static const char *instant_of(struct req *r, const char *day, int plus_days)
{
	char at[INSTANT_SIZE];
	instant_format(zone_day_start(r->zone ? r->zone : "UTC", day, plus_days), at);
	return pool_strdup(r->op.pool, at);
}

/* The log is read by number, so days become numbers too. It is written in order of time, but for a clock that was set
 * back: a day more on each side. */
static void days(struct list *l, const char *from, const char *until)
{
	struct query *q = &l->query;
	if (from)
		query_add(q,
			" AND at >= ? AND id > coalesce((SELECT id FROM audit_seen WHERE at < ? ORDER BY at DESC, id "
			"DESC"
			" LIMIT 1), 0)",
			instant_of(l->r, from, 0), instant_of(l->r, from, -1));
	if (until)
		query_add(q,
			" AND at < ? AND id < coalesce((SELECT id FROM audit_seen WHERE at >= ? ORDER BY at, id LIMIT "
			"1), ?)",
			instant_of(l->r, until, 1), instant_of(l->r, until, 2), INT64_MAX);
}

enum status audit_list(struct req *r)
{
	static const struct list_sort sorts[] = {{"-id", "Newest"}, {NULL, NULL}};
	static const char *const actions[] = {"create", "update", "delete", "restore", "propose", "approve", "dismiss",
		"undo", "snooze", "expire", "split", "move", "merge", "purge", "retry", "skip", "view_as",
		"view_as_end", NULL};
	static const char *const action_labels[] = {"Created", "Changed", "Deleted", "Restored", "Proposed",
		"Countersigned", "Dismissed", "Undone", "Put off", "Expired", "Split", "Moved", "Merged", "Purged",
		"Tried again", "Skipped", "Looked as somebody", "Stopped looking", NULL};
	static const char *const nouns[] = {"contacts", "organizations", "affiliations", "investors", "communications",
		"tasks", "funds", "commitments", "opportunities", "proposals", "rules", "digests", "users", "settings",
		"mailboxes", "threads", "outbox", "sessions", "database", NULL};
	static const char *const noun_labels[] = {"Contacts", "Organizations", "Affiliations", "Investors",
		"Communications", "Tasks", "Funds", "Commitments", "Opportunities", "Proposals", "Rules", "Digests",
		"Users", "Settings", "Mailboxes", "Mail threads", "Outgoing mail", "Sessions", "Database", NULL};
	/* Who writes without an account, by the name in the log. */
	static const char *const programs[] = {"Capture", "Digest", "Sender", NULL};
	struct list l;
	list_open(&l, r, "/audit", sorts);
	query_add(&l.query, COLUMNS " WHERE 1");
	const char *noun = list_choice(&l, "resource", "About", nouns, noun_labels, "Anything", NULL);
	const char *action = list_choice(&l, "action", "Action", actions, action_labels, "Any action", NULL);
	int64_t actor = list_ref(&l, "actor", "Who", "SELECT id, name FROM users ORDER BY name LIMIT 100");
	const char *program = list_choice(&l, "program", "Program", programs, programs, "Any program", NULL);
	int64_t id = list_ref(&l, "id", "Number", NULL);
	const char *from = list_day(&l, "from", "From"), *until = list_day(&l, "until", "Until");
	if (noun)
		query_add(&l.query, " AND resource = ?", noun);
	if (action)
		query_add(&l.query, " AND action = ?", action);
	if (actor)
		query_add(&l.query, " AND actor_id = ?", actor);
	if (program)
		query_add(&l.query, " AND actor_id IS NULL AND actor_name = ?", program);
	if (id)
		query_add(&l.query, " AND resource_id = ?", id);
	days(&l, from, until);
	if (l.q)
		query_add(&l.query,
			" AND id > (SELECT id FROM audit_head) - ? AND (changes_json LIKE ? ESCAPE '\\' OR why LIKE ?"
			" ESCAPE '\\' OR actor_name LIKE ? ESCAPE '\\')",
			TEXT_ROWS, l.q, l.q, l.q);
	if (l.after_key)
		query_add(&l.query, " AND id < ?", l.after_id);
	query_add(&l.query, " ORDER BY id DESC LIMIT ?", l.limit + 1);
	struct json_object *rows = list_objects(&l, "id", "id");
	all_labels(&r->op, rows);
	json_set_text(r->view, "title", "Audit");
	return OK;
}
