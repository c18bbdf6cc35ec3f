/* The audit log as a page. Reads only; triggers write it.
 *
 * audit/list  data: [{id, at, actor_kind, actor_via, actor_id, actor_name, action, action_label ("changed"), resource,
 *             resource_label ("Contact"), resource_id, resource_url (or null), has_url, proposal_id, proposal_url,
 *             request_id, why, hash,
 *             changes [{field, label, old, new, has_old, has_new, is_long}] (texts; [] when none), has_changes}]
 *             parameters: resource, id, actor (user id), action, from and until (local days, both included), q (text in what
 *             changed, why or who; of the newest TEXT_ROWS entries), limit, after; newest first
 * Tests: t/60-audit.t */
#include "crm/crm.h"

#include <string.h>

#include "base/clock.h"
#include "base/pool.h"
#include "base/str.h"
#include "base/banned.h"

#define TEXT_ROWS 20000 /* the log only grows and has no index of its words */

static const char *text_of(struct json_object *v)
{
	return !v                                          ? NULL
	       : json_object_is_type(v, json_type_boolean) ? (json_object_get_boolean(v) ? "yes" : "no")
							   : json_object_get_string(v);
}

static void changes(struct op *op, struct json_object *row)
{
	struct json_object *from = json_get(row, "changes_json"), *list = json_arr(op->pool);
	const struct resource *res = resource_find(json_text(row, "resource"));
	if (json_object_is_type(from, json_type_object)) {
		json_object_object_foreach(from, key, pair)
		{
			const struct field *f = res ? field_find(res, key) : NULL;
			const char *old = text_of(json_at(pair, 0)), *new = text_of(json_at(pair, 1));
			struct json_object *o = json_push_obj(list);
			json_set_text(o, "field", key);
			json_set_text(o, "label", f ? f->label : key);
			json_set_text(o, "old", old);
			json_set_text(o, "new", new);
			set_has(o, "has_old", old != NULL);
			set_has(o, "has_new", new != NULL);
			json_set_bool(o, "is_long", (old && strlen(old) > 80) || (new &&strlen(new) > 80));
		}
	}
	json_object_object_del(row, "changes_json");
	json_set(row, "changes", json_object_get(list));
	set_has(row, "has_changes", json_len(list) > 0);
}

static void labels(struct op *op, struct json_object *row)
{
	const char *resource = json_text(row, "resource");
	const char *url = resource_url(op->pool, resource, json_int(row, "resource_id"));
	json_set_text(row, "action_label", action_label(json_text(row, "action")));
	json_set_text(row, "resource_label", resource_label(resource));
	json_set_text(row, "resource_url", url);
	set_has(row, "has_url", url != NULL);
	json_set_text(row, "proposal_url", resource_url(op->pool, "proposals", json_int(row, "proposal_id")));
	changes(op, row);
}

#define COLUMNS                                                                                                        \
	"SELECT id, at, actor_kind, actor_via, actor_id, coalesce(actor_name, actor_kind) AS actor_name, action, "     \
	"resource,"                                                                                                    \
	" resource_id, changes_json, proposal_id, request_id, why, hash FROM audit_seen"

struct json_object *audit_rows(struct op *op, const char *resource, int64_t id, int limit)
{
	struct json_object *rows = db_array(
		op, COLUMNS " WHERE resource = ? AND resource_id = ? ORDER BY id DESC LIMIT ?", resource, id, limit);
	for (size_t i = 0; i < json_len(rows); i++)
		labels(op, json_at(rows, i));
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
		"undo", "snooze", "expire", "split", "move", "merge", NULL};
	static const char *const action_labels[] = {"Created", "Changed", "Deleted", "Restored", "Proposed",
		"Countersigned", "Dismissed", "Undone", "Put off", "Expired", "Split", "Moved", "Merged", NULL};
	static const char *const nouns[] = {"contacts", "organizations", "investors", "communications", "tasks",
		"proposals", "users", "settings", "mailboxes", "threads", "outbox", "sessions", "database", NULL};
	static const char *const noun_labels[] = {"Contacts", "Organizations", "Investors", "Communications", "Tasks",
		"Proposals", "Users", "Settings", "Mailboxes", "Mail threads", "Outgoing mail", "Sessions", "Database",
		NULL};
	struct list l;
	list_open(&l, r, "/audit", sorts);
	query_add(&l.query, COLUMNS " WHERE 1");
	const char *noun = list_choice(&l, "resource", "About", nouns, noun_labels, "Anything", NULL);
	const char *action = list_choice(&l, "action", "Action", actions, action_labels, "Any action", NULL);
	int64_t actor = list_ref(&l, "actor", "Who", "SELECT id, name FROM users ORDER BY name LIMIT 100");
	int64_t id = list_ref(&l, "id", "Number", NULL);
	const char *from = list_day(&l, "from", "From"), *until = list_day(&l, "until", "Until");
	if (noun)
		query_add(&l.query, " AND resource = ?", noun);
	if (action)
		query_add(&l.query, " AND action = ?", action);
	if (actor)
		query_add(&l.query, " AND actor_id = ?", actor);
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
	for (size_t i = 0; i < json_len(rows); i++)
		labels(&r->op, json_at(rows, i));
	json_set_text(r->view, "title", "Audit");
	return OK;
}
