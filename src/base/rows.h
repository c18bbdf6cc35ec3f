/* A query's result as a compact table: what lists and timelines show, without a JSON object for each row.
 *
 * Cells and their text live in the pool. Columns that a handler fills itself are asked for as NULL in the SQL ("NULL AS
 * url") and set with rows_set_*. A table takes its place in a JSON document with json_set_rows(); there it is read by
 * json_write() and by templates, where each row is an object with the columns' names. */
#ifndef BASE_ROWS_H
#define BASE_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct json_object;
struct pool;

enum cell_type { CELL_NULL, CELL_BOOL, CELL_INT, CELL_REAL, CELL_TEXT, CELL_JSON, CELL_ROW };

struct cell {
	enum cell_type type;
	uint32_t len; /* CELL_TEXT: bytes before the NUL; CELL_ROW: which */
	union {
		int64_t i; /* CELL_INT, CELL_BOOL */
		double r;
		const char *s;
		struct json_object *o; /* CELL_JSON: borrowed; its owner lives as long as the table */
		struct rows *t;        /* CELL_ROW: an object inside this one, kept as a row of another table */
	};
};

struct rows {
	struct pool *pool;
	const char *const *names; /* of the columns; live as long as the table */
	size_t columns, n, cap;
	struct cell *cells; /* n × columns */
	const char **keys;  /* the names as JSON shows them, once it did */
};

struct rows *rows_new(struct pool *p, const char *const *names, size_t columns);
struct cell *rows_push(struct rows *t);   /* a new last row, all NULL; valid until the next push */
void rows_clip(struct rows *t, size_t n); /* drops the rows from n on */

/* The column's number; -1 when there is none. `hint` is tried first. */
int rows_find(const struct rows *t, const char *name, int hint);
struct cell *rows_at(const struct rows *t, size_t row, const char *name);  /* BUG() for a column that is not there */
int64_t rows_int(const struct rows *t, size_t row, const char *name);      /* 0 unless it is a number */
const char *rows_text(const struct rows *t, size_t row, const char *name); /* NULL unless it is text */
void rows_set_text(struct rows *t, size_t row, const char *name, const char *s); /* borrowed: literal or in the pool */
void rows_set_bool(struct rows *t, size_t row, const char *name, bool b);
void rows_set_int(struct rows *t, size_t row, const char *name, int64_t n);

struct cell cell_text(const char *s); /* borrowed; NULL gives CELL_NULL */
struct cell cell_bool(bool b);
struct cell cell_row(struct rows *t, size_t row);

/* One scalar or JSON value as a new json-c object (NULL for CELL_NULL), owned by the caller; and the other way round,
 * borrowing from o. */
struct json_object *cell_json(const struct cell *c);
struct cell cell_of(struct json_object *o);
/* One row, and all of them, as ordinary JSON objects that go with the pool: a record's document, rows to rearrange. NULL
 * for a row that is not there. */
struct json_object *rows_object(struct rows *t, size_t row);
struct json_object *rows_array(struct rows *t);

void json_set_rows(struct json_object *o, const char *key, struct rows *t);
struct rows *json_rows(struct json_object *o);  /* the table that stands in this place, or NULL */
void rows_write(struct buf *b, struct rows *t); /* as JSON: what json_write() does with it */
void cell_write(struct buf *b, const struct cell *c);

#endif
