/* Owns making one record of two, and two of one again (merge.h). Never finds duplicates: capture/duplicates.c does; never
 * decides: approval.c lets a person do that. Tests: t/unit/core_merge.c, t/50-merge.t */
#include "core/merge.h"

#include <string.h>

#include "base/pool.h"
#include "base/str.h"
#include "core/audit.h"
#include "core/value.h"
#include "db/db.h"
#include "base/banned.h"

int64_t merge_survivor(struct op *op, const char *resource, int64_t id)
{
	/* An end is live, or it would have been merged itself: a chain has no loop. */
	int64_t into = 0;
	db_one_int(op, &into,
		"WITH RECURSIVE chain (id, step) AS (SELECT survivor_id, 1 FROM merges"
		" WHERE resource = ?1 AND loser_id = ?2 AND undone_at IS NULL"
		" UNION ALL SELECT m.survivor_id, step + 1 FROM chain c JOIN merges m"
		" ON m.resource = ?1 AND m.loser_id = c.id AND m.undone_at IS NULL WHERE step < 100)"
		" SELECT id FROM chain ORDER BY step DESC LIMIT 1",
		resource, id);
	return into;
}

/* ---- values ---- */
static struct json_object *both_texts(struct op *op, struct json_object *into, struct json_object *from)
{
	const char *a = json_object_get_string(into), *b = json_object_get_string(from);
	if (strstr(a, b))
		return into;
	const char *all = strstr(b, a) ? b : pool_printf(op->pool, "%s\n\n%s", a, b);
	return json_tie(op->pool, json_object_new_string(all));
}

struct json_object *merge_values(
	struct op *op, const struct resource *res, struct json_object *into, struct json_object *from)
{
	struct json_object *all = json_obj(op->pool);
	for (size_t i = 0; i < res->nfields; i++) {
		const struct field *f = &res->fields[i];
		struct json_object *a = json_get(into, f->name), *b = json_get(from, f->name), *v;
		if (json_object_is_type(a, json_type_array))
			v = value_join(op, a, b);
		else if (value_is_empty(a) || (f->flags & FIELD_LASTING && json_object_get_boolean(b)))
			v = b;
		else
			v = f->type == F_LONG && !value_is_empty(b) ? both_texts(op, a, b) : a;
		json_set(all, f->name, json_object_get(v));
	}
	return all;
}

/* ---- links ---- */
static void link_where(struct query *q, const struct resource *res, const struct link *l, int64_t id)
{
	query_add(q, " WHERE ");
	query_name(q, l->column);
	query_add(q, " = ?", id);
	if (l->flags & LINK_OF_KIND)
		query_add(q, " AND resource = ?", res->name);
	if (l->flags & LINK_WAITING)
		query_add(q, " AND state = 'pending'");
}

/* A record counts the change. */
static void link_count(struct op *op, struct query *q, const struct link *l)
{
	if (l->flags & LINK_RECORD)
		query_add(q, ", version = version + 1, updated_at = ctx_now(), updated_by = ?", op->actor.user_id);
}

static void link_set(struct op *op, struct query *q, const struct link *l, int64_t id)
{
	query_init(q, op->pool);
	if (l->flags & LINK_SHARED)
		query_add(q, "UPDATE OR IGNORE ");
	else
		query_add(q, "UPDATE ");
	query_name(q, l->table);
	query_add(q, " SET ");
	query_name(q, l->column);
	query_add(q, " = ?", id);
	link_count(op, q, l);
}

/* Runs an UPDATE that says which rows it changed. */
static enum status keep_rows(
	struct op *op, struct query *q, const struct link *l, struct json_object *moved, const char *as)
{
	query_add(q, " RETURNING ");
	query_name(q, l->key);
	struct json_object *rows = json_add_arr(moved, pool_printf(op->pool, "%s.%s%s", l->table, l->column, as));
	for (struct stmt *s = query_start(op, q); db_row(s);)
		json_push_int(rows, db_int(s, 0));
	return op->fault.status;
}

