/* A database in a directory of its own for unit tests: migrated from the source tree, opened in any mode, gone at the
 * end. The test runs from the build directory; SRCDIR says where the sources are. */
#ifndef T_UNIT_DBKIT_H
#define T_UNIT_DBKIT_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/pool.h"
#include "db/db.h"
#include "db/migrate.h"
#include "db/op.h"

static const struct actor ADA = {.kind = ACTOR_HUMAN,
	.via = VIA_SESSION,
	.role = ROLE_ADMIN,
	.user_id = 1,
	.username = "ada",
	.name = "Ada Nowak"};
static const struct actor SCOUT __attribute__((unused)) = {
	.kind = ACTOR_AGENT, .via = VIA_TOKEN, .role = ROLE_AGENT, .user_id = 2, .username = "scout", .name = "Scout"};
static const struct actor CAPTURE
	__attribute__((unused)) = {.kind = ACTOR_SYSTEM, .via = VIA_CRON, .username = "capture", .name = "Capture"};

static char dbkit_dir[256];
static struct pool *dbkit_pool;

static int dbkit_remove(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static void dbkit_end(void)
{
	pool_free(dbkit_pool);
	nftw(dbkit_dir, dbkit_remove, 16, FTW_DEPTH | FTW_PHYS);
}

__attribute__((unused)) static const char *dbkit_migrations(void)
{
	const char *src = getenv("SRCDIR");
	return pool_printf(dbkit_pool, "%s/migrations", src ? src : ".");
}

/* Makes the directory, points COUNTERSIGN_DATA at it. */
__attribute__((unused)) static void dbkit_start(void)
{
	const char *tmp = getenv("TMPDIR");
	dbkit_pool = pool_new();
	snprintf(dbkit_dir, sizeof dbkit_dir, "%s/countersign-unit-XXXXXX", tmp && *tmp ? tmp : "/tmp");
	if (!mkdtemp(dbkit_dir))
		abort();
	setenv("COUNTERSIGN_DATA", dbkit_dir, 1);
	setenv("COUNTERSIGN_FAST_HASH", "1", 1);
	atexit(dbkit_end);
}

static const char *dbkit_path(void)
{
	return pool_printf(dbkit_pool, "%s/countersign.db", dbkit_dir);
}

/* A connection closed by db_close(); an op on it as `actor`. Dies when it cannot: nothing after would mean anything. */
__attribute__((unused)) static struct op *dbkit_open(enum db_mode mode, const struct actor *actor)
{
	struct db *db;
	if (db_open(dbkit_path(), mode, &db))
		abort();
	struct op *op = pool_alloc(dbkit_pool, sizeof *op);
	op_init(op, dbkit_pool, db, actor, "test");
	return op;
}

/* All migrations, and the two users that ADA and SCOUT are. */
__attribute__((unused)) static void dbkit_migrate(void)
{
	struct op *op = dbkit_open(DB_OWNER, &ADA);
	if (migrate(op, dbkit_migrations(), -1)) {
		fprintf(stderr, "%s\n", op->fault.items->message);
		abort();
	}
	if (db_begin(op) ||
		db_run(op, "INSERT INTO users (username, name, email, role) VALUES ('ada', 'Ada Nowak', "
			   "'ada@fund.example',"
			   " 'admin'), ('scout', 'Scout', 'scout@fund.example', 'agent')") ||
		db_commit(op))
		abort();
	db_close(op->db);
}

#endif
