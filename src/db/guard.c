/* Owns what a connection may ask of SQLite, by the authorizer: what is soft-deleted is read through its view, the
 * mail through the views that ask who may read it, the audit log is written by triggers, nothing is deleted that must
 * stay, and each mode reaches its own tables only.
 * The triggers of migrations/ hold the same rules about people; neither relies on the other. Tests: t/unit/db_guard.c
 */
#include <string.h>

#include "base/log.h"
#include "base/pool.h"
#include "base/str.h"
#include "db/handle.h"
#include "base/banned.h"

static bool listed(const char *const *names, const char *name)
{
	for (; *names; names++)
		if (!strcmp(*names, name))
			return true;
	return false;
}

static bool known(const char **names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

/* FTS5 keeps its index in tables of its own, written by statements of its own; our full-text tables end in _fts. */
static bool is_index(const char *table)
{
	return strstr(table, "_fts") != NULL;
}

static bool may_delete(const char *table)
{
	static const char *const names[] = {"sessions", "login_attempts", "nonces", "thread_parties", NULL};
	return listed(names, table) || str_ends(table, "_cache") || str_ends(table, "_queue") || is_index(table);
}

static bool may_write(enum db_mode mode, const char *table)
{
	static const char *const agents[] = {
		"proposals", "proposal_evidence", "drafts", "login_attempts", "sessions", "audit_log", NULL};
	static const char *const closed_to_system[] = {"organizations", "contacts", "investors", "communications",
		"tasks", "contact_emails", "contact_phones", "organization_domains", "affiliations", "funds",
		"commitments", "opportunities", "stage_moves", "communication_parties", "merges", "users",
		"user_aliases", "settings", "sessions", "rules", NULL};
	static const char *const closed_to_people[] = {"purged_messages", "purges", "blobs_queue", NULL};
	switch (mode) {
	case DB_READ:
	case DB_CHECK:
		return false;
	case DB_AGENT:
		return listed(agents, table);
	case DB_SYSTEM:
	case DB_DIGEST:
		return !listed(closed_to_system, table);
	case DB_HUMAN:
		return !listed(closed_to_people, table);
	default:
		return true;
	}
}

/* What a purge erases, by the schema's own triggers alone: they ask for a rule that a person saved (migration rules). */
static bool may_erase(const char *table, const char *accessor)
{
	static const char *const names[] = {"messages", "message_bodies", "message_addresses", "attachments", "blobs",
		"communication_messages", "proposal_messages", "thread_refs", "thread_parties", "bounces",
		"thread_move_messages", NULL};
	return accessor && str_ends(accessor, "_erase") && listed(names, table);
}

static bool write_allowed(struct db *db, int action, const char *table, const char *accessor)
{
	if (action == SQLITE_DELETE && !may_delete(table) && !may_erase(table, accessor))
		return false;
	if (accessor && !mode_reads_only(db->mode))
		return true; /* a trigger's: it is the schema that writes */
	return strcmp(table, "audit") != 0 &&
	       (may_write(db->mode, table) || (is_index(table) && !mode_reads_only(db->mode)));
}

/* What is read through its view X_seen, by those who may not read all mail. Views that end in _inner are for views. */
static bool is_restricted(const struct db *db, const char *table)
{
	bool reads_all = db->mode == DB_SYSTEM || db->mode == DB_CHECK || db->mode == DB_OWNER;
	return !reads_all && (str_ends(table, "_inner") || known(db->restricted, db->restricted_count, table));
}

/* UPDATE … WHERE id = ? and RETURNING read the base table too: only a SELECT is held to the view. A subquery or a CTE
 * names itself as the accessor, so it must be one that the schema knows. A write that holds a SELECT also checks its
 * foreign keys, which reads the child tables' ids. */
static bool read_allowed(struct db *db, const char *table, const char *column, const char *accessor)
{
	if (!known(db->soft_deleted, db->soft_deleted_count, table) && !is_restricted(db, table))
		return true;
	if (db->write_seen && !accessor && (str_eq(column, "id") || str_ends(column, "_id") || str_ends(column, "_by")))
		return true;
	/* A view of which only the row's number is wanted dissolves into its table: no column, no accessor. */
	if (db->view_seen && !*column && is_restricted(db, table))
		return true;
	return accessor ? known(db->accessors, db->accessor_count, accessor) : !db->select_seen;
}

static int denied(int action, const char *what)
{
	const char *name = action == SQLITE_READ     ? "read"
			   : action == SQLITE_INSERT ? "insert"
			   : action == SQLITE_UPDATE ? "update"
			   : action == SQLITE_DELETE ? "delete"
						     : "other";
	log_error("the guard refused a statement", "action", name, "what", what, NULL);
	return SQLITE_DENY;
}

static int authorize(void *arg, int action, const char *a, const char *b, const char *schema, const char *accessor)
{
	struct db *db = arg;
	(void)schema;
	if (db->unguarded)
		return SQLITE_OK;
	switch (action) {
	case SQLITE_SELECT:
		db->select_seen |= !accessor;
		return SQLITE_OK;
	case SQLITE_READ:
		db->view_seen |= !accessor && str_ends(a, "_seen");
		return read_allowed(db, a, b, accessor) ? SQLITE_OK : denied(action, a);
	case SQLITE_INSERT:
	case SQLITE_UPDATE:
	case SQLITE_DELETE:
		db->write_seen |= !accessor;
		return write_allowed(db, action, a, accessor) ? SQLITE_OK : denied(action, a);
	case SQLITE_FUNCTION:
		return b && !strcmp(b, "load_extension") ? denied(action, b) : SQLITE_OK;
	case SQLITE_TRANSACTION:
	case SQLITE_SAVEPOINT:
	case SQLITE_RECURSIVE:
		return SQLITE_OK;
	case SQLITE_PRAGMA: /* FTS5 asks for it to know whether its cached structure is stale */
		return a && !strcmp(a, "data_version") ? SQLITE_OK : denied(action, a);
	default:
		return denied(action, a);
	}
}

static enum status names_load(struct db *db, const char *sql, const char ***out, size_t *count)
{
	sqlite3_stmt *q;
	size_t n = 0, cap = 256;
	const char **names = pool_array(db->pool, cap, sizeof *names);
	if (sqlite3_prepare_v2(db->raw, sql, -1, &q, NULL) != SQLITE_OK)
		return E_INTERNAL;
	int rc;
	while ((rc = sqlite3_step(q)) == SQLITE_ROW) {
		if (n == cap) {
			const char **more = pool_array(db->pool, cap * 2, sizeof *more);
			memcpy(more, names, cap * sizeof *names);
			names = more;
			cap *= 2;
		}
		names[n++] = pool_strdup(db->pool, (const char *)sqlite3_column_text(q, 0));
	}
	sqlite3_finalize(q);
	*out = names;
	*count = n;
	return rc == SQLITE_DONE ? OK : E_INTERNAL;
}

enum status guard_load(struct db *db)
{
	bool before = db->unguarded;
	db->unguarded = true;
	enum status st = names_load(db,
		"SELECT m.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c ON c.name = 'deleted_at'"
		" WHERE m.type = 'table'",
		&db->soft_deleted, &db->soft_deleted_count);
	if (!st)
		st = names_load(db,
			"SELECT t.name FROM sqlite_schema t JOIN sqlite_schema v ON v.type = 'view' AND v.name = "
			"t.name || '_seen' WHERE t.type = 'table'",
			&db->restricted, &db->restricted_count);
	if (!st)
		st = names_load(db, "SELECT name FROM sqlite_schema WHERE type IN ('view', 'trigger')", &db->accessors,
			&db->accessor_count);
	int rc = sqlite3_table_column_metadata(db->raw, NULL, "search_queue", "kind", NULL, NULL, NULL, NULL, NULL);
	db->has_index = rc == SQLITE_OK;
	db->unguarded = before;
	return st;
}

void guard_install(struct db *db)
{
	sqlite3_set_authorizer(db->raw, authorize, db);
}
