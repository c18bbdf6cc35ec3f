/* Owns the one write path. Never decides which fields a resource has, nor who may ask. Tests: t/unit/core_record.c */
#include "core/record.h"

#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/pool.h"
#include "base/str.h"
#include "core/audit.h"
#include "core/proposal.h"
#include "core/value.h"
#include "db/db.h"
#include "base/banned.h"

const struct resource *resource_find(const char *name)
{
	for (const struct resource *const *r = resources; *r; r++)
		if (str_eq((*r)->name, name))
			return *r;
	return NULL;
}

const struct field *field_find(const struct resource *res, const char *name)
{
	for (size_t i = 0; i < res->nfields; i++)
		if (str_eq(res->fields[i].name, name))
			return &res->fields[i];
	return NULL;
}

const char *record_label(struct op *op, const struct resource *res, int64_t id)
{
	const char *label = db_one_text_(op, res->label_sql, BINDS(id));
	return label ? label : "";
}

void record_labels(struct op *op, const struct resource *res, struct json_object *labels)
{
	struct json_object *ids = json_arr(op->pool);
	size_t n;
	json_object_object_foreach(labels, id, none)
	{
		int64_t number;
		if (!none && str_i64(id, 1, INT64_MAX, &number))
			json_push_int(ids, number);
	}
	if (!json_len(ids))
		return;
	for (struct stmt *q = db_query_(op, res->labels_sql, BINDS(json_bytes(op->pool, ids, &n))); db_row(q);)
		json_set_text(labels, pool_printf(op->pool, "%lld", (long long)db_int(q, 0)), db_text(q, 1));
}

/* ---- reading ---- */
static void live_view(struct query *q, const struct resource *res)
{
	query_name(q, res->name);
	query_add(q, "_live");
}

struct json_object *record_fields(struct op *op, const struct resource *res, int64_t id)
{
	struct query q;
	query_init(&q, op->pool);
	query_add(&q, "SELECT version");
	for (size_t i = 0; i < res->nfields; i++) {
		if (res->fields[i].flags & FIELD_OWN_TABLE)
			continue;
		query_add(&q, ", ");
		query_name(&q, res->fields[i].name);
	}
	query_add(&q, " FROM ");
	live_view(&q, res);
	query_add(&q, " WHERE id = ?", id);
	struct json_object *rows = query_array(op, &q), *row = json_at(rows, 0);
	for (size_t i = 0; row && i < res->nfields; i++)
		if (res->fields[i].flags & FIELD_OWN_TABLE)
			json_set(row, res->fields[i].name, json_object_get(res->read_list(op, id, &res->fields[i])));
	return row;
}

struct json_object *record_fields_of(struct op *op, const struct resource *res, int64_t id, struct json_object *change)
{
	struct json_object *now = record_fields(op, res, id), *some = json_obj(op->pool);
	for (size_t i = 0; now && i < res->nfields; i++)
		if (json_object_object_get_ex(change, res->fields[i].name, NULL))
			json_set(some, res->fields[i].name, json_object_get(json_get(now, res->fields[i].name)));
	return some;
}

/* ---- checking ---- */
struct json_object *record_validate(
	struct op *op, const struct resource *res, struct json_object *changes, bool partial)
{
	struct json_object *typed = json_obj(op->pool);
	bool good = true;
	for (size_t i = 0; i < res->nfields; i++) {
		const struct field *f = &res->fields[i];
		struct json_object *in = NULL, *v = NULL;
		bool given = json_object_object_get_ex(changes, f->name, &in);
		if (given && !value_parse(op, f, in, &v)) {
			good = false;
			continue;
		}
		/* A choice that is left out has the column's default. */
		if ((f->flags & FIELD_REQUIRED) && value_is_empty(v) && (given || (!partial && f->type != F_CHOICE))) {
			fail(op, E_INPUT, f->name, "is required");
			good = false;
		}
		if (given)
			json_set(typed, f->name, v);
	}
	return good ? typed : NULL;
}

/* The row as it will be. */
static struct json_object *overlaid(struct op *op, struct json_object *row, struct json_object *typed)
{
	struct json_object *all = json_obj(op->pool);
	if (row) {
		json_object_object_foreach(row, key, value)
		{
			json_set(all, key, json_object_get(value));
		}
	}
	json_object_object_foreach(typed, name, change)
	{
		json_set(all, name, json_object_get(change));
	}
	return all;
}

static bool differs(struct json_object *row, struct json_object *typed, const struct field *f)
{
	struct json_object *v;
	if (!json_object_object_get_ex(typed, f->name, &v))
		return false;
	struct json_object *old = row ? json_get(row, f->name) : NULL;
	return !(value_is_empty(old) && value_is_empty(v)) && !json_object_equal(old, v);
}

/* ---- writing ---- */
static struct bind bind_json(struct json_object *v)
{
	switch (json_object_get_type(v)) {
	case json_type_null:
		return bind_null(SQL_NULL);
	case json_type_boolean:
		return bind_i64(json_object_get_boolean(v));
	case json_type_int:
		return bind_i64(json_object_get_int64(v));
	default:
		return bind_text(json_object_get_string(v));
	}
}

