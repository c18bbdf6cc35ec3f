/* Owns statements: prepared once per connection, bound by type, run, read. Never builds SQL. Tests: t/unit/db_stmt.c */
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/pool.h"
#include "db/handle.h"
#include "base/banned.h"

struct bind bind_i64(int64_t v)
{
	return (struct bind){.type = BIND_INT, .i = v};
}

struct bind bind_f64(double v)
{
	return (struct bind){.type = BIND_REAL, .r = v};
}

struct bind bind_text(const char *v)
{
	return v ? (struct bind){.type = BIND_TEXT, .s = v, .len = strlen(v)} : (struct bind){.type = BIND_NULL};
}

struct bind bind_blob(struct blob v)
{
	return v.data ? (struct bind){.type = BIND_BLOB, .s = v.data, .len = v.len} : (struct bind){.type = BIND_NULL};
}

struct bind bind_null(struct nothing v)
{
	(void)v;
	return (struct bind){.type = BIND_NULL};
}

/* Statements are long and a page asks dozens: eight bytes at a time. */
static uint64_t hash_of(const char *s)
{
	size_t n = strlen(s);
	uint64_t h = n, word;
	for (; n; s += sizeof word) {
		size_t len = n < sizeof word ? n : sizeof word;
		word = 0;
		memcpy(&word, s, len);
		h = (h ^ word) * 0x9e3779b97f4a7c15u; /* Knuth's, 2^64 over the golden ratio */
		h ^= h >> 32;
		n -= len;
	}
	return h;
}

static struct stmt *cache_find(struct db *db, const char *sql, uint64_t hash)
{
	for (struct stmt *q = db->slots[hash & (CACHE_SLOTS - 1)]; q; q = q->next)
		if (q->hash == hash && !q->busy && !strcmp(q->sql, sql))
			return q;
	return NULL;
}

/* One statement, and nothing after it. Kept for next time unless the cache is full or the same text is under way. */
static struct stmt *prepare(struct op *op, const char *sql, uint64_t hash)
{
	struct db *db = op->db;
	sqlite3_stmt *raw = NULL;
	const char *tail = NULL;
	db->select_seen = db->write_seen = db->view_seen = false;
	int rc = sqlite3_prepare_v3(db->raw, sql, -1, SQLITE_PREPARE_PERSISTENT, &raw, &tail);
	if (rc != SQLITE_OK) {
		db_failed(op, rc, sql);
		return NULL;
	}
	if (!raw || (tail && *tail))
		BUG("not one statement: %s", sql);
	bool keep = db->cached < CACHE_MAX;
	struct pool *p = keep ? db->pool : op->pool;
	struct stmt *q = pool_alloc(p, sizeof *q);
	*q = (struct stmt){.db = db, .raw = raw, .sql = pool_strdup(p, sql), .hash = hash, .cached = keep};
	if (keep) {
		struct stmt **slot = &db->slots[hash & (CACHE_SLOTS - 1)];
		q->next = *slot;
		*slot = q;
		db->cached++;
	}
	return q;
}

static int bind_one(sqlite3_stmt *raw, int i, const struct bind *b)
{
	switch (b->type) {
	case BIND_INT:
		return sqlite3_bind_int64(raw, i, b->i);
	case BIND_REAL:
		return sqlite3_bind_double(raw, i, b->r);
	case BIND_TEXT:
		return sqlite3_bind_text64(raw, i, b->s, b->len, SQLITE_STATIC, SQLITE_UTF8);
	case BIND_BLOB:
		return sqlite3_bind_blob64(raw, i, b->s, b->len, SQLITE_STATIC);
	default:
		return sqlite3_bind_null(raw, i);
	}
}

