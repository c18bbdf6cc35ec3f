/* Owns what all records' pages do alike: the standard tail of their document, forms, create, change, delete, restore.
 * Never knows a noun. Tests: t/60-pages.t */
#include <string.h>

#include "base/clock.h"
#include "base/pool.h"
#include "base/str.h"
#include "core/merge.h"
#include "crm/crm.h"
#include "web/format.h"
#include "base/banned.h"

static const char *url_of(struct req *r, const struct resource *res, int64_t id, const char *below)
{
	return pool_printf(r->op.pool, "/%s/%lld%s", res->name, (long long)id, below);
}

/* Communications and affiliations are listed on the records they belong to; their own address only takes new ones. */
static const char *list_url(struct req *r, const struct resource *res)
{
	if (str_eq(res->name, "affiliations"))
		return "/contacts";
	return str_eq(res->name, "communications") ? "/" : pool_printf(r->op.pool, "/%s", res->name);
}

/* ---- the tail of a record's document ---- */
static void tail_people(struct req *r, const struct resource *res, struct json_object *data)
{
	struct query q;
	query_init(&q, r->op.pool);
	query_add(&q,
		"SELECT r.version, r.created_at, c.name AS created_by_name, r.updated_at, u.name AS updated_by_name,"
		" r.source, r.proposal_id FROM ");
	query_name(&q, res->name);
	query_add(&q,
		"_live r LEFT JOIN users c ON c.id = r.created_by LEFT JOIN users u ON u.id = r.updated_by WHERE r.id "
		"= ?",
		json_int(data, "id"));
	struct json_object *tail = json_at(query_array(&r->op, &q), 0);
	if (!tail)
		return;
	json_object_object_foreach(tail, key, value)
	{
		json_set(data, key, json_object_get(value));
	}
	const char *who = json_text(tail, "created_by_name"), *source = json_text(tail, "source");
	who = who ? who : "nobody known";
	const char *label = str_eq(source, "capture") ? pool_printf(r->op.pool, "captured, countersigned by %s", who)
			    : str_eq(source, "agent")
				    ? pool_printf(r->op.pool, "proposed by an agent, countersigned by %s", who)
			    : str_eq(source, "import") ? pool_printf(r->op.pool, "imported by %s", who)
						       : pool_printf(r->op.pool, "typed by %s", who);
	json_set_text(data, "source_label", label);
	json_set_text(data, "proposal_url", resource_url(r->op.pool, "proposals", json_int(tail, "proposal_id")));
}

/* What waits, and was not put off. One index each, in whose order it stays. */
#define PENDING_SHOWN 10
#define PENDING                                                                                                        \
	"SELECT s.id, s.title, s.kind, s.author_name, s.occurred_at FROM (SELECT id FROM proposal_places WHERE state"  \
	" = 'pending' AND coalesce(snoozed_until, '') <= ? AND "
#define NEWEST                                                                                                         \
	" ORDER BY occurred_at DESC, id DESC LIMIT " LOOKED ") p CROSS JOIN proposals_seen s ON s.id = p.id LIMIT ?"
#define NEWEST_BINDS LOOKED_MAX, PENDING_SHOWN, PENDING_SHOWN

static struct json_object *pending(struct op *op, const char *resource, int64_t id)
{
	char now[INSTANT_SIZE];
	instant_format(op->now, now);
	if (str_eq(resource, "contacts"))
		return db_array(op, PENDING "contact_id = ?" NEWEST, (const char *)now, id, NEWEST_BINDS);
	if (str_eq(resource, "organizations"))
		return db_array(op, PENDING "organization_id = ?" NEWEST, (const char *)now, id, NEWEST_BINDS);
	if (str_eq(resource, "investors"))
		return db_array(op, PENDING "investor_id = ?" NEWEST, (const char *)now, id, NEWEST_BINDS);
	return json_arr(op->pool);
}

static void tail_proposals(struct req *r, const struct resource *res, struct json_object *data)
{
	struct json_object *all = pending(&r->op, res->name, json_int(data, "id"));
	for (size_t i = 0; i < json_len(all); i++) {
		struct json_object *p = json_at(all, i);
		json_set_text(p, "kind_label", proposal_kind_label(json_text(p, "kind")));
		set_url(r->op.pool, p, "/review", json_int(p, "id"));
	}
	json_set(data, "proposals", json_object_get(all));
	set_has(data, "has_proposals", json_len(all) > 0);
}

