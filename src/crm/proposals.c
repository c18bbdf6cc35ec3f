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
 *              view.undo_url: takes back the decision just made (?decided=ID), or null
 * review/show  data: the row's names and
 *              lands_on    {label, url (null for a new record), is_new, resource_title ("Contact")}
 *              change      the exact change, JSON
 *              fields      [{name, label, old (text or null), new (text), is_long, has_old}]: what approval will do
 *              evidence    {excerpt (text or null), messages (count), has_excerpt}
 *              merge       both sides of a merge (merges.c), else null
 *              is_target_changed   the record changed since this was proposed
 *              can_decide  pending, and the reader is a person who may
 *              approve_url, edit_url, dismiss_url   (POST, GET, POST; the POSTs need sha256)
 *              undo_url    POST here takes back a decision of the last 24 hours; null when there is none
 *              decided_fields  [{name, label, old, new, is_long, has_old}]: what was applied instead, [] when nothing
 *              result_id, result_url  the record that came of it, or null
 *              message     null or message (shapes.h)   has_message   more_messages (how many others are evidence)
 * review/edit  data: {id, title, sha256, kind_label, lands_on, cancel_url, form (shapes.h), message, has_message}
 * approve      {sha256, change?} or the edited form's fields with edited=1; dismiss {sha256, reason}
 *              API answer: {"data": {id, state, result_id, result_url}}; 409 has the proposal as it is now in "current"
 * Tests: t/50-review.t */
#include "crm/crm.h"

#include <string.h>

#include "base/clock.h"
#include "base/pool.h"
#include "base/str.h"
#include "core/approval.h"
#include "core/value.h"
#include "base/banned.h"

#define COLUMNS                                                                                                        \
	"p.id, p.kind, p.resource, p.target_id, p.title, p.state, p.sha256, p.author_kind, p.author_name, "            \
	"p.occurred_at,"                                                                                               \
	" p.created_at, p.decided_at, d.name AS decided_by_name, p.reason, p.investor_id, p.contact_id,"               \
	" c.name AS contact_name, p.organization_id, o.name AS organization_name, p.message_id, p.thread_id,"          \
	" coalesce(io.name, ic.name, o.name, c.name, 'Others') AS \"group\""
#define TABLES                                                                                                         \
	" FROM proposals_seen p LEFT JOIN users d ON d.id = p.decided_by LEFT JOIN contacts_live c ON c.id = "         \
	"p.contact_id"                                                                                                 \
	" LEFT JOIN organizations_live o ON o.id = p.organization_id LEFT JOIN investors_live i ON i.id = "            \
	"p.investor_id"                                                                                                \
	" LEFT JOIN organizations_live io ON io.id = i.organization_id LEFT JOIN contacts_live ic ON ic.id = "         \
	"i.contact_id"

static void labels(struct req *r, struct json_object *row)
{
	json_set_text(row, "kind_label", proposal_kind_label(json_text(row, "kind")));
	json_set_text(row, "state_label", state_label(json_text(row, "state")));
	json_set_bool(row, "is_pending", str_eq(json_text(row, "state"), "pending"));
	json_set_text(row, "show_url", resource_url(r->op.pool, "proposals", json_int(row, "id")));
}

/* ---- the card ---- */
static const char *names(struct op *op, const struct field *f, struct json_object *ids)
{
	const struct resource *res = resource_find(f->ref);
	const char *all = "";
	for (size_t i = 0; res && i < json_len(ids); i++)
		all = pool_printf(op->pool, "%s%s%s", all, i ? "\n" : "",
			record_label(op, res, json_object_get_int64(json_at(ids, i))));
	return all;
}

const char *field_shown(struct op *op, const struct field *f, struct json_object *v)
{
	if (f->type == F_IDS)
		return names(op, f, v);
	const char *s = value_text(op, f, v);
	if (f->type == F_INSTANT && strlen(s) == 16)
		return pool_printf(op->pool, "%.10s %s", s, s + 11);
	if (f->type == F_CHOICE && f->labels)
		for (size_t i = 0; f->choices[i]; i++)
			if (str_eq(f->choices[i], s))
				return f->labels[i];
	int64_t id;
	if (f->type == F_REF && str_i64(s, 1, INT64_MAX, &id))
		return record_label(op, resource_find(f->ref), id);
	if (f->type == F_BOOL)
		return str_eq(s, "true") ? "yes" : "no";
	return s;
}