static enum status link_move(struct op *op, const struct resource *res, const struct link *l, int64_t into,
	int64_t from, struct json_object *moved)
{
	struct query q;
	link_set(op, &q, l, into);
	link_where(&q, res, l, from);
	if (l->flags & LINK_SOFT)
		query_add(&q, " AND deleted_at IS NULL");
	enum status st = keep_rows(op, &q, l, moved, "");
	if (st || !(l->flags & LINK_SHARED) || !(l->flags & LINK_SOFT))
		return st;
	query_init(&q, op->pool);
	query_add(&q, "UPDATE ");
	query_name(&q, l->table);
	query_add(&q, " SET deleted_at = ctx_now()");
	link_count(op, &q, l);
	link_where(&q, res, l, from);
	query_add(&q, " AND deleted_at IS NULL");
	return keep_rows(op, &q, l, moved, ".twice");
}

static enum status rows_back(struct op *op, const struct resource *res, const struct link *l, int64_t into,
	int64_t from, struct json_object *rows, bool twice)
{
	struct query q;
	size_t n;
	if (!json_len(rows))
		return OK;
	link_set(op, &q, l, from);
	if (l->flags & LINK_OWNED || twice)
		query_add(&q, ", deleted_at = NULL");
	link_where(&q, res, l, twice ? from : into);
	query_add(&q, " AND ");
	query_name(&q, l->key);
	query_add(&q, " IN (SELECT value FROM json_each(?))", json_bytes(op->pool, rows, &n));
	return query_run(op, &q);
}

static enum status links_back(
	struct op *op, const struct resource *res, int64_t into, int64_t from, struct json_object *moved)
{
	enum status st = OK;
	for (size_t i = 0; i < res->nlinks && !st; i++) {
		const struct link *l = &res->links[i];
		const char *name = pool_printf(op->pool, "%s.%s", l->table, l->column);
		st = rows_back(op, res, l, into, from, json_get(moved, name), false);
		if (!st)
			st = rows_back(
				op, res, l, into, from, json_get(moved, pool_printf(op->pool, "%s.twice", name)), true);
	}
	return st;
}

/* ---- figures that are kept beside the records ---- */
static enum status figures(struct op *op, const char *resource, int64_t into, int64_t from)
{
	enum status st = db_run(op, "INSERT INTO touches_count (resource, resource_id) VALUES (?1, ?2), (?1, ?3)",
		resource, into, from);
	return st ? st
		  : db_run(op,
			    "INSERT INTO acquaintances (resource, resource_id, user_id) SELECT resource, ?2, user_id "
			    "FROM"
			    " acquaintances_cache WHERE resource = ?1 AND resource_id IN (?2, ?3) UNION SELECT "
			    "resource,"
			    " ?3, user_id FROM acquaintances_cache WHERE resource = ?1 AND resource_id IN (?2, ?3)",
			    resource, into, from);
}

/* ---- one of two ---- */
struct pair {
	const struct resource *res;
	int64_t into, from, proposal_id;
	struct json_object *into_row, *from_row;
};

static enum status audit_both(struct op *op, const struct pair *m)
{
	struct json_object *stays = json_obj(op->pool), *goes = json_obj(op->pool);
	struct json_object *id = json_add_arr(stays, "merged_id");
	json_object_array_add(id, NULL);
	json_push_int(id, m->from);
	id = json_add_arr(goes, "merged_into_id");
	json_object_array_add(id, NULL);
	json_push_int(id, m->into);
	for (size_t i = 0; i < m->res->nfields; i++) {
		const char *name = m->res->fields[i].name;
		struct json_object *a = json_get(m->into_row, name), *b = json_get(m->from_row, name);
		if (value_is_empty(b))
			continue;
		struct json_object *was = json_add_arr(goes, name);
		json_object_array_add(was, json_object_get(b));
		json_object_array_add(was, NULL);
		if (json_object_equal(a, b))
			continue;
		struct json_object *sides = json_add_arr(stays, name);
		json_object_array_add(sides, json_object_get(a));
		json_object_array_add(sides, json_object_get(b));
	}
	enum status st = audit_event(op, "merge", m->res->name, m->into, stays);
	return st ? st : audit_event(op, "merge", m->res->name, m->from, goes);
}

static enum status join(struct op *op, const struct pair *m, struct json_object *values);

