/* One proposal as a card: what it would change on what, from where, and what can be done about it. Never decides.
 *
 * review/show  data: the row's names (proposals.c) and
 *              lands_on    {label, url (null for a new record), is_new, resource_singular ("contact")}
 *              change      the exact change, JSON
 *              fields      [field]: what approval will do
 *              evidence    {excerpt (text or null), messages (count), has_excerpt}
 *              merge       both sides of a merge (merges.c), else null
 *              is_restricted       not everybody reads the mail behind it
 *              is_target_changed   the record holds something else now, in these fields, than when this was proposed; then
 *              basis_fields        [field] as the record was then ([] otherwise), and
 *              record_version      which version the card shows: goes along with the approval (null otherwise)
 *              can_decide  pending, and the reader is a person who may
 *              approve_url, edit_url, dismiss_url, snooze_url   (POST, GET, POST, POST; approve and dismiss need sha256)
 *              same_as_url GET: whom a new person might be; null for what is not one
 *              undo_url    POST here takes back a decision of the last 24 hours, or brings back what was put off or expired;
 *                          or null   undo_label
 *              decided_fields  [field]: what was applied instead, [] when nothing
 *              result_id, result_url  the record that came of it, or null
 *              message     null or message (shapes.h)   has_message   more_messages (how many others are evidence)
 *              field = {name, label, old (text or null), new (text), has_old, has_new, is_same (nothing changes), is_long, is_list,
 *                       entries [{text, is_added, is_removed}] of a list, old and new together}
 * Tests: t/50-review.t, t/50-review-queue.t */
#include "crm/review.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/pool.h"
#include "base/str.h"
#include "core/approval.h"
#include "core/value.h"
#include "web/format.h"
#include "base/banned.h"

void proposal_labels(struct req *r, struct json_object *row)
{
	int64_t until;
	const char *snoozed = json_text(row, "snoozed_until");
	bool pending = str_eq(json_text(row, "state"), "pending");
	bool later = pending && snoozed && instant_parse(snoozed, &until) && until > r->op.now;
	json_set_text(row, "kind_label", proposal_kind_label(json_text(row, "kind")));
	json_set_text(row, "state_label", later ? "Put off" : state_label(json_text(row, "state")));
	json_set_bool(row, "is_pending", pending);
	json_set_bool(row, "is_snoozed", later);
	json_set_text(row, "show_url", resource_url(r->op.pool, "proposals", json_int(row, "id")));
}

/* ---- values as a person reads them ---- */
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
	if (f->type == F_DAY)
		return format_day(op->pool, s);
	if (f->type == F_INSTANT && strlen(s) == 16)
		return pool_printf(op->pool, "%s, %s", format_day(op->pool, pool_strndup(op->pool, s, 10)), s + 11);
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

static bool has_line(char **lines, const char *line)
{
	for (; *lines; lines++)
		if (str_eq(*lines, line))
			return true;
	return false;
}

static void entry(struct json_object *list, const char *text, bool added, bool removed)
{
	struct json_object *o = json_push_obj(list);
	json_set_text(o, "text", text);
	json_set_bool(o, "is_added", added);
	json_set_bool(o, "is_removed", removed);
}

/* A list is read entry by entry: what goes, then what stays or comes in its new order. */
static void entries(struct pool *p, struct json_object *o, const char *old, const char *new)
{
	size_t n, m;
	char **was = str_split(p, old, "\n", &n), **will = str_split(p, new, "\n", &m);
	struct json_object *list = json_add_arr(o, "entries");
	for (size_t i = 0; i < n; i++)
		if (!has_line(will, was[i]))
			entry(list, was[i], false, true);
	for (size_t i = 0; i < m; i++)
		entry(list, will[i], !has_line(was, will[i]), false);
}

