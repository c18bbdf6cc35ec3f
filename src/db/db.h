/* SQLite as this program uses it.
 *
 * SQL is a complete literal, enforced by the compiler: db_run(db, "…", a, b) refuses anything but a string literal,
 * and each argument is bound by its C type (int, int64_t, double, const char *, struct blob, struct nothing). Optional
 * filters are put together from literal fragments with struct query. Statements are prepared once per connection.
 *
 * Every connection: WAL, no automatic checkpoint, none on close, foreign keys, DEFENSIVE, trusted_schema off, double-
 * quoted strings off, synchronous FULL, no extension loading, an authorizer (guard.c) that fits its mode.
 *
 * Writing happens only between db_begin() and db_commit() or db_rollback(), under a shared flock on
 * DATA/run/checkpoint.lock; the one checkpoint routine takes that lock exclusively (SQLite's WAL-reset bug, all
 * versions before 3.51.3: a checkpointer racing a committer in another process loses rows). */
#ifndef DB_DB_H
#define DB_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct cell;
struct db;
struct json_object;
struct op;
struct pool;
struct rows;
struct stmt;

enum db_mode {
	DB_READ,   /* GET requests: any write is refused */
	DB_CHECK,  /* an operator's look at a copy: as DB_READ, but of all mail */
	DB_HUMAN,  /* a person's writes */
	DB_AGENT,  /* proposals and drafts only */
	DB_SYSTEM, /* capture, digest: mail rows, proposals, outbox; never a record (audited tables need a person) */
	DB_DIGEST, /* as DB_SYSTEM, but reads no more mail than anybody may */
	DB_OWNER,  /* migrate, seed, import by an operator at the shell: no table is closed */
};

/* E_NOT_FOUND when the file is missing and mode is not DB_OWNER; E_INTERNAL with a log line otherwise. */
enum status db_open(const char *path, enum db_mode mode, struct db **out);
void db_close(struct db *db); /* NULL is fine; rolls back an open transaction */
enum db_mode db_mode(const struct db *db);

/* Whose work follows: read by the SQL functions that triggers use (ctx_actor_kind(), ctx_user(), ctx_request(),
 * ctx_now(), ctx_why(), ctx_proposal()). Called by db_begin; op must outlive the transaction. */
enum status db_begin(struct op *op);
enum status db_commit(struct op *op);              /* on failure it has rolled back and recorded the fault */
void db_rollback(struct op *op);                   /* nothing open: does nothing */
enum status db_end(struct op *op, enum status st); /* commits when st is OK, else rolls back; the outcome */
bool db_in_tx(const struct db *db);
/* A part of the open transaction that can fail by itself: from begin to end all of it stays (st OK) or none of it does.
 * Parts do not nest. db_part_end gives st back, or why the part could not be ended. */
enum status db_part_begin(struct op *op);
enum status db_part_end(struct op *op, enum status st);
/* One view of the base for much reading, outside a transaction: from open to close no commit of somebody else is seen, and
 * the file is locked once instead of for each statement. A view keeps the WAL from being folded back and cannot become
 * a transaction (BUG), so it is closed soon. Opening or closing twice is fine. */
enum status db_view_open(struct op *op);
void db_view_close(struct db *db);
void db_set_proposal(struct db *db, int64_t proposal_id); /* ctx_proposal() until the transaction ends; 0 = none */

/* ---- binding ---------------------------------------------------------------------------------------------------- */
struct blob {
	const void *data;
	size_t len;
};
struct nothing {
	char unused;
};
#define SQL_NULL ((struct nothing){0})

struct bind {
	enum { BIND_NULL, BIND_INT, BIND_REAL, BIND_TEXT, BIND_BLOB } type;
	int64_t i;
	double r;
	const char *s; /* NULL binds NULL; bytes must live until the statement is done */
	size_t len;
};
struct bind bind_i64(int64_t v);
struct bind bind_f64(double v);
struct bind bind_text(const char *v);
struct bind bind_blob(struct blob v);
struct bind bind_null(struct nothing v);

/* clang-format off */
#define BIND(x) _Generic((x), \
	bool: bind_i64, int: bind_i64, unsigned: bind_i64, long: bind_i64, long long: bind_i64, size_t: bind_i64, \
	double: bind_f64, char *: bind_text, const char *: bind_text, \
	struct blob: bind_blob, struct nothing: bind_null)(x),
#include "db/foreach.h"
#define BINDS(...) (const struct bind[]){ FOREACH(BIND, __VA_ARGS__) bind_null(SQL_NULL) }, FOREACH_COUNT(__VA_ARGS__)
/* clang-format on */

/* ---- running ---------------------------------------------------------------------------------------------------- */
/* Every failure is recorded in op->fault: a trigger's RAISE text that starts with "403 ", "409 " or "422 field " gives
 * that status and text, a UNIQUE violation E_CONFLICT, another constraint E_INPUT, busy E_BUSY, full E_FULL, the rest
 * E_INTERNAL with a log line. */
#define db_run(op, sql, ...) db_run_(op, "" sql "", BINDS(__VA_ARGS__))
enum status db_run_(struct op *op, const char *sql, const struct bind *b, size_t n);
int64_t db_last_id(struct op *op);
int64_t db_changes(struct op *op); /* rows changed by the last db_run */