static struct json_object *change_fields(
	struct op *op, const struct resource *res, struct json_object *change, struct json_object *row)
{
	struct json_object *list = json_arr(op->pool);
	for (size_t i = 0; res && i < res->nfields; i++) {
		const struct field *f = &res->fields[i];
		struct json_object *v;
		if (!json_object_object_get_ex(change, f->name, &v) || (f->flags & FIELD_HIDDEN))
			continue;
		const char *old = row ? field_shown(op, f, json_get(row, f->name)) : "";
		struct json_object *o = json_push_obj(list);
		json_set_text(o, "name", f->name);
		json_set_text(o, "label", f->label);
		json_set_text(o, "old", *old ? old : NULL);
		json_set_bool(o, "has_old", *old);
		json_set_text(o, "new", field_shown(op, f, v));
		json_set_bool(o, "is_long",
			f->type == F_LONG || f->type == F_IDS || f->type == F_LIST || f->type == F_EMAILS);
	}
	return list;
}

static void lands_on(struct req *r, struct json_object *data, const struct resource *res, int64_t target)
{
	struct json_object *o = json_add_obj(data, "lands_on");
	const char *label = res && target ? record_label(&r->op, res, target) : json_text(data, "group");
	json_set_text(o, "label", label);
	json_set_text(o, "url", target ? resource_url(r->op.pool, res ? res->name : NULL, target) : NULL);
	json_set_bool(o, "is_new", !target);
	json_set_text(o, "resource_title", res ? res->title : json_text(data, "resource"));
}

static void evidence(struct json_object *data, struct json_object *from)
{
	struct json_object *o = json_add_obj(data, "evidence");
	const char *excerpt = json_text(from, "excerpt");
	size_t messages = json_len(json_get(from, "message_ids"));
	json_set_text(o, "excerpt", excerpt);
	set_has(o, "has_excerpt", excerpt && *excerpt);
	json_set_int(o, "messages", (int64_t)messages);
	json_set_int(data, "more_messages", messages > 1 ? (int64_t)messages - 1 : 0);
}

/* For a day; null when there is nothing to undo, or not by the reader. */
static const char *undo_url(struct req *r, struct json_object *p)
{
	int64_t at;
	const char *decided = json_text(p, "decided_at");
	if (r->op.actor.kind != ACTOR_HUMAN || !decided || !instant_parse(decided, &at) || r->op.now - at > 86400)
		return NULL;
	return pool_printf(r->op.pool, "/proposals/%lld/undo", (long long)json_int(p, "id"));
}

static void decision(struct req *r, struct json_object *data, const struct resource *res, struct json_object *row)
{
	int64_t id = json_int(data, "id"), result = json_int(row, "result_id");
	struct json_object *decided = json_get(row, "decided_change_json");
	json_set(data, "decided_fields",
		json_object_get(decided ? change_fields(&r->op, res, decided, NULL) : json_arr(r->op.pool)));
	json_set(data, "result_id", result ? json_object_new_int64(result) : NULL);
	json_set_text(data, "result_url", resource_url(r->op.pool, res ? res->name : NULL, result));
	json_set_bool(data, "can_decide", json_true(data, "is_pending") && r->op.actor.kind == ACTOR_HUMAN);
	json_set_text(data, "approve_url", pool_printf(r->op.pool, "/review/%lld/approve", (long long)id));
	json_set_text(data, "edit_url", pool_printf(r->op.pool, "/review/%lld/edit", (long long)id));
	json_set_text(data, "dismiss_url", pool_printf(r->op.pool, "/review/%lld/dismiss", (long long)id));
	json_set_text(data, "undo_url", undo_url(r, data));
}