/* A column that has a default is left to it when nothing was given for a new row. */
static bool is_column_of(const struct field *f, struct json_object *row, struct json_object *typed, bool is_new)
{
	if (f->flags & FIELD_OWN_TABLE)
		return false;
	return is_new ? json_get(typed, f->name) != NULL : differs(row, typed, f);
}

static enum status insert(struct op *op, const struct resource *res, struct json_object *typed, const struct write *how)
{
	struct query q;
	query_init(&q, op->pool);
	query_add(&q, "INSERT INTO ");
	query_name(&q, res->name);
	query_add(&q, " (source, proposal_id, created_by, updated_by");
	size_t n = 0;
	for (size_t i = 0; i < res->nfields; i++) {
		if (!is_column_of(&res->fields[i], NULL, typed, true))
			continue;
		query_add(&q, ", ");
		query_name(&q, res->fields[i].name);
		n++;
	}
	query_add(&q, ") VALUES (?, nullif(?, 0), ?, ?", how->source ? how->source : "user", how->proposal_id,
		op->actor.user_id, op->actor.user_id);
	while (n--)
		query_add(&q, ", ?");
	query_add(&q, ")");
	for (size_t i = 0; i < res->nfields; i++)
		if (is_column_of(&res->fields[i], NULL, typed, true))
			query_bind(&q, bind_json(json_get(typed, res->fields[i].name)));
	return query_run(op, &q);
}

static enum status update(
	struct op *op, const struct resource *res, int64_t id, struct json_object *row, struct json_object *typed)
{
	struct query q;
	query_init(&q, op->pool);
	query_add(&q, "UPDATE ");
	query_name(&q, res->name);
	query_add(&q, " SET updated_at = ctx_now(), updated_by = ?, version = version + 1", op->actor.user_id);
	for (size_t i = 0; i < res->nfields; i++) {
		const struct field *f = &res->fields[i];
		if (!is_column_of(f, row, typed, false))
			continue;
		query_add(&q, ", ");
		query_name(&q, f->name);
		query_add(&q, " = ?");
		query_bind(&q, bind_json(json_get(typed, f->name)));
	}
	query_add(&q, " WHERE id = ? AND version = ?", id, json_int(row, "version"));
	return query_run(op, &q);
}

/* Child rows have no audit triggers of their own: their lists, old and new, are one event. New is what is there now, for
 * one list may have added to another. */
static enum status lists_audit(struct op *op, const struct resource *res, int64_t id, struct json_object *row)
{
	struct json_object *changes = json_obj(op->pool);
	for (size_t i = 0; i < res->nfields; i++) {
		const struct field *f = &res->fields[i];
		struct json_object *old = row ? json_get(row, f->name) : NULL, *now;
		if (!(f->flags & FIELD_OWN_TABLE))
			continue;
		now = res->read_list(op, id, f);
		if (json_object_equal(old, now) || (value_is_empty(old) && value_is_empty(now)))
			continue;
		struct json_object *pair = json_add_arr(changes, f->name);
		json_object_array_add(pair, json_object_get(old));
		json_object_array_add(pair, json_object_get(now));
	}
	return json_object_object_length(changes) ? audit_event(op, "update", res->name, id, changes) : OK;
}

static enum status lists_write(
	struct op *op, const struct resource *res, int64_t id, struct json_object *row, struct json_object *typed)
{
	enum status st = OK;
	bool any = false;
	for (size_t i = 0; i < res->nfields && !st; i++) {
		const struct field *f = &res->fields[i];
		if (!(f->flags & FIELD_OWN_TABLE) || !differs(row, typed, f))
			continue;
		any = true;
		st = res->write_list(op, id, f, json_get(typed, f->name));
	}
	return st || !any ? st : lists_audit(op, res, id, row);
}

static enum status stale(struct op *op, struct json_object *row)
{
	fail(op, E_STALE, NULL, "somebody changed this meanwhile");
	op->fault.detail = row;
	return E_STALE;
}

static enum status settled(struct op *op, const struct resource *res, int64_t id)
{
	return res->settle ? res->settle(op, id) : OK;
}

static enum status apply(struct op *op, const struct resource *res, int64_t id, struct json_object *changes,
	const struct write *how, int64_t *id_out)
{
	struct json_object *row = NULL;
	if (id && !(row = record_fields(op, res, id)))
		return op->fault.status ? op->fault.status
					: fail(op, E_NOT_FOUND, NULL, "there is no such %s", res->singular);
	if (row && how->if_version >= 0 && json_int(row, "version") != how->if_version)
		return stale(op, row);
	struct json_object *typed = record_validate(op, res, changes, id != 0);
	if (!typed)
		return op->fault.status;
	enum status st = res->check ? res->check(op, id, overlaid(op, row, typed)) : OK;
	if (st)
		return st;
	bool changed = !id;
	for (size_t i = 0; i < res->nfields; i++)
		changed |= differs(row, typed, &res->fields[i]);
	*id_out = id;
	if (!changed)
		return OK;
	st = id ? update(op, res, id, row, typed) : insert(op, res, typed, how);
	if (!st && !id)
		*id_out = db_last_id(op);
	st = st ? st : lists_write(op, res, *id_out, row, typed);
	return st ? st : settled(op, res, *id_out);
}

