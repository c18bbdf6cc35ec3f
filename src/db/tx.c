/* Owns transactions and the checkpoint lock. The only file that says BEGIN. Tests: t/unit/db_tx.c, t/10-storm.t
 *
 * Frames reach the WAL only between db_begin() and the end of its transaction, under a shared flock; the WAL is folded
 * back only under the exclusive one. The shared lock is taken after BEGIN IMMEDIATE, when SQLite has already made this
 * process the only writer: so at most one process at a time holds it, and a waiting checkpoint is not starved. */
#include <errno.h>
#include <string.h>
#include <sys/file.h>

#include "base/log.h"
#include "base/pool.h"
#include "db/handle.h"
#include "base/banned.h"

int db_exec_unguarded(struct db *db, const char *sql)
{
	bool before = db->unguarded;
	db->unguarded = true;
	int rc = sqlite3_exec(db->raw, sql, NULL, NULL, NULL);
	db->unguarded = before;
	return rc;
}

static bool lock_take(struct db *db, int how)
{
	if (db->lock_fd < 0)
		return true; /* the storm test's control run */
	int rc;
	while ((rc = flock(db->lock_fd, how)) && errno == EINTR) {
	}
	return rc == 0;
}

static void lock_drop(struct db *db)
{
	lock_take(db, LOCK_UN);
}

static void tx_end(struct db *db)
{
	lock_drop(db);
	db->op = NULL;
	db->proposal_id = 0;
}

enum status db_end(struct op *op, enum status st)
{
	if (!st)
		return db_commit(op);
	db_rollback(op);
	return st;
}

bool db_in_tx(const struct db *db)
{
	return db->op != NULL;
}

enum status db_begin(struct op *op)
{
	struct db *db = op->db;
	if (db->op)
		BUG("a transaction inside a transaction");
	if (db->busy)
		BUG("a transaction inside a query: %s", db->busy->sql);
	if (mode_reads_only(db->mode))
		return fail(op, E_FORBIDDEN, NULL, "this request may only read");
	if (!sqlite3_get_autocommit(db->raw))
		BUG("a transaction inside a view"); /* what a view has read may be old: SQLITE_BUSY_SNAPSHOT */
	int rc = db_exec_unguarded(db, "BEGIN IMMEDIATE");
	if (rc != SQLITE_OK)
		return db_failed(op, rc, "BEGIN IMMEDIATE");
	if (!lock_take(db, LOCK_SH)) {
		db_exec_unguarded(db, "ROLLBACK");
		return fail(op, E_INTERNAL, NULL, "the checkpoint lock cannot be taken: %s", strerror(errno));
	}
	db->op = op;
	db->proposal_id = 0;
	return OK;
}

enum status db_commit(struct op *op)
{
	struct db *db = op->db;
	if (db->op != op)
		BUG("commit without its transaction");
	if (db->busy)
		BUG("commit inside a query: %s", db->busy->sql);
	enum status indexed = index_drain(op);
	if (indexed) {
		db_rollback(op);
		return indexed;
	}
	int rc = db_exec_unguarded(db, "COMMIT");
	if (rc != SQLITE_OK) {
		enum status st = db_failed(op, rc, "COMMIT");
		db_rollback(op);
		return st;
	}
	tx_end(db);
	if (db->wal_pages > WAL_PAGES)
		db_checkpoint(db, WAL_PAGES);
	return OK;
}

void db_rollback(struct op *op)
{
	struct db *db = op->db;
	if (!db || !db->op)
		return;
	stmt_reset_busy(db);
	/* After a full disk or an I/O error SQLite may have rolled back by itself. */
	if (!sqlite3_get_autocommit(db->raw) && db_exec_unguarded(db, "ROLLBACK") != SQLITE_OK)
		BUG("a transaction cannot be rolled back: %s", sqlite3_errmsg(db->raw));
	tx_end(db);
}

/* ---- a part of a transaction ---- */
enum status db_part_begin(struct op *op)
{
	if (!op->db->op)
		BUG("a part of no transaction");
	int rc = db_exec_unguarded(op->db, "SAVEPOINT part");
	return rc == SQLITE_OK ? OK : db_failed(op, rc, "SAVEPOINT part");
}

enum status db_part_end(struct op *op, enum status st)
{
	stmt_reset_busy(op->db);
	db_set_proposal(op->db, 0);
	const char *sql = st ? "ROLLBACK TO part; RELEASE part" : "RELEASE part";
	int rc = db_exec_unguarded(op->db, sql);
	return rc == SQLITE_OK ? st : db_failed(op, rc, sql);
}

/* ---- a reader's view ---- */
static int view_step(struct db *db, sqlite3_stmt **q, const char *sql)
{
	bool before = db->unguarded;
	db->unguarded = true;
	int rc = *q ? SQLITE_OK : sqlite3_prepare_v3(db->raw, sql, -1, SQLITE_PREPARE_PERSISTENT, q, NULL);
	if (rc == SQLITE_OK) {
		sqlite3_step(*q);
		rc = sqlite3_reset(*q);
	}
	db->unguarded = before;
	return rc;
}

enum status db_view_open(struct op *op)
{
	struct db *db = op->db;
	if (!sqlite3_get_autocommit(db->raw))
		return OK; /* one view, or a writer's own, is enough */
	/* Deferred: the view begins with the first statement, and a reader is never busy in WAL mode. */
	memo_forget(db);
	int rc = view_step(db, &db->view_begin, "BEGIN DEFERRED");
	return rc == SQLITE_OK ? OK : db_failed(op, rc, "BEGIN DEFERRED");
}

void db_view_close(struct db *db)
{
	if (!db || !db->raw || db->op || sqlite3_get_autocommit(db->raw))
		return;
	stmt_reset_busy(db);
	if (view_step(db, &db->view_end, "COMMIT") != SQLITE_OK)
		BUG("a view cannot be closed: %s", sqlite3_errmsg(db->raw));
}

void db_set_proposal(struct db *db, int64_t proposal_id)
{
	db->proposal_id = proposal_id;
}

enum status db_checkpoint(struct db *db, int min_pages)
{
	if (db->op || db->wal_pages < min_pages)
		return db->op ? E_BUSY : OK;
	if (!lock_take(db, LOCK_EX | (db->wal_pages > WAL_URGENT ? 0 : LOCK_NB)))
		return E_BUSY;
	int pages = 0, done = 0;
	bool before = db->unguarded;
	db->unguarded = true;
	int rc = sqlite3_wal_checkpoint_v2(db->raw, NULL, SQLITE_CHECKPOINT_PASSIVE, &pages, &done);
	db->unguarded = before;
	lock_drop(db);
	if (rc != SQLITE_OK && rc != SQLITE_BUSY) {
		log_error("checkpoint failed", "error", sqlite3_errmsg(db->raw), NULL);
		return E_INTERNAL;
	}
	db->wal_pages = pages - done;
	return rc == SQLITE_OK ? OK : E_BUSY;
}
