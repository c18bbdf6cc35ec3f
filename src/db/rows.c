/* Owns rows as JSON and as tables. Never decides which columns: their names in the SQL do. Tests: t/unit/db_stmt.c */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/pool.h"
#include "base/rows.h"
#include "base/str.h"
#include "db/handle.h"
#include "base/banned.h"

/* Names are copied, for SQLite may prepare a statement again and with it move them. */
static void columns_fill(struct stmt *q)
{
	struct pool *p = q->cached ? q->db->pool : q->op->pool;
	int n = q->columns = sqlite3_column_count(q->raw);
	q->names = pool_array(p, (size_t)n, sizeof *q->names);
	q->kinds = pool_array(p, (size_t)n, sizeof *q->kinds);
	for (int i = 0; i < n; i++) {
		const char *name = q->names[i] = pool_strdup(p, sqlite3_column_name(q->raw, i));
		q->kinds[i] = str_starts(name, "is_") || str_starts(name, "has_") ? COLUMN_BOOL
			      : str_ends(name, "_json")                           ? COLUMN_JSON
										  : COLUMN_PLAIN;
	}
}

static struct cell text_cell(struct stmt *q, int i, sqlite3_value *v)
{
	const char *s = (const char *)sqlite3_value_text(v), *why;
	size_t n = (size_t)sqlite3_value_bytes(v);
	if (q->kinds[i] != COLUMN_JSON)
		return (struct cell){.type = CELL_TEXT, .len = (uint32_t)n, .s = s};
	/* What stands in the database was strict JSON when it was written; anything else reads as null. */
	struct json_object *o = NULL;
	if (!s || json_parse(q->op->pool, s, n, &o, &why))
		return (struct cell){.type = CELL_NULL};
	return cell_of(o);
}

/* Text is SQLite's own until the next row. The column is looked up once: its value is "unprotected", which matters
 * only to programs with threads (sqlite.org/c3ref/value.html); here a connection is opened without mutexes anyway. */
static inline struct cell cell(struct stmt *q, int i)
{
	sqlite3_value *v = sqlite3_column_value(q->raw, i);
	switch (sqlite3_value_type(v)) {
	case SQLITE_NULL:
		return (struct cell){.type = CELL_NULL};
	case SQLITE_INTEGER:
		return q->kinds[i] == COLUMN_BOOL ? (struct cell){.type = CELL_BOOL, .i = sqlite3_value_int64(v) != 0}
						  : (struct cell){.type = CELL_INT, .i = sqlite3_value_int64(v)};
	case SQLITE_FLOAT:
		return (struct cell){.type = CELL_REAL, .r = sqlite3_value_double(v)};
	default:
		return text_cell(q, i, v);
	}
}

/* The row the statement stands on, a new root that the caller ties or gives to a parent. */
static struct json_object *row_object(struct stmt *q)
{
	if (!q->names)
		columns_fill(q);
	struct json_object *o = json_object_new_object();
	for (int i = 0; i < q->columns; i++) {
		struct cell c = cell(q, i);
		json_object_object_add_ex(
			o, q->names[i], cell_json(&c), JSON_C_OBJECT_ADD_KEY_IS_NEW | JSON_C_OBJECT_KEY_IS_CONSTANT);
	}
	return o;
}

/* The clock is asked once for all rows, whose taking over then counts as the statement's. */
static struct json_object *array_of(struct op *op, struct stmt *q)
{
	struct json_object *array = json_arr(op->pool);
	int64_t start = clock_mono_us();
	while (q && stmt_step(q))
		json_object_array_add(array, row_object(q));
	op->db->micros += clock_mono_us() - start;
	return array;
}

struct json_object *db_array_(struct op *op, const char *sql, const struct bind *b, size_t n)
{
	return array_of(op, db_query_(op, sql, b, n));
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

void db_cells(struct stmt *q, struct cell *to, size_t n)
{
	if (!q->names)
		columns_fill(q);
	for (int i = 0; i < (int)n; i++) {
		to[i] = cell(q, i);
		if (to[i].type == CELL_TEXT && q->kinds[i] != COLUMN_JSON)
			to[i].s = pool_dup(q->op->pool, to[i].s, to[i].len + 1);
	}
}

static struct rows *table_of(struct op *op, struct stmt *q)
{
	struct rows *t = NULL;
	int64_t start = clock_mono_us();
	while (q && stmt_step(q)) {
		if (!q->names)
			columns_fill(q);
		if (!t)
			t = rows_new(op->pool, q->names, (size_t)q->columns);
		db_cells(q, rows_push(t), t->columns);
	}
	op->db->micros += clock_mono_us() - start;
	return t ? t : rows_new(op->pool, NULL, 0);
}

struct rows *db_rows_(struct op *op, const char *sql, const struct bind *b, size_t n)
{
	return table_of(op, db_query_(op, sql, b, n));
}

struct rows *query_rows(struct op *op, struct query *q)
{
	return table_of(op, query_start(op, q));
}

struct json_object *query_array(struct op *op, struct query *q)
{
	return array_of(op, query_start(op, q));
}