struct json_object *proposal_fields(
	struct op *op, const struct resource *res, struct json_object *change, struct json_object *row)
{
	struct json_object *list = json_arr(op->pool);
	for (size_t i = 0; res && i < res->nfields; i++) {
		const struct field *f = &res->fields[i];
		struct json_object *v;
		if (!json_object_object_get_ex(change, f->name, &v) || (f->flags & FIELD_HIDDEN))
			continue;
		const char *old = row ? field_shown(op, f, json_get(row, f->name)) : "", *new = field_shown(op, f, v);
		bool is_list = f->type == F_IDS || f->type == F_LIST || f->type == F_EMAILS;
		struct json_object *o = json_push_obj(list);
		json_set_text(o, "name", f->name);
		json_set_text(o, "label", f->label);
		json_set_text(o, "old", *old ? old : NULL);
		json_set_bool(o, "has_old", *old);
		json_set_text(o, "new", new);
		set_has(o, "has_new", *new);
		json_set_bool(o, "is_same", row && str_eq(old, new));
		json_set_bool(o, "is_long", f->type == F_LONG || is_list);
		json_set_bool(o, "is_list", is_list);
		entries(op->pool, o, is_list ? old : "", is_list ? new : "");
	}
	return list;
}

/* ---- the parts of a card ---- */
static void lands_on(struct req *r, struct json_object *data, const struct resource *res, int64_t target)
{
	struct json_object *o = json_add_obj(data, "lands_on");
	const char *label = res && target ? record_label(&r->op, res, target) : json_text(data, "group");
	json_set_text(o, "label", label);
	json_set_text(o, "url", target ? resource_url(r->op.pool, res ? res->name : NULL, target) : NULL);
	json_set_bool(o, "is_new", !target);
	json_set_text(o, "resource_singular", res ? res->singular : json_text(data, "resource"));
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

/* A decision for a day; null when there is nothing to undo, or not by the reader. */
static const char *undo_url(struct req *r, struct json_object *p)
{
	int64_t at;
	const char *decided = json_text(p, "decided_at");
	bool late = !decided || !instant_parse(decided, &at) || r->op.now - at > 86400;
	bool waits = json_true(p, "is_snoozed") ||
		     (str_eq(json_text(p, "state"), "expired") && json_object_object_length(json_get(p, "change")));
	if (!actor_may_sign(&r->op.actor) || (late && !waits))
		return NULL;
	return pool_printf(r->op.pool, "/proposals/%lld/undo", (long long)json_int(p, "id"));
}

static void decision(struct req *r, struct json_object *data, const struct resource *res, struct json_object *row)
{
	static const char *const verbs[] = {"approve", "edit", "dismiss", "snooze"};
	static const char *const keys[] = {"approve_url", "edit_url", "dismiss_url", "snooze_url"};
	struct pool *p = r->op.pool;
	long long id = json_int(data, "id");
	int64_t result = json_int(row, "result_id");
	struct json_object *decided = json_get(row, "decided_change_json"), *before = json_get(row, "before_json");
	bool pending = json_true(data, "is_pending"),
	     is_person = str_eq(json_text(data, "resource"), "contacts") && !json_int(data, "target_id");
	json_set(data, "decided_fields",
		json_object_get(decided ? proposal_fields(&r->op, res, decided, before) : json_arr(p)));
	set_has(data, "has_decided_fields", decided != NULL);
	json_set(data, "result_id", result ? json_object_new_int64(result) : NULL);
	json_set_text(data, "result_url", resource_url(p, res ? res->name : NULL, result));
	json_set_bool(data, "can_decide", pending && actor_may_sign(&r->op.actor));
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		json_set_text(data, keys[i], pool_printf(p, "/review/%lld/%s", id, verbs[i]));
	json_set_text(data, "same_as_url", pending && is_person ? pool_printf(p, "/review/%lld/same-as", id) : NULL);
	json_set_text(data, "undo_url", undo_url(r, data));
	json_set_text(data, "undo_label",
		json_true(data, "is_snoozed")                 ? "Bring it back now"
		: str_eq(json_text(data, "state"), "expired") ? "Bring it back"
							      : "Undo");
}

/* What waits is compared with the record as it is, what was decided with the record as it was. */
static void fields(struct req *r, struct json_object *data, const struct resource *res, struct json_object *row)
{
	struct op *op = &r->op;
	int64_t target = json_int(data, "target_id");
	struct json_object *change = json_get(row, "change_json"), *basis = json_get(row, "basis_json"), *now = NULL;
	bool pending = json_true(data, "is_pending");
	if (res && target && pending)
		now = record_fields(op, res, target);
	bool changed = now && approval_is_overtaken(basis, now);
	json_set(data, "change", json_object_get(change));
	json_set(data, "fields",
		json_object_get(proposal_fields(op, res, change, pending ? now : json_get(row, "before_json"))));
	json_set_bool(data, "is_target_changed", changed);
	json_set(data, "basis_fields",
		json_object_get(changed ? proposal_fields(op, res, basis, NULL) : json_arr(op->pool)));
	json_set(data, "record_version", changed ? json_object_new_int64(json_int(now, "version")) : NULL);
}

struct json_object *proposal_card(struct req *r, int64_t id, bool with_mail)
{
	struct op *op = &r->op;
	struct json_object *data = db_object(op, "SELECT " PROPOSAL_COLUMNS PROPOSAL_TABLES " WHERE p.id = ?", id);
	struct json_object *row = db_object(op,
		"SELECT change_json, basis_json, evidence_json, decided_change_json, before_json, result_id,"
		" coalesce((SELECT t.audience > 0 FROM threads_seen t WHERE t.id = p.thread_id), 0) AS is_restricted"
		" FROM proposals_seen p WHERE id = ?",
		id);
	if (!data || !row)
		return NULL;
	const struct resource *res = resource_find(json_text(data, "resource"));
	proposal_labels(r, data);
	json_set_text(data, "url", json_text(data, "show_url"));
	lands_on(r, data, res, json_int(data, "target_id"));
	fields(r, data, res, row);
	bool merge = res && str_eq(json_text(data, "kind"), "merge");
	json_set(
		data, "merge", merge ? json_object_get(merge_card(op, res, data, json_get(row, "change_json"))) : NULL);
	evidence(data, json_get(row, "evidence_json"));
	json_set_bool(data, "is_restricted", json_true(row, "is_restricted"));
	decision(r, data, res, row);
	int64_t message = with_mail ? json_int(data, "message_id") : 0;
	struct json_object *mail = message ? message_document(op, message) : NULL;
	json_set(data, "message", json_object_get(mail));
	set_has(data, "has_message", mail != NULL);
	return data;
}

/* ---- the way back ---- */
const char *review_from(struct req *r)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%=&+";
	const char *from = in_text(r, "from", 2000);
	return from && from[strspn(from, allowed)] == '\0' ? from : "";
}

