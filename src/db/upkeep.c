/* Owns looking after the whole file: is it sound, and a copy of it. Tests: t/unit/db_migrate.c */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/pool.h"
#include "db/handle.h"
#include "base/banned.h"

static enum status first_finding(struct op *op, sqlite3 *raw, const char *sql, const char *sound)
{
	sqlite3_stmt *q;
	if (sqlite3_prepare_v2(raw, sql, -1, &q, NULL) != SQLITE_OK)
		return fail(op, E_INTERNAL, NULL, "%s: %s", sql, sqlite3_errmsg(raw));
	int rc = sqlite3_step(q);
	const char *said = rc == SQLITE_ROW ? (const char *)sqlite3_column_text(q, 0) : NULL;
	bool fine = sound ? said && !strcmp(said, sound) : rc == SQLITE_DONE;
	enum status st = fine ? OK : fail(op, E_INTERNAL, NULL, "%s: %s", sql, said ? said : sqlite3_errmsg(raw));
	sqlite3_finalize(q);
	return st;
}

static enum status checked(struct op *op, sqlite3 *raw)
{
	enum status st = first_finding(op, raw, "PRAGMA integrity_check(1)", "ok");
	return st ? st : first_finding(op, raw, "PRAGMA foreign_key_check", NULL);
}

enum status db_integrity(struct op *op)
{
	op->db->unguarded = true;
	enum status st = checked(op, op->db->raw);
	op->db->unguarded = false;
	return st;
}

static enum status sync_path(struct op *op, const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);
	bool synced = fd >= 0 && fsync(fd) == 0;
	if (fd >= 0)
		close(fd);
	return synced ? OK : fail(op, E_INTERNAL, NULL, "%s cannot be written to the disk", path);
}

/* A copy is trusted only after it was read back as a database of its own. */
static enum status copy_check(struct op *op, const char *path)
{
	sqlite3 *copy = NULL;
	enum status st = OK;
	if (sqlite3_open_v2(path, &copy, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
		st = fail(op, E_INTERNAL, NULL, "the copy %s cannot be opened", path);
	if (!st)
		st = checked(op, copy);
	sqlite3_close(copy);
	return st;
}

enum status db_snapshot(struct op *op, const char *path)
{
	struct db *db = op->db;
	const char *temp = pool_printf(op->pool, "%s.part", path);
	unlink(temp);
	sqlite3_stmt *q = NULL;
	db->unguarded = true;
	int rc = sqlite3_prepare_v2(db->raw, "VACUUM INTO ?1", -1, &q, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_text(q, 1, temp, -1, SQLITE_STATIC);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(q);
	enum status st = rc == SQLITE_DONE ? OK : db_failed(op, rc, "VACUUM INTO");
	sqlite3_finalize(q);
	db->unguarded = false;
	if (!st)
		st = copy_check(op, temp);
	if (!st)
		st = sync_path(op, temp, O_RDONLY);
	if (!st && rename(temp, path) != 0)
		st = fail(op, E_INTERNAL, NULL, "%s cannot be created", path);
	if (st) {
		unlink(temp);
		return st;
	}
	char *dir = pool_strdup(op->pool, path);
	char *slash = strrchr(dir, '/');
	if (slash)
		*slash = 0;
	return sync_path(op, slash ? dir : ".", O_RDONLY | O_DIRECTORY);
}