static struct json_object *card(struct req *r, int64_t id)
{
	struct op *op = &r->op;
	struct json_object *data = db_object(op, "SELECT " COLUMNS TABLES " WHERE p.id = ?", id);
	struct json_object *row = db_object(op,
		"SELECT change_json, evidence_json, decided_change_json, result_id, target_version FROM proposals_seen "
		"WHERE id = ?",
		id);
	if (!data || !row)
		return NULL;
	const struct resource *res = resource_find(json_text(data, "resource"));
	int64_t target = json_int(data, "target_id");
	struct json_object *now = res && target ? record_fields(op, res, target) : NULL;
	labels(r, data);
	json_set_text(data, "url", json_text(data, "show_url"));
	lands_on(r, data, res, target);
	json_set(data, "change", json_object_get(json_get(row, "change_json")));
	json_set(data, "fields", json_object_get(change_fields(op, res, json_get(row, "change_json"), now)));
	bool merge = res && str_eq(json_text(data, "kind"), "merge");
	json_set(
		data, "merge", merge ? json_object_get(merge_card(op, res, data, json_get(row, "change_json"))) : NULL);
	evidence(data, json_get(row, "evidence_json"));
	json_set_bool(data, "is_target_changed", now && json_int(now, "version") != json_int(row, "target_version"));
	decision(r, data, res, row);
	int64_t message = json_int(data, "message_id");
	struct json_object *mail = message ? message_document(op, message) : NULL;
	json_set(data, "message", json_object_get(mail));
	set_has(data, "has_message", mail != NULL);
	return data;
}

/* ---- the queue ---- */
static void groups(struct json_object *rows, int64_t selected)
{
	const char *before = NULL;
	for (size_t i = 0; i < json_len(rows); i++) {
		struct json_object *row = json_at(rows, i);
		json_set_bool(row, "is_group_start", !str_eq(before, json_text(row, "group")));
		json_set_bool(row, "is_selected", json_int(row, "id") == selected);
		before = json_text(row, "group");
	}
}

static void filters(struct list *l)
{
	static const char *const states[] = {"pending", "approved", "edited", "dismissed", "expired", "undone", NULL};
	static const char *const state_labels[] = {
		"Waiting", "Countersigned", "Countersigned with changes", "Dismissed", "Expired", "Undone", NULL};
	static const char *const kinds[] = {"activity", "contact", "address", "field", "task", "merge", "record", NULL};
	static const char *const kind_labels[] = {
		"Activity", "New person", "New address", "Change", "Task", "Merge", "Proposed by an agent", NULL};
	const char *state = list_choice(l, "state", "State", states, state_labels, "All", "pending");
	const char *kind = list_choice(l, "kind", "Kind", kinds, kind_labels, "Any kind", NULL);
	int64_t investor = list_ref(l, "investor", "Investor", NULL), contact = list_ref(l, "contact", "Contact", NULL);
	int64_t organization = list_ref(l, "organization", "Organization", NULL);
	if (state)
		query_add(&l->query, " AND p.state = ?", state);
	if (kind)
		query_add(&l->query, " AND p.kind = ?", kind);
	if (investor)
		query_add(&l->query, " AND p.investor_id = ?", investor);
	if (contact)
		query_add(&l->query, " AND p.contact_id = ?", contact);
	if (organization)
		query_add(&l->query, " AND p.organization_id = ?", organization);
	if (l->q)
		query_add(&l->query, " AND p.title LIKE ? ESCAPE '\\'", l->q);
}

/* The page: newest first, then each group's cards together, in the order of their newest. */
static struct json_object *grouped(struct pool *p, struct json_object *rows)
{
	struct json_object *out = json_arr(p);
	size_t n = json_len(rows);
	bool *taken = pool_array(p, n + 1, sizeof *taken);
	for (size_t i = 0; i < n; i++)
		for (size_t j = i; j < n && !taken[i]; j++) {
			if (taken[j] ||
				!str_eq(json_text(json_at(rows, i), "group"), json_text(json_at(rows, j), "group")))
				continue;
			json_object_array_add(out, json_object_get(json_at(rows, j)));
			taken[j] = j != i;
		}
	return out;
}

