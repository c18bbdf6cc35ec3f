/* Owns the full-text index (migration search): keeps it, in the transaction that changes what it speaks of. Never reads
 * it for anybody: crm/search.c does. Tests: t/60-search.t
 *
 * FTS5 counts as unsafe in triggers and views while trusted_schema is off. So triggers only note in search_queue what
 * changed, whoever changed it, and db_commit() empties that queue into the index by statements of its own. No write path
 * can forget the index, and no committed state has the two apart. */
#include "db/handle.h"
#include "base/banned.h"

#define SORTED_MAX 10000 /* rows whose texts are held in memory to be put in order */

#define PENDING_TO_INDEX                                                                                               \
	"INSERT INTO search_fts (rowid, title, sender, recipients, body, at)"                                          \
	" SELECT id, title, sender, recipients, body, at FROM search_pending"

enum status index_drain(struct op *op)
{
	int64_t waiting = 0;
	if (!op->db->has_index)
		return OK;
	if (!db_one_int(op, &waiting, "SELECT count(*) FROM (SELECT 1 FROM search_queue LIMIT ?)", SORTED_MAX + 1))
		return op->fault.status;
	if (!waiting)
		return OK;
	/* FTS5 gathers what comes in the order of its numbers and writes it at once; a smaller number than the last makes
	 * it write what it has, a segment for each row when mail is stored newest first. */
	const char *const steps[] = {
		"DELETE FROM search_fts WHERE rowid IN (SELECT docid FROM search_queue JOIN search_rows_cache"
		" USING (kind, record));"
		" DELETE FROM search_rows_cache WHERE (kind, record) IN (SELECT kind, record FROM search_queue);"
		" INSERT INTO search_rows_cache (kind, record, docid) SELECT kind, record, id FROM search_pending",
		waiting > SORTED_MAX ? PENDING_TO_INDEX : PENDING_TO_INDEX " ORDER BY id",
		"DELETE FROM search_queue",
	};
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		int rc = db_exec_unguarded(op->db, steps[i]);
		if (rc != SQLITE_OK)
			return db_failed(op, rc, steps[i]);
	}
	return OK;
}

enum status db_index_rebuild(struct op *op)
{
	return db_run(op, "INSERT OR IGNORE INTO search_queue (kind, record) SELECT kind, record FROM search_all"
			  " UNION SELECT kind, record FROM search_rows_cache");
}

/* FTS5 marks what is deleted and drops it when segments are merged; a negative number begins a merge of all of them, and
 * fewer than two changes say that nothing is left to merge (https://www.sqlite.org/fts5.html#the_merge_command). */
enum status db_index_forget(struct op *op)
{
	const char *sql = "INSERT INTO search_fts (search_fts, rank) VALUES ('merge', -500)";
	for (int changes = 2; changes >= 2;) {
		enum status st = db_begin(op);
		if (st)
			return st;
		int before = sqlite3_total_changes(op->db->raw), rc = db_exec_unguarded(op->db, sql);
		st = db_end(op, rc == SQLITE_OK ? OK : db_failed(op, rc, sql));
		if (st)
			return st;
		changes = sqlite3_total_changes(op->db->raw) - before;
		sql = "INSERT INTO search_fts (search_fts, rank) VALUES ('merge', 500)";
	}
	return OK;
}
