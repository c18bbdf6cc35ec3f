/* Owns the translation of SQLite's errors into ours: a trigger's own words reach the person, SQL never does.
 * Tests: t/unit/db_stmt.c */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/pool.h"
#include "base/status.h"
#include "base/str.h"
#include "db/handle.h"
#include "base/banned.h"

/* "403 text", "409 text", "422 field text": how a RAISE in a migration names status and field. */
static enum status raised(struct op *op, const char *text)
{
	static const struct {
		const char *code;
		enum status st;
	} codes[] = {{"403 ", E_FORBIDDEN}, {"404 ", E_NOT_FOUND}, {"409 ", E_CONFLICT}};
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		if (str_starts(text, codes[i].code))
			return fail(op, codes[i].st, NULL, "%s", text + 4);
	const char *space = str_starts(text, "422 ") ? strchr(text + 4, ' ') : NULL;
	if (space)
		return fail(op, E_INPUT, pool_strndup(op->pool, text + 4, (size_t)(space - text - 4)), "%s", space + 1);
	return E_INTERNAL;
}

/* "UNIQUE constraint failed: users.email" → "email"; NULL for an index on an expression or several columns. */
static const char *column_named(struct op *op, const char *text)
{
	const char *dot = strrchr(text, '.');
	return dot && !strchr(text, ',') ? pool_strdup(op->pool, dot + 1) : NULL;
}

static enum status constraint(struct op *op, int rc, const char *text)
{
	switch (rc) {
	case SQLITE_CONSTRAINT_TRIGGER:
		return raised(op, text);
	case SQLITE_CONSTRAINT_UNIQUE:
	case SQLITE_CONSTRAINT_PRIMARYKEY:
	case SQLITE_CONSTRAINT_ROWID:
		return fail(op, E_CONFLICT, column_named(op, text), "exists already");
	case SQLITE_CONSTRAINT_NOTNULL:
		return fail(op, E_INPUT, column_named(op, text), "is required");
	case SQLITE_CONSTRAINT_FOREIGNKEY:
		return fail(op, E_INPUT, NULL, "refers to something that does not exist");
	case SQLITE_CONSTRAINT_CHECK:
	case SQLITE_CONSTRAINT_DATATYPE:
		return fail(op, E_INPUT, NULL, "a value is not acceptable");
	default:
		return E_INTERNAL;
	}
}

enum status db_failed(struct op *op, int rc, const char *sql)
{
	const char *text = sqlite3_errmsg(op->db->raw);
	enum status st = E_INTERNAL;
	switch (rc & 0xff) {
	case SQLITE_CONSTRAINT:
		st = constraint(op, rc, text);
		break;
	case SQLITE_BUSY:
		op->fault.retry_after = 1;
		st = fail(op, E_BUSY, NULL, "the database is busy, try again in a moment");
		break;
	case SQLITE_FULL:
		st = fail(op, E_FULL, NULL, "there is no space left on the server");
		break;
	case SQLITE_AUTH:
	case SQLITE_READONLY:
		st = fail(op, E_FORBIDDEN, NULL, "this connection may not do that");
		break;
	case SQLITE_TOOBIG:
		st = fail(op, E_TOO_LARGE, NULL, "a value is too large");
		break;
	default:
		break;
	}
	if (st == E_INTERNAL || st == E_FORBIDDEN)
		log_error("a database statement failed", "error", text, "sql", sql, NULL);
	if (st == E_INTERNAL)
		fail(op, st, NULL, "the database could not do this");
	op->db->failed = st;
	return st;
}
