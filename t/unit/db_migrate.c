/* The schema's history: all the way up, all the way down, and what is refused. Also upkeep: integrity, snapshot. */
#include "../tap.h"
#include "dbkit.h"

#include <fcntl.h>

#include "base/file.h"

static int64_t count(struct op *op)
{
	int64_t n = -1;
	db_one_int(op, &n,
		"SELECT count(*) FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' AND name <> 'schema_migrations'");
	return n;
}

static void up_and_down(struct op *op)
{
	is_int(migrate_version(op), 0, "an empty database has version 0");
	ok(migrate(op, dbkit_migrations(), -1) == OK, "all migrations apply");
	int newest = migrate_version(op);
	ok(newest >= 5, "to the newest");
	ok(count(op) > 50, "and make the schema");
	ok(migrate(op, dbkit_migrations(), -1) == OK && migrate_version(op) == newest, "a second run changes nothing");
	ok(db_integrity(op) == OK, "the file is sound");
	for (int v = newest - 1; v >= 0; v--)
		if (!ok(migrate(op, dbkit_migrations(), v) == OK && migrate_version(op) == v, "down to %d", v))
			note("%s", op->fault.items->message);
	is_int(count(op), 0, "down to 0 leaves nothing behind");
	ok(migrate(op, dbkit_migrations(), -1) == OK, "and up again");
	ok(migrate(op, dbkit_migrations(), 99) == E_INPUT, "a version that does not exist is refused");
	fault_init(&op->fault, op->pool);
}

static const char *write_file(const char *name, const char *text)
{
	const char *path = pool_printf(dbkit_pool, "%s/m/%s", dbkit_dir, name);
	if (file_replace(path, text, strlen(text), 0600))
		abort();
	return path;
}

static void own_history(void)
{
	const char *dir = pool_printf(dbkit_pool, "%s/m", dbkit_dir);
	mkdir(dir, 0700);
	write_file("0001_one.up.sql", "CREATE TABLE one (a)");
	write_file("0001_one.down.sql", "DROP TABLE one");
	struct db *db;
	if (db_open(pool_printf(dbkit_pool, "%s/own.db", dir), DB_OWNER, &db))
		abort();
	struct op op;
	op_init(&op, dbkit_pool, db, &ADA, "test");
	ok(migrate(&op, dir, -1) == OK, "a history of its own");
	write_file("0001_one.up.sql", "CREATE TABLE one (a, b)");
	ok(migrate(&op, dir, -1) == E_CONFLICT, "an applied file that changed is refused");
	fault_init(&op.fault, dbkit_pool);
	write_file("0001_one.up.sql", "CREATE TABLE one (a)");
	write_file("0002_two.up.sql", "CREATE TABLE two (a); CREATE TABLE one (a)");
	write_file("0002_two.down.sql", "DROP TABLE two");
	ok(migrate(&op, dir, -1) == E_INTERNAL, "a migration that fails fails");
	fault_init(&op.fault, dbkit_pool);
	int64_t n = -1;
	db_one_int(&op, &n, "SELECT count(*) FROM sqlite_schema WHERE name = 'two'");
	ok(n == 0 && migrate_version(&op) == 1, "and leaves nothing of itself");
	ok(access(pool_printf(dbkit_pool, "%s/backups", dir), F_OK) == 0, "a snapshot was taken before it");
	db_close(db);
}

static void snapshot(struct op *op)
{
	const char *path = pool_printf(dbkit_pool, "%s/copy.db", dbkit_dir);
	ok(db_snapshot(op, path) == OK, "a snapshot is made");
	struct db *db;
	ok(db_open(path, DB_OWNER, &db) == OK, "and opens");
	struct op copy;
	op_init(&copy, dbkit_pool, db, &ADA, "test");
	is_int(migrate_version(&copy), migrate_version(op), "with the same schema");
	db_close(db);
}

int main(void)
{
	dbkit_start();
	struct op *op = dbkit_open(DB_OWNER, &ADA);
	up_and_down(op);
	snapshot(op);
	db_close(op->db);
	own_history();
	struct db *db;
	ok(db_open("/nonexistent/countersign.db", DB_HUMAN, &db) == E_NOT_FOUND, "no file, no connection");
	return tap_done();
}
