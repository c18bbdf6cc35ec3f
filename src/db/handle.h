/* The inside of struct db and struct stmt, for the files of this room alone. */
#ifndef DB_HANDLE_H
#define DB_HANDLE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "db/db.h"
#include "db/op.h"

#define CACHE_SLOTS 512  /* power of two */
#define CACHE_MAX 1024   /* statements kept; more than the program has literals and filter combinations */
#define BUSY_MS 15000    /* how long a writer waits for another: longer than a slow disk takes to fold the WAL back */
#define WAL_PAGES 4000   /* past this a commit tries a checkpoint: what is written over and over is folded back once */
#define WAL_URGENT 16000 /* past this it waits for its turn */
#define MEMO_SLOTS 4096  /* power of two; one that is taken is taken over */

enum column_kind { COLUMN_PLAIN, COLUMN_BOOL, COLUMN_JSON };

struct stmt {
	struct db *db;
	struct op *op; /* of the run under way */
	sqlite3_stmt *raw;
	const char *sql;
	uint64_t hash;
	bool busy, cached;
	int columns; /* with their names and kinds filled at the first row that is wanted whole */
	const char **names;
	enum column_kind *kinds;
	struct stmt *next; /* in its slot */
	struct stmt *next_busy;
};

struct kept {
	int64_t id, value;
	uint64_t age;
	unsigned char kind;
};

struct memo {
	uint64_t age; /* what was kept at another is forgotten */
	int64_t reader, viewer;
	struct kept all[MEMO_SLOTS];
};

struct db {
	sqlite3 *raw;
	struct pool *pool; /* the handle itself, cached statements, names */
	enum db_mode mode;
	const char *path;
	int lock_fd;                         /* DATA/run/checkpoint.lock */
	struct op *op;                       /* of the transaction under way; NULL outside */
	struct op *asked;                    /* whose statement was begun last */
	sqlite3_stmt *view_begin, *view_end; /* tx.c's own, prepared at the first view */
	int64_t proposal_id;
	enum status failed; /* the last statement's outcome */
	int wal_pages;      /* after this connection's last commit */
	int64_t statements, micros, steps;
	struct stmt *slots[CACHE_SLOTS];
	size_t cached;
	struct stmt *busy; /* those between db_query and their end */
	/* guard.c */
	bool unguarded; /* open, migrate, checkpoint, snapshot: PRAGMA and DDL are theirs */
	bool select_seen, write_seen,
		view_seen;         /* in the statement being prepared; view_seen: one that ends in _seen */
	const char **soft_deleted; /* tables with a column deleted_at */
	size_t soft_deleted_count;
	const char **restricted; /* tables that have a view X_seen */
	size_t restricted_count;
	const char **accessors; /* names of views and triggers: what may read them */
	size_t accessor_count;
	bool has_index; /* the schema has a full-text index to be kept (index.c) */
	struct memo memo;
};

static inline bool mode_reads_only(enum db_mode m)
{
	return m == DB_READ || m == DB_CHECK;
}

/* error.c: records what SQLite said last in op->fault and returns the status. */
enum status db_failed(struct op *op, int rc, const char *sql);

/* functions.c */
int functions_register(struct db *db);
int relevance_register(struct db *db); /* relevance.c */
/* memo.c */
int memo_register(struct db *db);
void memo_forget(struct db *db);
/* guard.c: reads the schema's names (again after a migration), installs the authorizer. */
enum status guard_load(struct db *db);
void guard_install(struct db *db);

/* index.c: brings the full-text index up to date with what the transaction under way changed. */
enum status index_drain(struct op *op);

/* stmt.c */
bool stmt_step(struct stmt *q); /* db_row() without the clock */
void stmt_close_all(struct db *db);
void stmt_reset_busy(struct db *db);
/* For the room's own housekeeping (PRAGMA, BEGIN): no cache, no binds, no guard. */
int db_exec_unguarded(struct db *db, const char *sql);

#endif
