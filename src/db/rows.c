/* Owns rows as JSON. Never decides which columns: their names in the SQL do. Tests: t/unit/db_stmt.c */
#include <string.h>

#include "base/json.h"
#include "base/pool.h"
#include "base/str.h"
#include "db/handle.h"
#include "base/banned.h"

/* Names are copied, for SQLite may prepare a statement again and with it move them. */
static void columns_fill(struct stmt *q)
{
	struct pool *p = q->cached ? q->db->pool : q->op->pool;
	int n = sqlite3_column_count(q->raw);
	q->columns = pool_array(p, (size_t)n, sizeof *q->columns);
	for (int i = 0; i < n; i++) {
		const char *name = pool_strdup(p, sqlite3_column_name(q->raw, i));
		enum column_kind kind = str_starts(name, "is_") || str_starts(name, "has_") ? COLUMN_BOOL
					: str_ends(name, "_json")                           ? COLUMN_JSON
											    : COLUMN_PLAIN;
		q->columns[i] = (struct column){name, kind};
	}
}

static struct json_object *parsed(struct stmt *q, int i)
{
	struct json_object *o = NULL;
	const char *why;
	const char *s = db_text(q, i);
	/* What stands in the database was strict JSON when it was written; anything else reads as null. */
	if (!s || json_parse(q->op->pool, s, strlen(s), &o, &why))
		return NULL;
	return json_object_get(o);
}

static struct json_object *cell(struct stmt *q, int i)
{
	int type = sqlite3_column_type(q->raw, i);
	if (type == SQLITE_NULL)
		return NULL;
	if (q->columns[i].kind == COLUMN_BOOL)
		return json_object_new_boolean(db_int(q, i) != 0);
	if (q->columns[i].kind == COLUMN_JSON)
		return parsed(q, i);
	switch (type) {
	case SQLITE_INTEGER:
		return json_object_new_int64(db_int(q, i));
	case SQLITE_FLOAT:
		return json_object_new_double(db_real(q, i));
	default: {
		const char *s = (const char *)sqlite3_column_text(q->raw, i);
		return json_object_new_string_len(s, sqlite3_column_bytes(q->raw, i));
	}
	}
}

/* The row the statement stands on, a new root that the caller ties or gives to a parent. */
static struct json_object *row_object(struct stmt *q)
{
	if (!q->columns)
		columns_fill(q);
	struct json_object *o = json_object_new_object();
	int n = sqlite3_column_count(q->raw);
	for (int i = 0; i < n; i++)
		json_object_object_add_ex(o, q->columns[i].name, cell(q, i),
			JSON_C_OBJECT_ADD_KEY_IS_NEW | JSON_C_OBJECT_KEY_IS_CONSTANT);
	return o;
}

static struct json_object *rows_array(struct op *op, struct stmt *q)
{
	struct json_object *array = json_arr(op->pool);
	while (db_row(q))
		json_object_array_add(array, row_object(q));
	return array;
}

struct json_object *db_array_(struct op *op, const char *sql, const struct bind *b, size_t n)
{
	return rows_array(op, db_query_(op, sql, b, n));
}

struct json_object *db_object_(struct op *op, const char *sql, const struct bind *b, size_t n)
{
	struct stmt *q = db_query_(op, sql, b, n);
	if (!db_row(q))
		return NULL;
	struct json_object *o = json_tie(op->pool, row_object(q));
	db_done(q);
	return o;
}

struct json_object *query_array(struct op *op, struct query *q)
{
	return rows_array(op, query_rows(op, q));
}
