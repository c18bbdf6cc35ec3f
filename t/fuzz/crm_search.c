/* Any text as a search: what it becomes is taken by FTS5, over a table as the index has. */
#include <sqlite3.h>
#include <string.h>

#include "base/clock.h"
#include "base/pool.h"
#include "base/str.h"
#include "fuzz.h"
#include "../../src/crm/search_query.c"

static sqlite3_stmt *asking(void)
{
	static sqlite3_stmt *q;
	sqlite3 *db;
	if (q)
		return q;
	PROMISE(sqlite3_open(":memory:", &db) == SQLITE_OK);
	PROMISE(sqlite3_exec(db,
			"CREATE VIRTUAL TABLE t USING fts5(title, sender, recipients, body);"
			"INSERT INTO t VALUES ('a b', 'bob', 'ada nowak', 'c')",
			NULL, NULL, NULL) == SQLITE_OK);
	PROMISE(sqlite3_prepare_v2(db, "SELECT rowid FROM t WHERE t MATCH ?", -1, &q, NULL) == SQLITE_OK);
	return q;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct pool *p = pool_new();
	struct search_query q = search_read(p, utf8_repair(p, (const char *)data, n));
	PROMISE(!q.before || day_valid(q.before));
	PROMISE(!q.after || day_valid(q.after));
	PROMISE(q.kind >= 0 && q.kind < SEARCH_KINDS);
	PROMISE(!q.is_empty || (!q.match && !q.before && !q.after && !q.org && !q.kind));
	PROMISE(!q.org || utf8_valid(q.org, strlen(q.org)));
	if (q.match) {
		PROMISE(utf8_valid(q.match, strlen(q.match)) && strlen(q.match) < 16384);
		sqlite3_bind_text(asking(), 1, q.match, -1, SQLITE_TRANSIENT);
		int rc = sqlite3_step(asking());
		PROMISE(rc == SQLITE_ROW || rc == SQLITE_DONE);
		sqlite3_reset(asking());
	}
	pool_free(p);
	return 0;
}