enum status proposals_list(struct req *r)
{
	static const struct list_sort sorts[] = {{"-occurred", "Newest"}, {NULL, NULL}};
	struct list l;
	list_open(&l, r, "/review", sorts);
	query_add(&l.query, "SELECT " COLUMNS TABLES " WHERE 1");
	filters(&l);
	if (l.after_key)
		query_add(&l.query, " AND (p.occurred_at, p.id) < (?, ?)", l.after_key, l.after_id);
	query_add(&l.query, " ORDER BY p.occurred_at DESC, p.id DESC LIMIT ?", l.limit + 1);
	struct json_object *rows = list_objects(&l, "occurred_at", "id");
	if (!r->is_api)
		rows = out_data(r, grouped(r->op.pool, rows));
	int64_t first = json_int(json_at(rows, 0), "id"), selected = in_int(r, "selected", first, 1, INT64_MAX),
		pending = 0;
	const char *base = json_text(l.doc, "first_url"), *join = strchr(base, '?') ? "&" : "?";
	for (size_t i = 0; i < json_len(rows); i++) {
		struct json_object *row = json_at(rows, i);
		labels(r, row);
		json_set_text(row, "url",
			pool_printf(r->op.pool, "%s%sselected=%lld", base, join, (long long)json_int(row, "id")));
	}
	groups(rows, selected);
	if (r->is_api)
		return OK;
	struct json_object *chosen = selected ? card(r, selected) : NULL;
	db_one_int(&r->op, &pending, "SELECT count(*) FROM proposals_seen WHERE state = 'pending'");
	json_set(r->view, "selected", json_object_get(chosen));
	set_has(r->view, "has_selected", chosen != NULL);
	json_set_int(r->view, "pending", pending);
	int64_t decided = in_int(r, "decided", 0, 1, INT64_MAX);
	json_set_text(r->view, "undo_url",
		decided ? pool_printf(r->op.pool, "/proposals/%lld/undo", (long long)decided) : NULL);
	json_set_text(r->view, "title", "Review");
	return OK;
}

enum status proposals_show(struct req *r)
{
	int64_t id = in_id(r, "id");
	struct json_object *data = id ? card(r, id) : NULL;
	if (!data)
		return r->op.fault.status ? r->op.fault.status
					  : fail(&r->op, E_NOT_FOUND, NULL, "there is no such proposal");
	out_data(r, data);
	return OK;
}

/* ---- edit, then approve ---- */
static enum status edit_document(struct req *r, int64_t id, struct json_object *typed)
{
	struct op *op = &r->op;
	struct json_object *from = card(r, id);
	const struct resource *res = from ? resource_find(json_text(from, "resource")) : NULL;
	if (!res)
		return fail(op, E_NOT_FOUND, NULL, "there is no such proposal");
	if (str_eq(json_text(from, "kind"), "merge")) /* its card is the form */
		return reply_see(r, NULL, "/review/%lld", (long long)id);
	struct json_object *data = json_obj(op->pool);
	static const char *const kept[] = {"id", "title", "sha256", "kind_label", "lands_on", "message", "has_message"};
	for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
		json_set(data, kept[i], json_object_get(json_get(from, kept[i])));
	struct json_object *form =
		record_form(op, res, json_int(from, "target_id"), typed ? typed : json_get(from, "change"));
	const char *cancel = pool_printf(op->pool, "/review?selected=%lld", (long long)id);
	json_set_text(data, "cancel_url", cancel);
	json_set_text(form, "action", json_text(from, "approve_url"));
	json_set_text(form, "submit_label", "Countersign with changes");
	json_set(form, "version", NULL);
	json_set_bool(form, "has_version", false);
	static const char *const names[] = {"sha256", "edited"};
	for (size_t i = 0; i < 2; i++) {
		struct json_object *hidden = json_push_obj(json_get(form, "hidden"));
		json_set_text(hidden, "name", names[i]);
		json_set_text(hidden, "value", i ? "1" : json_text(from, "sha256"));
	}
	json_set(data, "form", json_object_get(form));
	out_data(r, data);
	return OK;
}

