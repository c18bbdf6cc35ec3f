/* Owns opening and closing a connection with every setting of db.h in force. Never touches a row.
 * Tests: t/unit/db_tx.c, t/60-opens.t */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/pool.h"
#include "db/handle.h"
#include "base/banned.h"

static int on_wal(void *arg, sqlite3 *raw, const char *schema, int pages)
{
	(void)raw, (void)schema;
	((struct db *)arg)->wal_pages = pages;
	return SQLITE_OK;
}

/* Evenly short naps instead of SQLite's growing ones: with many writers nobody sleeps past his turn. */
static int on_busy(void *arg, int count)
{
	(void)arg;
	if (count >= BUSY_MS / 2)
		return 0;
	nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
	return 1;
}

static enum status lock_open(struct db *db)
{
	char dir[PATH_MAX];
	const char *slash = strrchr(db->path, '/');
	int n = slash ? snprintf(dir, sizeof dir, "%.*s/run", (int)(slash - db->path), db->path)
		      : snprintf(dir, sizeof dir, "run");
	if (n < 0 || (size_t)n >= sizeof dir || dir_make(dir, 0750))
		return E_INTERNAL;
	const char *path = pool_printf(db->pool, "%s/checkpoint.lock", dir);
	db->lock_fd = file_open_lock(path);
	return db->lock_fd < 0 ? E_INTERNAL : OK;
}