static void tail_history(struct req *r, const struct resource *res, struct json_object *data)
{
	struct json_object *all = audit_rows(&r->op, res->name, json_int(data, "id"), 10);
	json_set(data, "history", json_object_get(all));
	set_has(data, "has_history", json_len(all) > 0);
	json_set_text(data, "history_url",
		pool_printf(r->op.pool, "/audit?resource=%s&id=%lld", res->name, (long long)json_int(data, "id")));
}

/* Of what lies in the trash everybody may know that it does; who may bring it back is asked there. */
static enum status not_found(struct req *r, const struct resource *res, int64_t id)
{
	struct query q;
	char day[DAY_SIZE];
	int64_t at;
	query_init(&q, r->op.pool);
	query_add(&q, "SELECT t.deleted_at, u.name FROM ");
	query_name(&q, res->name);
	query_add(&q, "_trash t LEFT JOIN users u ON u.id = t.updated_by WHERE t.id = ?", id);
	struct json_object *row = json_at(query_array(&r->op, &q), 0);
	if (!row || !instant_parse(json_text(row, "deleted_at"), &at))
		return fail(&r->op, E_NOT_FOUND, NULL, "there is no such %s", res->singular);
	zone_day(r->zone ? r->zone : "UTC", at, day);
	r->restore_url = url_of(r, res, id, "/restore");
	const char *who = json_text(row, "name");
	return fail(&r->op, E_NOT_FOUND, NULL, "this %s was deleted on %s%s%s", res->singular,
		format_day(r->op.pool, day), who ? " by " : "", who ? who : "");
}

/* A record that was merged into another is found there. Not for good: a merge can be undone. */
static enum status elsewhere(struct req *r, const struct resource *res)
{
	int64_t id = in_id(r, "id"), into = id && res->links ? merge_survivor(&r->op, res->name, id) : 0;
	if (r->op.fault.status)
		return r->op.fault.status;
	if (!into || !*record_label(&r->op, res, into))
		return not_found(r, res, id);
	r->location = pool_printf(r->op.pool, "%s/%s/%lld", r->is_api ? "/api" : "", res->name, (long long)into);
	r->http_status = 303;
	return OK;
}

enum status item_load(struct req *r, const struct resource *res, struct json_object *row)
{
	if (!row)
		return r->op.fault.status ? r->op.fault.status : elsewhere(r, res);
	struct json_object *data = out_data(r, row);
	int64_t id = json_int(data, "id");
	tail_people(r, res, data);
	json_set_text(data, "label", record_label(&r->op, res, id));
	json_set_text(data, "url", url_of(r, res, id, ""));
	json_set_text(data, "log_url", NULL); /* for those that take part in calls and meetings */
	json_set_text(data, "edit_url", url_of(r, res, id, "/edit"));
	json_set_text(data, "merge_url", res->has_merge_page ? url_of(r, res, id, "/merge") : NULL);
	json_set_text(data, "delete_url", url_of(r, res, id, "/delete"));
	tail_proposals(r, res, data);
	if (!r->is_api)
		tail_history(r, res, data);
	r->etag = json_int(data, "version");
	return OK;
}

/* ---- forms ---- */
static void form_document(struct req *r, const struct resource *res, int64_t id, struct json_object *typed)
{
	struct op *op = &r->op;
	struct json_object *data = out_data(r, json_obj(op->pool)), *form = record_form(op, res, id, typed);
	const char *label = id ? record_label(op, res, id) : "";
	json_set(data, "id", id ? json_object_new_int64(id) : NULL);
	json_set_text(data, "label", label);
	json_set_bool(data, "is_new", !id);
	json_set_text(data, "title",
		id               ? pool_printf(op->pool, "Edit %s", label)
		: res->new_title ? res->new_title
				 : pool_printf(op->pool, "New %s", res->singular));
	json_set_text(r->view, "title", json_text(data, "title"));
	json_set_text(data, "cancel_url", id ? url_of(r, res, id, "") : list_url(r, res));
	json_set_text(form, "action", id ? url_of(r, res, id, "") : pool_printf(op->pool, "/%s", res->name));
	json_set_text(form, "submit_label",
		id || res->new_title ? "Save" : pool_printf(op->pool, "Create %s", res->singular));
	json_set(data, "form", json_object_get(form));
}