/* ---- proposing ---- */
/* What a new record will be called, as far as its first field says. */
static const char *first_label(struct op *op, const struct resource *res, struct json_object *typed)
{
	const struct field *f = &res->fields[0];
	const struct resource *named = f->type == F_REF ? resource_find(f->ref) : NULL;
	return named ? record_label(op, named, json_int(typed, f->name)) : json_text(typed, f->name);
}

static enum status propose(struct op *op, const struct resource *res, int64_t id, struct json_object *changes,
	const struct write *how, int64_t *proposal_out)
{
	if (op->actor.kind == ACTOR_NONE)
		return fail(op, E_AUTH, NULL, "log in first");
	if (id && !record_fields(op, res, id))
		return fail(op, E_NOT_FOUND, NULL, "there is no such %s", res->singular);
	struct json_object *typed = record_validate(op, res, changes, id != 0);
	if (!typed)
		return op->fault.status;
	if (how->proposal) {
		struct proposal p = *how->proposal;
		p.change = typed;
		p.basis = id ? record_fields_of(op, res, id, typed) : NULL;
		return proposal_put(op, &p, proposal_out);
	}
	size_t n;
	const char *label = id ? record_label(op, res, id) : first_label(op, res, typed);
	const char *bytes = json_bytes(op->pool, typed, &n);
	const char *key = pool_printf(op->pool, "%s/%s/%lld/%lld/%s", op->actor.username, res->name, (long long)id,
		(long long)op->now, sha256_str(op->pool, bytes, n));
	struct proposal p = {
		.kind = !id && res->proposal_kind ? res->proposal_kind : "record",
		.resource = res->name,
		.target_id = id,
		.title = pool_printf(op->pool, id ? "Change %s %s" : "New %s %s", res->singular, label ? label : ""),
		.change = typed,
		.basis = id ? record_fields_of(op, res, id, typed) : NULL,
		.investor_id = str_eq(res->name, "investors") ? id : json_int(typed, "investor_id"),
		.organization_id = str_eq(res->name, "organizations") ? id : json_int(typed, "organization_id"),
		.contact_id = str_eq(res->name, "contacts") ? id : json_int(typed, "contact_id"),
		.key = key,
	};
	return proposal_put(op, &p, proposal_out);
}

enum status record_write(struct op *op, const struct resource *res, int64_t id, struct json_object *changes,
	const struct write *how, int64_t *id_out, int64_t *proposal_out)
{
	static const struct write plain = {.if_version = -1};
	if (!how)
		how = &plain;
	*id_out = 0;
	*proposal_out = 0;
	if (op->actor.kind == ACTOR_HUMAN)
		return apply(op, res, id, changes, how, id_out);
	return propose(op, res, id, changes, how, proposal_out);
}

/* ---- leaving and returning ---- */
static enum status only_people(struct op *op)
{
	if (op->actor.kind == ACTOR_HUMAN)
		return OK;
	return fail(op, E_FORBIDDEN, NULL, "only a person deletes or restores");
}

enum status record_delete(struct op *op, const struct resource *res, int64_t id, int64_t if_version)
{
	enum status st = only_people(op);
	if (st)
		return st;
	struct json_object *row = record_fields(op, res, id);
	if (!row)
		return fail(op, E_NOT_FOUND, NULL, "there is no such %s", res->singular);
	if (if_version >= 0 && json_int(row, "version") != if_version)
		return stale(op, row);
	struct query q;
	query_init(&q, op->pool);
	query_add(&q, "UPDATE ");
	query_name(&q, res->name);
	query_add(&q,
		" SET deleted_at = ctx_now(), updated_at = ctx_now(), updated_by = ?, version = version + 1 WHERE id = "
		"?",
		op->actor.user_id, id);
	st = query_run(op, &q);
	return st ? st : settled(op, res, id);
}

enum status record_restore(struct op *op, const struct resource *res, int64_t id)
{
	enum status st = only_people(op);
	if (st)
		return st;
	struct query q;
	query_init(&q, op->pool);
	query_add(&q, "UPDATE ");
	query_name(&q, res->name);
	query_add(&q,
		" SET deleted_at = NULL, updated_at = ctx_now(), updated_by = ?, version = version + 1"
		" WHERE id = ? AND deleted_at IS NOT NULL",
		op->actor.user_id, id);
	st = query_run(op, &q);
	if (!st && db_changes(op) == 0)
		return fail(op, E_NOT_FOUND, NULL, "there is no deleted %s with this number", res->singular);
	return st ? st : settled(op, res, id);
}