static int limits_set(sqlite3 *raw)
{
	static const int limits[][2] = {
		{SQLITE_LIMIT_LENGTH, 64 << 20}, /* a message's readable text and HTML are rows */
		{SQLITE_LIMIT_SQL_LENGTH, 100000},
		{SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 200},
		{SQLITE_LIMIT_EXPR_DEPTH, 200},
		{SQLITE_LIMIT_VARIABLE_NUMBER, 200},
		{SQLITE_LIMIT_TRIGGER_DEPTH, 10},
		{SQLITE_LIMIT_WORKER_THREADS, 0},
	};
	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
		sqlite3_limit(raw, limits[i][0], limits[i][1]);
	static const int switches[][2] = {
		{SQLITE_DBCONFIG_DEFENSIVE, 1},
		{SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
		{SQLITE_DBCONFIG_DQS_DML, 0},
		{SQLITE_DBCONFIG_DQS_DDL, 0},
		{SQLITE_DBCONFIG_ENABLE_FKEY, 1},
		{SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
		{SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1},
	};
	for (size_t i = 0; i < sizeof switches / sizeof *switches; i++) {
		int now = -1;
		int rc = sqlite3_db_config(raw, switches[i][0], switches[i][1], &now);
		if (rc != SQLITE_OK || now != switches[i][1])
			return rc ? rc : SQLITE_ERROR;
	}
	return SQLITE_OK;
}

static int settings_apply(struct db *db)
{
	int rc = limits_set(db->raw);
	if (rc == SQLITE_OK)
		rc = sqlite3_busy_handler(db->raw, on_busy, db);
	if (rc == SQLITE_OK)
		rc = sqlite3_wal_autocheckpoint(db->raw, 0);
	sqlite3_wal_hook(db->raw, on_wal, db);
	if (rc == SQLITE_OK)
		rc = functions_register(db);
	if (rc == SQLITE_OK)
		rc = relevance_register(db);
	if (rc == SQLITE_OK)
		rc = memo_register(db);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(db->raw,
			"PRAGMA journal_mode = wal; PRAGMA synchronous = full; PRAGMA cell_size_check = on;"
			" PRAGMA mmap_size = 0; PRAGMA temp_store = memory; PRAGMA cache_size = -16000;"
			" PRAGMA recursive_triggers = off",
			NULL, NULL, NULL);
	/* A table-valued function is declared at its first use, as if a table were made: before the guard stands. */
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(db->raw, "SELECT 1 FROM json_each('[]')", NULL, NULL, NULL);
	if (rc == SQLITE_OK && mode_reads_only(db->mode))
		rc = sqlite3_exec(db->raw, "PRAGMA query_only = on", NULL, NULL, NULL);
	/* A migration, a check or an import goes through all there is; capture writes all over it. */
	if (rc == SQLITE_OK && db->mode == DB_OWNER)
		rc = sqlite3_exec(db->raw, "PRAGMA cache_size = -256000", NULL, NULL, NULL);
	if (rc == SQLITE_OK && db->mode == DB_SYSTEM)
		rc = sqlite3_exec(db->raw, "PRAGMA cache_size = -64000", NULL, NULL, NULL);
	return rc;
}

static enum status opened(struct db *db)
{
	/* Also who only reads is opened for writing: a WAL reader must write the shared index. query_only and guard keep it
	 * quiet. */
	/* One thread asks, so nothing need be locked, and nobody asks SQLite how much memory it has: both before its first
	 * use; later they are refused and change nothing. */
	sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (db->mode == DB_OWNER ? SQLITE_OPEN_CREATE : 0);
	if (db->mode != DB_OWNER && access(db->path, F_OK) != 0 && errno == ENOENT)
		return E_NOT_FOUND;
	int rc = sqlite3_open_v2(db->path, &db->raw, flags, NULL);
	if (rc == SQLITE_OK) {
		sqlite3_extended_result_codes(db->raw, 1);
		rc = settings_apply(db);
	}
	enum status st = rc == SQLITE_OK ? lock_open(db) : E_INTERNAL;
	if (!st)
		st = guard_load(db);
	if (st)
		log_error("cannot open the database", "path", db->path, "error",
			db->raw ? sqlite3_errmsg(db->raw) : "out of memory", NULL);
	return st;
}

enum status db_open(const char *path, enum db_mode mode, struct db **out)
{
	struct pool *p = pool_new();
	struct db *db = pool_alloc(p, sizeof *db);
	*db = (struct db){.pool = p, .mode = mode, .path = pool_strdup(p, path), .lock_fd = -1, .unguarded = true};
	*out = NULL;
	enum status st = opened(db);
	if (st) {
		db_close(db);
		return st;
	}
	db->unguarded = false;
	guard_install(db);
	*out = db;
	return OK;
}

void db_close(struct db *db)
{
	if (!db)
		return;
	if (db->op)
		db_rollback(db->op);
	db_view_close(db);
	stmt_close_all(db);
	sqlite3_finalize(db->view_begin);
	sqlite3_finalize(db->view_end);
	int rc = sqlite3_close(db->raw);
	if (rc != SQLITE_OK)
		BUG("a statement outlived its connection");
	if (db->lock_fd >= 0)
		close(db->lock_fd);
	pool_free(db->pool);
}

enum db_mode db_mode(const struct db *db)
{
	return db->mode;
}

int64_t db_statements(const struct db *db)
{
	return db->statements;
}

int64_t db_micros(const struct db *db)
{
	return db->micros;
}

int64_t db_steps(const struct db *db)
{
	return db->steps;
}

static int print_pair(void *arg, int n, char **values, char **names)
{
	(void)arg;
	for (int i = 0; i < n; i++)
		printf("%s=%s\n", names[i], values[i] ? values[i] : "");
	return 0;
}

void db_print_settings(struct db *db)
{
	static const struct {
		const char *name;
		int option;
	} switches[] = {
		{"defensive", SQLITE_DBCONFIG_DEFENSIVE},
		{"trusted_schema", SQLITE_DBCONFIG_TRUSTED_SCHEMA},
		{"dqs_dml", SQLITE_DBCONFIG_DQS_DML},
		{"dqs_ddl", SQLITE_DBCONFIG_DQS_DDL},
		{"foreign_keys", SQLITE_DBCONFIG_ENABLE_FKEY},
		{"load_extension", SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION},
		{"no_ckpt_on_close", SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE},
	};
	for (size_t i = 0; i < sizeof switches / sizeof *switches; i++) {
		int now = -1;
		sqlite3_db_config(db->raw, switches[i].option, -1, &now);
		printf("%s=%d\n", switches[i].name, now);
	}
	static const char *const pragmas[] = {"PRAGMA journal_mode", "PRAGMA wal_autocheckpoint", "PRAGMA synchronous",
		"PRAGMA mmap_size", "PRAGMA cell_size_check", "PRAGMA query_only"};
	db->unguarded = true;
	for (size_t i = 0; i < sizeof pragmas / sizeof *pragmas; i++)
		sqlite3_exec(db->raw, pragmas[i], print_pair, NULL, NULL);
	db->unguarded = false;
	printf("sqlite_version=%s\n", sqlite3_libversion());
}