enum status proposals_edit(struct req *r)
{
	int64_t id = in_id(r, "id");
	return id ? edit_document(r, id, NULL) : r->op.fault.status;
}

static void edit_again(struct req *r)
{
	int64_t id;
	if (str_i64(json_text(r->in, "id"), 1, INT64_MAX, &id))
		edit_document(r, id, r->in);
}

/* ---- deciding ---- */
static enum status decided(struct req *r, int64_t id, const char *flash)
{
	if (!r->is_api)
		return reply_see(r, flash, "/review?decided=%lld", (long long)id);
	struct json_object *data =
		db_object(&r->op, "SELECT id, state, resource, result_id FROM proposals_seen WHERE id = ?", id);
	json_set_text(
		data, "result_url", resource_url(r->op.pool, json_text(data, "resource"), json_int(data, "result_id")));
	json_object_object_del(data, "resource");
	out_data(r, data);
	return OK;
}

/* An edited form's unchecked box is a no, when the proposal says anything about it. Of a merge's form only what is another
 * choice than the proposal's counts as edited. */
static struct json_object *edited_fields(struct req *r, int64_t id)
{
	struct json_object *change = json_get(r->in, "change"),
			   *p = db_object(&r->op,
				   "SELECT kind, resource, target_id, change_json FROM proposals_seen WHERE id = ?",
				   id);
	const struct resource *res = p ? resource_find(json_text(p, "resource")) : NULL;
	bool given = json_object_is_type(change, json_type_object);
	if (!given && !in_bool(r, "edited"))
		return NULL;
	if (res && str_eq(json_text(p, "kind"), "merge"))
		return merge_chosen(&r->op, res, json_int(p, "target_id"),
			json_int(json_get(p, "change_json"), "from_id"), given ? change : r->in);
	if (given)
		return change;
	for (size_t i = 0; res && i < res->nfields; i++)
		if (res->fields[i].type == F_BOOL && !json_get(r->in, res->fields[i].name))
			json_set_bool(r->in, res->fields[i].name, false);
	return r->in;
}

enum status proposals_approve(struct req *r)
{
	int64_t id = in_id(r, "id"), record;
	const char *sha256 = in_text(r, "sha256", 64);
	if (r->op.fault.status)
		return r->op.fault.status;
	if (!sha256)
		return fail(&r->op, E_INPUT, "sha256", "is required: it names what was countersigned");
	struct json_object *edited = edited_fields(r, id);
	if (r->op.fault.status)
		return r->op.fault.status;
	if (edited)
		r->form = edit_again;
	enum status st = approval_approve(&r->op, id, sha256, in_int(r, "version", -1, 0, INT64_MAX), edited, &record);
	return st ? st : decided(r, id, "Countersigned");
}

static void show_again(struct req *r)
{
	int64_t id;
	struct json_object *data = str_i64(json_text(r->in, "id"), 1, INT64_MAX, &id) ? card(r, id) : NULL;
	if (data)
		out_data(r, data);
	json_set_text(r->view, "error", r->op.fault.items ? r->op.fault.items->message : NULL);
}

enum status proposals_dismiss(struct req *r)
{
	int64_t id = in_id(r, "id");
	const char *sha256 = in_text(r, "sha256", 64), *reason = in_text(r, "reason", 500);
	r->form = show_again;
	if (r->op.fault.status)
		return r->op.fault.status;
	if (!sha256)
		return fail(&r->op, E_INPUT, "sha256", "is required: it names what was dismissed");
	enum status st = approval_dismiss(&r->op, id, sha256, reason);
	return st ? st : decided(r, id, "Dismissed");
}

enum status proposals_undo(struct req *r)
{
	int64_t id = in_id(r, "id");
	enum status st = id ? approval_undo(&r->op, id) : r->op.fault.status;
	if (st || r->is_api)
		return st ? st : decided(r, id, NULL);
	return reply_see(r, "Undone; it waits again", "/review?selected=%lld", (long long)id);
}
