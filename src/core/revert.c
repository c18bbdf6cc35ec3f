/* Owns the taking back of a record's last change, as the audit log tells it. Never writes but by record_write().
 * Tests: t/60-toasts.t */
#include "base/pool.h"
#include "base/str.h"
#include "core/record.h"
#include "core/value.h"
#include "db/db.h"
#include "base/banned.h"

#define ROWS_MAX 4 /* a change has one entry for the row and one for its lists */

/* The log has what the column has: 1 where a record says true. */
static bool same(const struct field *f, struct json_object *a, struct json_object *b)
{
	if (value_is_empty(a) || value_is_empty(b))
		return value_is_empty(a) && value_is_empty(b);
	if (f->type == F_BOOL)
		return json_object_get_boolean(a) == json_object_get_boolean(b);
	return json_object_equal(a, b);
}

/* False when the entry does not lead to the record as it stands: it speaks of something else, of one field twice, or has
 * less than the whole of a value. */
static bool collect(
	const struct resource *res, struct json_object *now, struct json_object *changes, struct json_object *before)
{
	if (!json_object_is_type(changes, json_type_object))
		return false;
	json_object_object_foreach(changes, key, pair)
	{
		const struct field *f = field_find(res, key);
		if (!f || json_len(pair) != 2 || json_object_object_get_ex(before, key, NULL) ||
			!same(f, json_at(pair, 1), json_get(now, key)))
			return false;
		json_set(before, key, json_object_get(json_at(pair, 0)));
	}
	return true;
}

/* All entries of the newest request. One that made the record, deleted it or brought it back is none of a change. */
struct json_object *record_replaced(struct op *op, const struct resource *res, int64_t id, bool here)
{
	struct json_object *now = record_fields(op, res, id), *before = json_obj(op->pool);
	struct json_object *rows = db_array(op,
		"SELECT action, request_id, changes_json FROM audit_seen WHERE resource = ? AND resource_id = ?"
		" ORDER BY id DESC LIMIT ?",
		res->name, id, ROWS_MAX);
	const char *request = here ? op->request_id : json_text(json_at(rows, 0), "request_id");
	size_t n = 0;
	for (; now && request && n < json_len(rows); n++) {
		struct json_object *row = json_at(rows, n);
		if (!str_eq(json_text(row, "request_id"), request))
			break;
		if (!str_eq(json_text(row, "action"), "update") ||
			!collect(res, now, json_get(row, "changes_json"), before))
			return NULL;
	}
	return n > 0 && n < ROWS_MAX ? before : NULL;
}

/* Some lists only grow: what was put there stays. */
static bool is_back(struct op *op, const struct resource *res, int64_t id, struct json_object *before)
{
	struct json_object *now = record_fields(op, res, id);
	json_object_object_foreach(before, key, value)
	{
		if (!same(field_find(res, key), value, json_get(now, key)))
			return false;
	}
	return true;
}

static enum status untold(struct op *op, const struct resource *res)
{
	return fail(op, E_CONFLICT, NULL, "this change of the %s cannot be taken back", res->singular);
}

static enum status changed(struct op *op, const struct resource *res, int64_t id)
{
	struct query q;
	query_init(&q, op->pool);
	query_add(&q, "SELECT u.name FROM ");
	query_name(&q, res->name);
	query_add(&q, "_live r LEFT JOIN users u ON u.id = r.updated_by WHERE r.id = ?", id);
	const char *who = json_text(json_at(query_array(op, &q), 0), "name");
	return fail(op, E_CONFLICT, NULL, "%s changed this %s since: it stays as it is now", who ? who : "somebody",
		res->singular);
}

enum status record_revert(
	struct op *op, const struct resource *res, int64_t id, int64_t version, int64_t *id_out, int64_t *proposal_out)
{
	struct write how = {.if_version = version};
	struct json_object *now = record_fields(op, res, id), *before;
	*id_out = 0;
	*proposal_out = 0;
	if (!now)
		return op->fault.status ? op->fault.status
					: fail(op, E_NOT_FOUND, NULL, "there is no such %s", res->singular);
	if (json_int(now, "version") != version)
		return changed(op, res, id);
	if (!(before = record_replaced(op, res, id, false)))
		return untold(op, res);
	enum status st = record_write(op, res, id, before, &how, id_out, proposal_out);
	return st || *proposal_out || is_back(op, res, id, before) ? st : untold(op, res);
}