enum status item_form(struct req *r, const struct resource *res, int64_t id, struct json_object *preset)
{
	if (id && !*record_label(&r->op, res, id))
		return not_found(r, res, id);
	form_document(r, res, id, preset);
	return OK;
}

struct json_object *item_preset(struct req *r, const char *const *names)
{
	struct json_object *preset = json_obj(r->op.pool);
	for (; *names; names++) {
		int64_t id = in_int(r, *names, 0, 1, INT64_MAX);
		if (id)
			json_set_int(preset, *names, id);
	}
	return preset;
}

void item_form_again(struct req *r, const struct resource *res, int64_t id)
{
	form_document(r, res, id, r->in);
}

const struct resource *item_resource(struct req *r)
{
	const char *name = r->path + (str_starts(r->path, "/api/") ? 5 : 1);
	return resource_find(pool_strndup(r->op.pool, name, strcspn(name, "/")));
}

static void form_again(struct req *r)
{
	int64_t id;
	const char *text = json_text(r->in, "id");
	item_form_again(r, item_resource(r), text && str_i64(text, 1, INT64_MAX, &id) ? id : 0);
}

/* ---- writing ---- */
/* A page's unchecked boxes send nothing: absent means no. The API's absent fields are left alone. */
static void boxes(struct req *r, const struct resource *res)
{
	for (size_t i = 0; i < res->nfields && !r->is_api; i++)
		if (res->fields[i].type == F_BOOL && !(res->fields[i].flags & FIELD_HIDDEN) &&
			!json_get(r->in, res->fields[i].name))
			json_set_bool(r->in, res->fields[i].name, false);
}

static enum status proposed(struct req *r, int64_t proposal)
{
	if (!r->is_api)
		return reply_see(r, "Proposed; a person will decide", "/review/%lld", (long long)proposal);
	struct json_object *data = out_data(r, json_obj(r->op.pool));
	json_set_int(data, "proposal_id", proposal);
	json_set_text(data, "proposal_url", resource_url(r->op.pool, "proposals", proposal));
	r->http_status = 202;
	return OK;
}

/* What takes back what this request did to a record. */
static const char *undo_of(
	struct req *r, const struct resource *res, int64_t id, struct json_object *row, bool was_there)
{
	if (!was_there)
		return url_of(r, res, id, "/delete");
	if (!record_replaced(&r->op, res, id, true))
		return NULL;
	return url_of(r, res, id, pool_printf(r->op.pool, "/revert/%lld", (long long)json_int(row, "version")));
}

static enum status written(struct req *r, const struct resource *res, int64_t id, const char *what, bool was_there)
{
	struct json_object *row = record_fields(&r->op, res, id);
	if (!r->is_api) {
		r->undo_url = undo_of(r, res, id, row, was_there);
		return reply_see(r, pool_printf(r->op.pool, "%s %s", res->title, what), "%s", url_of(r, res, id, ""));
	}
	json_set_int(row, "id", id);
	out_data(r, row);
	r->etag = json_int(row, "version");
	return OK;
}

static enum status write(struct req *r, const struct resource *res, int64_t id, const char *what)
{
	struct write how = {.if_version = r->is_api ? r->if_match : in_int(r, "version", -1, 0, INT64_MAX)};
	int64_t record, proposal;
	r->form = form_again;
	boxes(r, res);
	enum status st = record_write(&r->op, res, id, r->in, &how, &record, &proposal);
	if (st)
		return st;
	return proposal ? proposed(r, proposal) : written(r, res, record, what, id != 0);
}

enum status item_create(struct req *r, const struct resource *res)
{
	enum status st = write(r, res, 0, "created");
	if (!st && r->is_api && r->http_status != 202)
		r->location = pool_printf(
			r->op.pool, "/api/%s/%lld", res->name, (long long)json_int(json_get(r->out, "data"), "id"));
	return st;
}

enum status item_update(struct req *r, const struct resource *res)
{
	int64_t id = in_id(r, "id");
	return id ? write(r, res, id, "saved") : r->op.fault.status;
}

/* Where the new record was made, or the list: its own page is gone. */
static const char *after_delete(struct req *r, const struct resource *res, int64_t id)
{
	const char *list = list_url(r, res), *own = url_of(r, res, id, ""), *next = in_next(r, list);
	size_t n = strlen(own);
	return str_starts(next, own) && !(next[n] >= '0' && next[n] <= '9') ? list : next;
}

