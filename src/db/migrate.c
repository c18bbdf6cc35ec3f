/* Owns the schema's history. The only file that may run DDL. Tests: t/unit/db_migrate.c */
#include "db/migrate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/log.h"
#include "base/pool.h"
#include "base/str.h"
#include "db/handle.h"
#include "base/banned.h"

#define SQL_MAX ((size_t)1 << 20)

struct migration {
	int version;
	const char *name; /* "0003_records" */
	const char *up, *down;
	char up_sha256[SHA256_HEX];
};

struct history {
	struct migration *all;
	int count;
};

static const char ledger[] =
	"CREATE TABLE IF NOT EXISTS schema_migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL,"
	" up_sha256 TEXT NOT NULL, down_sql TEXT NOT NULL, applied_at TEXT NOT NULL) STRICT";

static enum status file_of(struct op *op, const char *dir, const char *name, const char *suffix, const char **out)
{
	char *data;
	size_t n;
	enum status st = file_read(op->pool, pool_printf(op->pool, "%s/%s%s", dir, name, suffix), SQL_MAX, &data, &n);
	if (st)
		return fail(op, E_INTERNAL, NULL, "migration %s%s cannot be read", name, suffix);
	*out = data;
	return OK;
}

static enum status migration_load(struct op *op, const char *dir, const char *file, int version, struct migration *m)
{
	size_t stem = strlen(file) - strlen(".up.sql");
	*m = (struct migration){.version = version, .name = pool_strndup(op->pool, file, stem)};
	/* Gaps would make a later file of a lower number silently skipped. */
	if (strncmp(file, pool_printf(op->pool, "%04d_", version), 5) != 0)
		return fail(op, E_INTERNAL, NULL, "migration %s does not have the number %04d", file, version);
	enum status st = file_of(op, dir, m->name, ".up.sql", &m->up);
	if (!st)
		st = file_of(op, dir, m->name, ".down.sql", &m->down);
	if (!st)
		sha256_hex(m->up, strlen(m->up), m->up_sha256);
	return st;
}

static enum status history_load(struct op *op, const char *dir, struct history *h)
{
	size_t n;
	char **files = dir_list(op->pool, dir, &n);
	if (!files)
		return fail(op, E_INTERNAL, NULL, "no migrations in %s", dir);
	*h = (struct history){.all = pool_array(op->pool, n + 1, sizeof *h->all)};
	enum status st = OK;
	for (; *files && !st; files++)
		if (str_ends(*files, ".up.sql")) {
			st = migration_load(op, dir, *files, h->count + 1, &h->all[h->count]);
			h->count++;
		}
	return st;
}

int migrate_version(struct op *op)
{
	int64_t there = 0, version = 0;
	if (db_one_int(op, &there, "SELECT count(*) FROM sqlite_schema WHERE name = 'schema_migrations'") && there)
		db_one_int(op, &version, "SELECT max(version) FROM schema_migrations");
	return (int)version;
}

/* What was applied must be what the files say today. */
static enum status history_check(struct op *op, const struct history *h)
{
	struct stmt *q = db_query(op, "SELECT version, name, up_sha256 FROM schema_migrations ORDER BY version");
	while (db_row(q)) {
		int64_t v = db_int(q, 0);
		if (v <= h->count && str_eq(h->all[v - 1].name, db_text(q, 1)) &&
			str_eq(h->all[v - 1].up_sha256, db_text(q, 2)))
			continue;
		fail(op, E_CONFLICT, NULL, "migration %s was applied and is not the same file any more", db_text(q, 1));
		db_done(q);
		break;
	}
	return op->fault.status;
}

