/* Owns what was found out about a row and is asked for again: kept(kind, id) gives it or NULL; keep(kind, id, value)
 * keeps it and gives it back, for the schema's coalesce(kept('m', id), keep('m', id, (SELECT …))).
 * SQLite dissolves views into the statement that reads them, with a copy of a column's expression for each mention, so
 * who may read a row would be found out ten times. What is kept counts for one reader, and no longer than nothing can
 * change: until the view closes or, outside of one, until the next statement. Tests: t/unit/db_memo.c */
#include "db/handle.h"
#include "base/banned.h"

static struct kept *place(sqlite3_context *ctx, sqlite3_value **argv)
{
	struct db *db = sqlite3_user_data(ctx);
	const struct actor *a = db->asked ? &db->asked->actor : NULL;
	int64_t reader = a ? a->user_id : 0, viewer = a ? a->viewer_id : 0, id = sqlite3_value_int64(argv[1]);
	const unsigned char *kind = sqlite3_value_text(argv[0]);
	if (!kind)
		return NULL;
	if (db->memo.reader != reader || db->memo.viewer != viewer)
		memo_forget(db);
	db->memo.reader = reader;
	db->memo.viewer = viewer;
	struct kept *k = &db->memo.all[((uint64_t)id * 31 + *kind) & (MEMO_SLOTS - 1)];
	if (k->age != db->memo.age || k->id != id || k->kind != *kind)
		*k = (struct kept){.id = id, .kind = *kind};
	return k;
}

static void kept(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	(void)argc;
	struct db *db = sqlite3_user_data(ctx);
	const struct kept *k = place(ctx, argv);
	if (k && k->age == db->memo.age)
		sqlite3_result_int64(ctx, k->value);
}

static void keep(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	(void)argc;
	struct db *db = sqlite3_user_data(ctx);
	struct kept *k = place(ctx, argv);
	if (k && sqlite3_value_type(argv[2]) == SQLITE_INTEGER) {
		k->value = sqlite3_value_int64(argv[2]);
		k->age = db->memo.age;
	}
	sqlite3_result_value(ctx, argv[2]);
}

void memo_forget(struct db *db)
{
	db->memo.age++;
}

int memo_register(struct db *db)
{
	memo_forget(db); /* nothing is kept from age 0 */
	int flags = SQLITE_UTF8 | SQLITE_INNOCUOUS;
	int rc = sqlite3_create_function(db->raw, "kept", 2, flags, db, kept, NULL, NULL);
	return rc ? rc : sqlite3_create_function(db->raw, "keep", 3, flags, db, keep, NULL, NULL);
}