/* A record that there is once for each, as there is one investor for a firm: two become one as well. */
static enum status link_join(struct op *op, const struct pair *m, const struct link *l, struct json_object *moved)
{
	struct pair inner = {.res = resource_find(l->table), .proposal_id = m->proposal_id};
	struct query q;
	query_init(&q, op->pool);
	query_add(&q, "SELECT id, ");
	query_name(&q, l->column);
	query_add(&q, " FROM ");
	query_name(&q, l->table);
	query_add(&q, "_live WHERE ");
	query_name(&q, l->column);
	query_add(&q, " IN (?, ?)", m->into, m->from);
	for (struct stmt *s = query_start(op, &q); db_row(s);)
		*(db_int(s, 1) == m->into ? &inner.into : &inner.from) = db_int(s, 0);
	if (op->fault.status || !inner.into || !inner.from)
		return op->fault.status ? op->fault.status : link_move(op, m->res, l, m->into, m->from, moved);
	inner.into_row = record_fields(op, inner.res, inner.into);
	inner.from_row = record_fields(op, inner.res, inner.from);
	return join(op, &inner, merge_values(op, inner.res, inner.into_row, inner.from_row));
}

/* ---- what one field has no room for (kept_as) ---- */
static struct json_object *kept_ids(struct op *op, struct json_object *moved, const struct field *f)
{
	const char *name = pool_printf(op->pool, "%s.kept", f->kept_as);
	struct json_object *ids = json_get(moved, name);
	return ids ? ids : json_add_arr(moved, name);
}

static enum status keep_value(struct op *op, const struct pair *m, const struct field *f, struct json_object *value,
	struct json_object *moved)
{
	struct json_object *row = json_obj(op->pool);
	int64_t id = 0, proposal;
	for (size_t i = 0; i < m->res->nlinks; i++)
		if (str_eq(m->res->links[i].table, f->kept_as))
			json_set_int(row, m->res->links[i].column, m->into);
	json_set(row, f->name, json_object_get(value));
	enum status st = record_write(op, resource_find(f->kept_as), 0, row, NULL, &id, &proposal);
	if (st == E_INPUT) { /* It is said there already, or what it names is gone. */
		fault_init(&op->fault, op->pool);
		return OK;
	}
	if (!st)
		json_push_int(kept_ids(op, moved, f), id);
	return st;
}

static enum status keep_values(
	struct op *op, const struct pair *m, struct json_object *values, struct json_object *moved)
{
	enum status st = OK;
	for (size_t i = 0; i < m->res->nfields; i++) {
		const struct field *f = &m->res->fields[i];
		struct json_object *sides[] = {json_get(m->into_row, f->name), json_get(m->from_row, f->name)};
		for (size_t side = 0; side < 2 && f->kept_as && !st; side++)
			if (!value_is_empty(sides[side]) && !json_object_equal(sides[side], json_get(values, f->name)))
				st = keep_value(op, m, f, sides[side], moved);
	}
	return st;
}

static enum status unkeep_values(struct op *op, const struct resource *res, struct json_object *moved)
{
	enum status st = OK;
	for (size_t i = 0; i < res->nfields; i++) {
		const struct field *f = &res->fields[i];
		struct json_object *ids = f->kept_as ? kept_ids(op, moved, f) : NULL;
		for (size_t n = 0; n < json_len(ids) && !st; n++) {
			st = record_delete(op, resource_find(f->kept_as), json_object_get_int64(json_at(ids, n)), -1);
			if (st == E_NOT_FOUND) { /* Somebody deleted it since. */
				fault_init(&op->fault, op->pool);
				st = OK;
			}
		}
	}
	return st;
}