/* A script may write the schema's own words (PRAGMA writable_schema), which a connection is kept from otherwise. */
static enum status script_run(struct op *op, const char *name, const char *sql)
{
	sqlite3_db_config(op->db->raw, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
	int rc = db_exec_unguarded(op->db, sql);
	sqlite3_db_config(op->db->raw, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	if (rc == SQLITE_OK)
		return OK;
	return fail(op, E_INTERNAL, NULL, "migration %s: %s", name, sqlite3_errmsg(op->db->raw));
}

static enum status step_up(struct op *op, const struct migration *m)
{
	char at[INSTANT_SIZE];
	instant_format(op->now, at);
	enum status st = script_run(op, m->name, m->up);
	return st ? st
		  : db_run(op,
			    "INSERT INTO schema_migrations (version, name, up_sha256, down_sql, applied_at)"
			    " VALUES (?, ?, ?, ?, ?)",
			    m->version, m->name, (const char *)m->up_sha256, m->down, (const char *)at);
}

/* The ledger's own copy, for an older program does not have the file that a newer one brought. */
static enum status step_down(struct op *op, int version)
{
	char *sql = db_one_text(op, "SELECT down_sql FROM schema_migrations WHERE version = ?", version);
	if (!sql)
		return fail(op, E_INTERNAL, NULL, "migration %d is not in the ledger", version);
	enum status st = script_run(op, pool_printf(op->pool, "%d (down)", version), sql);
	if (st)
		return st;
	op->db->unguarded = true; /* the one table where a row goes with what it stood for */
	st = db_run(op, "DELETE FROM schema_migrations WHERE version = ?", version);
	op->db->unguarded = false;
	return st;
}

/* One step in its own transaction, decided again inside: another migrator may have been faster. */
static enum status step(struct op *op, const struct history *h, int target, bool *done)
{
	enum status st = db_begin(op);
	if (st)
		return st;
	int now = migrate_version(op);
	*done = now == target;
	if (!*done)
		st = now < target ? step_up(op, &h->all[now]) : step_down(op, now);
	if (!st && !*done)
		st = guard_load(op->db);
	if (st) {
		db_rollback(op);
		return st;
	}
	return db_commit(op);
}

static enum status snapshot(struct op *op, int version)
{
	if (version == 0)
		return OK;
	const char *path = op->db->path, *slash = strrchr(path, '/');
	const char *dir = slash ? pool_printf(op->pool, "%.*s/backups", (int)(slash - path), path) : "backups";
	if (dir_make(dir, 0700))
		return fail(op, E_INTERNAL, NULL, "%s cannot be made", dir);
	char at[INSTANT_SIZE];
	instant_format(op->now, at);
	return db_snapshot(op, pool_printf(op->pool, "%s/before-migration-%04d-%s.db", dir, version, at));
}

static enum status ledger_make(struct op *op)
{
	enum status st = db_begin(op);
	if (!st)
		st = script_run(op, "ledger", ledger);
	if (st) {
		db_rollback(op);
		return st;
	}
	return db_commit(op);
}

/* One at a time: a second migrator's snapshot would be taken after the first one's steps, under the name of what was before. */
static enum status alone(struct op *op, int *lock)
{
	*lock = file_open_lock(pool_printf(op->pool, "%s.migrate", op->db->path));
	if (*lock < 0 || flock(*lock, LOCK_EX))
		return fail(op, E_INTERNAL, NULL, "%s.migrate cannot be locked", op->db->path);
	return OK;
}

static enum status run(struct op *op, const char *dir, int target)
{
	struct history h = {0};
	enum status st = history_load(op, dir, &h);
	if (!st)
		st = ledger_make(op);
	if (!st)
		st = history_check(op, &h);
	if (st)
		return st;
	if (target < 0)
		target = h.count;
	int now = migrate_version(op);
	if (target > h.count)
		return fail(op, E_INPUT, "to", "there is no migration %d", target);
	bool done = now == target;
	if (!done)
		st = snapshot(op, now);
	while (!st && !done)
		st = step(op, &h, target, &done);
	return st ? st : guard_load(op->db);
}

enum status migrate(struct op *op, const char *dir, int target)
{
	int lock;
	enum status st = alone(op, &lock);
	if (!st)
		st = run(op, dir, target);
	if (lock >= 0)
		close(lock);
	return st;
}