struct stmt *db_query_(struct op *op, const char *sql, const struct bind *b, size_t n)
{
	uint64_t hash = hash_of(sql);
	int64_t start = clock_mono_us();
	struct db *db = op->db;
	db->failed = OK;
	if (db->op || sqlite3_get_autocommit(db->raw)) /* in a reader's view nothing changes */
		memo_forget(db);
	struct stmt *q = cache_find(db, sql, hash);
	if (!q)
		q = prepare(op, sql, hash);
	db->micros += clock_mono_us() - start;
	if (!q)
		return NULL;
	if ((size_t)sqlite3_bind_parameter_count(q->raw) != n)
		BUG("%zu values for %d placeholders: %s", n, sqlite3_bind_parameter_count(q->raw), sql);
	q->op = op;
	q->busy = true;
	q->next_busy = db->busy;
	db->busy = q;
	db->statements++;
	for (size_t i = 0; i < n; i++) {
		int rc = bind_one(q->raw, (int)i + 1, &b[i]);
		if (rc == SQLITE_OK)
			continue;
		db_failed(op, rc, sql);
		db_done(q);
		return NULL;
	}
	return q;
}

bool stmt_step(struct stmt *q)
{
	q->db->asked = q->op;
	q->db->select_seen = q->db->write_seen = q->db->view_seen =
		false; /* a changed schema prepares again inside sqlite3_step */
	int rc = sqlite3_step(q->raw);
	if (rc == SQLITE_ROW)
		return true;
	if (rc != SQLITE_DONE)
		db_failed(q->op, rc, q->sql);
	db_done(q);
	return false;
}

bool db_row(struct stmt *q)
{
	if (!q)
		return false;
	int64_t start = clock_mono_us();
	struct db *db = q->db;
	bool more = stmt_step(q);
	db->micros += clock_mono_us() - start;
	return more;
}

void db_done(struct stmt *q)
{
	if (!q || !q->busy)
		return;
	q->db->steps += sqlite3_stmt_status(q->raw, SQLITE_STMTSTATUS_VM_STEP, 1);
	sqlite3_reset(q->raw);
	sqlite3_clear_bindings(q->raw);
	q->busy = false;
	q->op = NULL;
	struct stmt **at = &q->db->busy;
	while (*at != q)
		at = &(*at)->next_busy;
	*at = q->next_busy;
	if (!q->cached)
		sqlite3_finalize(q->raw);
}

void stmt_reset_busy(struct db *db)
{
	while (db->busy)
		db_done(db->busy);
}

void stmt_close_all(struct db *db)
{
	stmt_reset_busy(db);
	for (size_t i = 0; i < CACHE_SLOTS; i++) {
		for (struct stmt *q = db->slots[i]; q; q = q->next)
			sqlite3_finalize(q->raw);
		db->slots[i] = NULL;
	}
	db->cached = 0;
}

enum status db_run_(struct op *op, const char *sql, const struct bind *b, size_t n)
{
	if (!db_in_tx(op->db))
		BUG("a write outside a transaction: %s", sql);
	struct stmt *q = db_query_(op, sql, b, n);
	while (db_row(q)) {
	}
	return op->db->failed;
}

int64_t db_last_id(struct op *op)
{
	return sqlite3_last_insert_rowid(op->db->raw);
}

int64_t db_changes(struct op *op)
{
	return sqlite3_changes64(op->db->raw);
}

int64_t db_int(struct stmt *q, int col)
{
	return sqlite3_column_int64(q->raw, col);
}

double db_real(struct stmt *q, int col)
{
	return sqlite3_column_double(q->raw, col);
}

const char *db_text(struct stmt *q, int col)
{
	return (const char *)sqlite3_column_text(q->raw, col);
}

char *db_text_dup(struct stmt *q, int col)
{
	return pool_strdup(q->op->pool, db_text(q, col));
}

struct blob db_blob(struct stmt *q, int col)
{
	const void *data = sqlite3_column_blob(q->raw, col);
	return (struct blob){data, (size_t)sqlite3_column_bytes(q->raw, col)};
}

bool db_is_null(struct stmt *q, int col)
{
	return sqlite3_column_type(q->raw, col) == SQLITE_NULL;
}

bool db_one_int_(struct op *op, int64_t *out, const char *sql, const struct bind *b, size_t n)
{
	struct stmt *q = db_query_(op, sql, b, n);
	if (!db_row(q))
		return false;
	bool found = !db_is_null(q, 0);
	if (found)
		*out = db_int(q, 0);
	db_done(q);
	return found;
}

char *db_one_text_(struct op *op, const char *sql, const struct bind *b, size_t n)
{
	struct stmt *q = db_query_(op, sql, b, n);
	if (!db_row(q))
		return NULL;
	char *s = db_text_dup(q, 0);
	db_done(q);
	return s;
}