/* for (struct stmt *q = db_query(op, "SELECT …", x); db_row(q);) { db_int(q, 0) … }   The loop must run to its end or
 * call db_done(q). A failure ends the loop and stands in op->fault. */
#define db_query(op, sql, ...) db_query_(op, "" sql "", BINDS(__VA_ARGS__))
struct stmt *db_query_(struct op *op, const char *sql, const struct bind *b, size_t n);
bool db_row(struct stmt *q);
void db_done(struct stmt *q);
int64_t db_int(struct stmt *q, int col);
double db_real(struct stmt *q, int col);
const char *db_text(struct stmt *q, int col); /* valid until the next db_row; NULL for NULL */
char *db_text_dup(struct stmt *q, int col);   /* in op->pool */
struct blob db_blob(struct stmt *q, int col);
bool db_is_null(struct stmt *q, int col);

/* One value. False when there is no row, it is NULL, or the query failed (then op->fault.status is set). */
#define db_one_int(op, out, sql, ...) db_one_int_(op, out, "" sql "", BINDS(__VA_ARGS__))
bool db_one_int_(struct op *op, int64_t *out, const char *sql, const struct bind *b, size_t n);
#define db_one_text(op, sql, ...) db_one_text_(op, "" sql "", BINDS(__VA_ARGS__))
char *db_one_text_(struct op *op, const char *sql, const struct bind *b, size_t n); /* in op->pool, or NULL */

/* Rows as JSON, keys = column names as aliased in the SQL. By suffix: is_/has_ → bool (prefix), _json → parsed JSON
 * (NULL stays null), everything else by SQLite type. Owned by op->pool. db_object gives NULL for no row. */
#define db_array(op, sql, ...) db_array_(op, "" sql "", BINDS(__VA_ARGS__))
struct json_object *db_array_(struct op *op, const char *sql, const struct bind *b, size_t n);
#define db_object(op, sql, ...) db_object_(op, "" sql "", BINDS(__VA_ARGS__))
struct json_object *db_object_(struct op *op, const char *sql, const struct bind *b, size_t n);

/* The same as a compact table (base/rows.h), for what is shown as it is: lists, timelines. Never NULL. */
#define db_rows(op, sql, ...) db_rows_(op, "" sql "", BINDS(__VA_ARGS__))
struct rows *db_rows_(struct op *op, const char *sql, const struct bind *b, size_t n);
/* The first n columns of the row that q stands on, as cells in op->pool: for a table put together from several queries. */
void db_cells(struct stmt *q, struct cell *to, size_t n);

/* ---- statements with optional parts ----------------------------------------------------------------------------- */
/* struct query q; query_init(&q, op->pool); query_add(&q, "SELECT … WHERE 1");
 * if (kind) query_add(&q, " AND kind = ?", kind);  query_array(op, &q). Placeholders are plain '?', bound in order. */
#define QUERY_BINDS 64
struct query {
	struct buf *sql;
	struct bind binds[QUERY_BINDS];
	size_t n;
};
void query_init(struct query *q, struct pool *p);
#define query_add(q, sql, ...) query_add_(q, "" sql "", BINDS(__VA_ARGS__))
void query_add_(struct query *q, const char *sql, const struct bind *b, size_t n);
void query_append(struct query *q, const struct query *more); /* its text and its values */
/* A column or table name out of a compiled table (struct field, struct resource, a sort list), never out of a request:
 * anything but [a-z0-9_.] is a BUG(). */
void query_name(struct query *q, const char *name);
void query_bind(struct query *q, struct bind b); /* for values whose type is known at run time; adds no text */
enum status query_run(struct op *op, struct query *q);
struct stmt *query_start(struct op *op, struct query *q);
struct json_object *query_array(struct op *op, struct query *q);
struct rows *query_rows(struct op *op, struct query *q);

/* ---- full text -------------------------------------------------------------------------------------------------- */
/* db_commit() brings the full-text index up to date by itself; this queues everything, so that the next commit makes
 * the whole index anew. In a transaction. */
enum status db_index_rebuild(struct op *op);
/* The words of what was deleted leave the file too, a few pages a transaction. Outside of one. */
enum status db_index_forget(struct op *op);

/* ---- upkeep ----------------------------------------------------------------------------------------------------- */
/* Folds the WAL back under the exclusive lock, when it is past `min_pages` (0: whatever there is) and no writer holds
 * it; db_commit calls it past 1000 pages. Returns E_BUSY when somebody is writing; harmless to call. */
enum status db_checkpoint(struct db *db, int min_pages);
int64_t db_statements(const struct db *db); /* statements started so far on this connection: pages' query budgets */
int64_t db_micros(const struct db *db);     /* time spent inside SQLite so far: Server-Timing */
int64_t db_steps(const struct db *db);      /* what its ended statements did so far, in steps of SQLite's machine */
enum status db_integrity(struct op *op); /* integrity_check and foreign_key_check; E_INTERNAL with the first finding */
/* A consistent copy of the database at `path` (replaced when it is there), checked and on the disk when this returns.
 * Outside a transaction. */
enum status db_snapshot(struct op *op, const char *path);
void db_print_settings(struct db *db); /* the hardening settings read back, one `name=value` line each (selftest) */

#endif