/* Monday, or in a week when this is one. */
static const char *next_week(struct req *r)
{
	int today = zone_weekday(r->zone ? r->zone : "UTC", r->op.now);
	return day_after(r, today == 0 ? 1 : 8 - today);
}

void review_view(struct req *r, const char *from, int64_t then)
{
	json_set_text(r->view, "tomorrow", day_after(r, 1));
	json_set_text(r->view, "next_week", next_week(r));
	json_set_text(r->view, "from", from);
	json_set_int(r->view, "then", then);
	struct buf *way = buf_new(r->op.pool, 8192);
	buf_printf(way, "then=%lld&from=", (long long)then);
	buf_url(way, from, strlen(from));
	json_set_text(r->view, "way", way->data);
	json_set_text(r->view, "queue_url", pool_printf(r->op.pool, "/review%s%s", *from ? "?" : "", from));
}

enum status proposals_show(struct req *r)
{
	int64_t id = in_id(r, "id");
	struct json_object *data = id ? proposal_card(r, id, true) : NULL;
	if (!data)
		return r->op.fault.status ? r->op.fault.status
					  : fail(&r->op, E_NOT_FOUND, NULL, "there is no such proposal");
	out_data(r, data);
	review_view(r, review_from(r), in_int(r, "then", 0, 0, INT64_MAX));
	return OK;
}