static enum status join(struct op *op, const struct pair *m, struct json_object *values)
{
	struct json_object *moved = json_obj(op->pool);
	int64_t record, proposal;
	size_t n;
	enum status st = audit_both(op, m);
	for (size_t i = 0; i < m->res->nlinks && !st; i++) {
		const struct link *l = &m->res->links[i];
		st = l->flags & LINK_ONE ? link_join(op, m, l, moved)
					 : link_move(op, m->res, l, m->into, m->from, moved);
	}
	if (!st)
		st = record_delete(op, m->res, m->from, -1);
	if (!st)
		st = db_run(op,
			"INSERT INTO merges (resource, loser_id, survivor_id, proposal_id, survivor_json, loser_json,"
			" moved_json) VALUES (?, ?, ?, ?, ?, ?, '{}')",
			m->res->name, m->from, m->into, m->proposal_id, json_bytes(op->pool, m->into_row, &n),
			json_bytes(op->pool, m->from_row, &n));
	int64_t id = st ? 0 : db_last_id(op);
	if (!st)
		st = record_write(op, m->res, m->into, values, NULL, &record, &proposal);
	if (!st)
		st = keep_values(op, m, values, moved);
	if (!st && m->res->settle)
		st = m->res->settle(op, m->into);
	if (!st)
		st = figures(op, m->res->name, m->into, m->from);
	return st ? st
		  : db_run(op, "UPDATE merges SET survivor_version = ?, moved_json = ? WHERE id = ?",
			    json_int(record_fields(op, m->res, m->into), "version"), json_bytes(op->pool, moved, &n),
			    id);
}

static enum status gone(struct op *op, struct json_object *now, const char *why)
{
	fail(op, E_CONFLICT, NULL, "%s", why);
	op->fault.detail = now;
	return E_CONFLICT;
}

enum status merge_apply(
	struct op *op, const struct resource *res, int64_t into_id, struct json_object *change, int64_t proposal_id)
{
	struct pair m = {res, into_id, json_int(change, "from_id"), proposal_id, NULL, NULL};
	m.into_row = record_fields(op, res, m.into);
	m.from_row = record_fields(op, res, m.from);
	if (op->fault.status)
		return op->fault.status;
	if (!m.into_row || !m.from_row || m.into == m.from)
		return gone(op, NULL, "one of the two is not there any more");
	if (json_int(m.into_row, "version") != json_int(change, "into_version"))
		return gone(op, m.into_row, "the record that stays changed since this was proposed");
	if (json_int(m.from_row, "version") != json_int(change, "from_version"))
		return gone(op, m.from_row, "the record that goes changed since this was proposed");
	struct json_object *values = merge_values(op, res, m.into_row, m.from_row), *chosen;
	for (size_t i = 0; i < res->nfields; i++)
		if (json_object_object_get_ex(change, res->fields[i].name, &chosen))
			json_set(values, res->fields[i].name, json_object_get(chosen));
	return join(op, &m, values);
}

/* ---- two of one ---- */
static enum status part(struct op *op, struct json_object *merge)
{
	const struct resource *res = resource_find(json_text(merge, "resource"));
	int64_t into = json_int(merge, "survivor_id"), from = json_int(merge, "loser_id"), record, proposal;
	struct json_object *now = res ? record_fields(op, res, into) : NULL;
	if (!now || json_int(now, "version") != json_int(merge, "survivor_version"))
		return gone(op, now,
			now ? "the record changed since this was decided"
			    : "the record was deleted since this was decided");
	enum status st = db_run(op, "UPDATE merges SET undone_at = ctx_now() WHERE id = ?", json_int(merge, "id"));
	if (!st)
		st = links_back(op, res, into, from, json_get(merge, "moved_json"));
	if (!st)
		st = record_restore(op, res, from);
	if (!st)
		st = record_write(op, res, into, json_get(merge, "survivor_json"), NULL, &record, &proposal);
	if (!st)
		st = record_write(op, res, from, json_get(merge, "loser_json"), NULL, &record, &proposal);
	if (!st)
		st = unkeep_values(op, res, json_get(merge, "moved_json"));
	return st ? st : figures(op, res->name, into, from);
}

enum status merge_undo(struct op *op, int64_t proposal_id)
{
	struct json_object *all = db_array(op,
		"SELECT id, resource, loser_id, survivor_id, survivor_version, survivor_json, loser_json, moved_json"
		" FROM merges WHERE proposal_id = ? AND undone_at IS NULL ORDER BY id DESC",
		proposal_id);
	enum status st = op->fault.status;
	if (!st && !json_len(all))
		return gone(op, NULL, "it is not known what this decision wrote");
	for (size_t i = 0; i < json_len(all) && !st; i++)
		st = part(op, json_at(all, i));
	return st;
}