enum status item_delete(struct req *r, const struct resource *res)
{
	int64_t id = in_id(r, "id");
	enum status st = id ? record_delete(&r->op, res, id, r->is_api ? r->if_match : -1) : r->op.fault.status;
	if (st || r->is_api)
		return st;
	r->undo_url = url_of(r, res, id, "/restore");
	return reply_see(r, pool_printf(r->op.pool, "%s deleted", res->title), "%s", after_delete(r, res, id));
}

enum status item_restore(struct req *r, const struct resource *res)
{
	int64_t id = in_id(r, "id");
	enum status st = id ? record_restore(&r->op, res, id) : r->op.fault.status;
	return st ? st : written(r, res, id, "restored", false);
}

/* One handler for all records: /contacts/12/revert/5 takes back what made the fifth version. */
enum status records_revert(struct req *r)
{
	const struct resource *res = item_resource(r);
	int64_t id = in_id(r, "id"), version = in_id(r, "version"), record, proposal;
	enum status st = id && version ? record_revert(&r->op, res, id, version, &record, &proposal) : E_NOT_FOUND;
	if (!st)
		st = proposal ? proposed(r, proposal) : written(r, res, record, "put back", true);
	if (!st && !proposal && !r->is_api)
		r->location = in_next(r, r->location);
	return st;
}

/* ---- child rows ---- */
static enum status child_run(
	struct op *op, struct query *q, const char *parent, const char *column, int64_t id, const char *value)
{
	query_add(q, " WHERE ");
	query_name(q, parent);
	query_add(q, " = ? AND ", id);
	query_name(q, column);
	query_add(q, " = ? AND deleted_at IS NULL", value);
	return query_run(op, q);
}

static enum status child_remove(
	struct op *op, const char *table, const char *parent, const char *column, int64_t id, const char *value)
{
	struct query q;
	query_init(&q, op->pool);
	query_add(&q, "UPDATE ");
	query_name(&q, table);
	query_add(&q, " SET deleted_at = ctx_now()");
	return child_run(op, &q, parent, column, id, value);
}

static enum status child_place(struct op *op, const char *table, const char *parent, const char *column, int64_t id,
	const char *value, int position)
{
	struct query q;
	query_init(&q, op->pool);
	query_add(&q, "UPDATE ");
	query_name(&q, table);
	query_add(&q, " SET position = ?", position);
	enum status st = child_run(op, &q, parent, column, id, value);
	if (st || db_changes(op))
		return st;
	query_init(&q, op->pool);
	query_add(&q, "INSERT INTO ");
	query_name(&q, table);
	query_add(&q, " (");
	query_name(&q, parent);
	query_add(&q, ", ");
	query_name(&q, column);
	query_add(&q, ", position) VALUES (?, ?, ?)", id, value, position);
	return query_run(op, &q);
}

static bool list_holds(struct json_object *list, const char *value)
{
	for (size_t i = 0; i < json_len(list); i++)
		if (str_eq(json_object_get_string(json_at(list, i)), value))
			return true;
	return false;
}

enum status children_write(
	struct op *op, const char *table, const char *parent, const char *column, int64_t id, struct json_object *list)
{
	struct json_object *old = children_read(op, table, parent, column, id);
	enum status st = OK;
	for (size_t i = 0; i < json_len(old) && !st; i++) {
		const char *value = json_object_get_string(json_at(old, i));
		if (!list_holds(list, value))
			st = child_remove(op, table, parent, column, id, value);
	}
	for (size_t i = 0; i < json_len(list) && !st; i++)
		st = child_place(op, table, parent, column, id, json_object_get_string(json_at(list, i)), (int)i);
	return st;
}

struct json_object *children_read(struct op *op, const char *table, const char *parent, const char *column, int64_t id)
{
	struct query q;
	query_init(&q, op->pool);
	query_add(&q, "SELECT ");
	query_name(&q, column);
	query_add(&q, " FROM ");
	query_name(&q, table);
	query_add(&q, "_live WHERE ");
	query_name(&q, parent);
	query_add(&q, " = ? ORDER BY position", id);
	struct json_object *list = json_arr(op->pool);
	for (struct stmt *s = query_start(op, &q); db_row(s);)
		json_push_text(list, db_text(s, 0));
	return list;
}
