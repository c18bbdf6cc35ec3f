/* Owns tables of cells (rows.h). Never asks the database. Tests: t/unit/base_rows.c */
#include "base/rows.h"

#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/log.h"
#include "base/pool.h"
#include "base/banned.h"

#define FIRST_ROWS 4 /* and then four times as many: a table is one row or a page of them */

struct rows *rows_new(struct pool *p, const char *const *names, size_t columns)
{
	struct rows *t = pool_alloc(p, sizeof *t);
	*t = (struct rows){.pool = p, .names = names, .columns = columns};
	return t;
}

struct cell *rows_push(struct rows *t)
{
	if (t->n == t->cap) {
		struct cell *old = t->cells;
		t->cap = t->cap ? t->cap * 4 : FIRST_ROWS;
		t->cells = pool_array(t->pool, t->cap * t->columns, sizeof *t->cells);
		if (old)
			memcpy(t->cells, old, t->n * t->columns * sizeof *old);
	}
	return t->cells + t->n++ * t->columns;
}

void rows_clip(struct rows *t, size_t n)
{
	if (n < t->n)
		t->n = n;
}

int rows_find(const struct rows *t, const char *name, int hint)
{
	if (hint >= 0 && (size_t)hint < t->columns && !strcmp(t->names[hint], name))
		return hint;
	for (size_t i = 0; i < t->columns; i++)
		if (*t->names[i] == *name && !strcmp(t->names[i], name))
			return (int)i;
	return -1;
}

struct cell *rows_at(const struct rows *t, size_t row, const char *name)
{
	int column = rows_find(t, name, -1);
	if (column < 0 || row >= t->n)
		BUG("no cell %s in row %zu", name, row);
	return t->cells + row * t->columns + (size_t)column;
}

int64_t rows_int(const struct rows *t, size_t row, const char *name)
{
	const struct cell *c = rows_at(t, row, name);
	return c->type == CELL_INT || c->type == CELL_BOOL ? c->i : 0;
}

const char *rows_text(const struct rows *t, size_t row, const char *name)
{
	const struct cell *c = rows_at(t, row, name);
	return c->type == CELL_TEXT ? c->s : NULL;
}

struct cell cell_text(const char *s)
{
	return s ? (struct cell){.type = CELL_TEXT, .len = (uint32_t)strlen(s), .s = s}
		 : (struct cell){.type = CELL_NULL};
}

struct cell cell_bool(bool b)
{
	return (struct cell){.type = CELL_BOOL, .i = b};
}

struct cell cell_row(struct rows *t, size_t row)
{
	return (struct cell){.type = CELL_ROW, .len = (uint32_t)row, .t = t};
}

void rows_set_text(struct rows *t, size_t row, const char *name, const char *s)
{
	*rows_at(t, row, name) = cell_text(s);
}

void rows_set_bool(struct rows *t, size_t row, const char *name, bool b)
{
	*rows_at(t, row, name) = cell_bool(b);
}

void rows_set_int(struct rows *t, size_t row, const char *name, int64_t n)
{
	*rows_at(t, row, name) = (struct cell){.type = CELL_INT, .i = n};
}

/* ---- cells and json-c ---- */
static void fill(struct json_object *o, const struct rows *t, size_t row);

static struct json_object *row_json(const struct rows *t, size_t row)
{
	struct json_object *o = json_object_new_object();
	fill(o, t, row);
	return o;
}

struct json_object *cell_json(const struct cell *c)
{
	switch (c->type) {
	case CELL_NULL:
		break;
	case CELL_BOOL:
		return json_object_new_boolean(c->i != 0);
	case CELL_INT:
		return json_object_new_int64(c->i);
	case CELL_REAL:
		return json_object_new_double(c->r);
	case CELL_TEXT:
		return json_object_new_string_len(c->s, (int)c->len);
	case CELL_JSON:
		return json_object_get(c->o);
	case CELL_ROW:
		return row_json(c->t, c->len);
	}
	return NULL;
}

struct cell cell_of(struct json_object *o)
{
	switch (json_object_get_type(o)) {
	case json_type_null:
		return (struct cell){.type = CELL_NULL};
	case json_type_boolean:
		return (struct cell){.type = CELL_BOOL, .i = json_object_get_boolean(o)};
	case json_type_int:
		return (struct cell){.type = CELL_INT, .i = json_object_get_int64(o)};
	case json_type_string:
		return (struct cell){.type = CELL_TEXT,
			.len = (uint32_t)json_object_get_string_len(o),
			.s = json_object_get_string(o)};
	default: /* a number keeps the digits it was read with */
		return (struct cell){.type = CELL_JSON, .o = o};
	}
}

static void fill(struct json_object *o, const struct rows *t, size_t row)
{
	for (size_t i = 0; i < t->columns; i++)
		json_set(o, t->names[i], cell_json(t->cells + row * t->columns + i));
}

struct json_object *rows_object(struct rows *t, size_t row)
{
	struct json_object *o = row < t->n ? json_obj(t->pool) : NULL;
	if (o)
		fill(o, t, row);
	return o;
}

struct json_object *rows_array(struct rows *t)
{
	struct json_object *array = json_arr(t->pool);
	for (size_t row = 0; row < t->n; row++)
		fill(json_push_obj(array), t, row);
	return array;
}

/* ---- in a document ---- */
void json_set_rows(struct json_object *o, const char *key, struct rows *t)
{
	json_object_set_userdata(json_add_arr(o, key), t, NULL);
}

struct rows *json_rows(struct json_object *o)
{
	return json_object_is_type(o, json_type_array) ? json_object_get_userdata(o) : NULL;
}

/* Column names need no escape. */
static const char **keys_of(struct rows *t)
{
	if (t->keys)
		return t->keys;
	t->keys = pool_array(t->pool, t->columns, sizeof *t->keys);
	for (size_t i = 0; i < t->columns; i++)
		t->keys[i] = pool_printf(t->pool, "%s\"%s\":", i ? "," : "{", t->names[i]);
	return t->keys;
}

static void row_write(struct buf *b, struct rows *t, size_t row)
{
	const char **keys = keys_of(t);
	const struct cell *c = t->cells + row * t->columns;
	for (size_t i = 0; i < t->columns; i++, c++) {
		buf_str(b, keys[i]);
		cell_write(b, c);
	}
	buf_char(b, '}');
}

void cell_write(struct buf *b, const struct cell *c)
{
	switch (c->type) {
	case CELL_NULL:
		buf_add(b, "null", 4);
		break;
	case CELL_BOOL:
		buf_str(b, c->i ? "true" : "false");
		break;
	case CELL_INT:
		buf_int(b, c->i);
		break;
	case CELL_TEXT:
		buf_json(b, c->s, c->len);
		break;
	case CELL_JSON:
		json_write(b, c->o);
		break;
	case CELL_ROW:
		row_write(b, c->t, c->len);
		break;
	case CELL_REAL: {
		struct json_object *o = json_object_new_double(c->r);
		json_write(b, o);
		json_object_put(o);
		break;
	}
	}
}

void rows_write(struct buf *b, struct rows *t)
{
	buf_char(b, '[');
	for (size_t row = 0; row < t->n; row++) {
		if (row)
			buf_char(b, ',');
		row_write(b, t, row);
	}
	buf_char(b, ']');
}
