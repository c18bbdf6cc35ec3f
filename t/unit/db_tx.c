/* Transactions, the checkpoint lock and the settings of a connection (security check R6). */
#include "../tap.h"
#include "dbkit.h"

#include <sys/file.h>
#include <sys/wait.h>

#include "db/handle.h"

static void transaction(struct op *op)
{
	ok(!db_in_tx(op->db), "nothing open at first");
	ok(db_begin(op) == OK && db_in_tx(op->db), "begin");
	db_run(op, "INSERT INTO settings (key, value) VALUES ('a', '1')");
	db_set_proposal(op->db, 7);
	ok(db_commit(op) == OK && !db_in_tx(op->db), "commit");
	is(db_one_text(op, "SELECT value FROM settings WHERE key = 'a'"), "1", "what was committed stays");
	db_begin(op);
	int64_t n = -1;
	ok(!db_one_int(op, &n, "SELECT ctx_proposal()"), "the proposal ends with its transaction");
	db_run(op, "UPDATE settings SET value = '2' WHERE key = 'a'");
	db_rollback(op);
	is(db_one_text(op, "SELECT value FROM settings WHERE key = 'a'"), "1", "what was rolled back does not");
	is(db_one_text(op, "SELECT ctx_now()"), NULL, "outside a transaction there is no work to name");
}

static void parts(struct op *op)
{
	db_begin(op);
	ok(db_part_begin(op) == OK, "a part begins");
	db_run(op, "UPDATE settings SET value = '3' WHERE key = 'a'");
	ok(db_part_end(op, OK) == OK, "and ends well");
	db_part_begin(op);
	db_run(op, "UPDATE settings SET value = '4' WHERE key = 'a'");
	db_set_proposal(op->db, 7);
	ok(db_part_end(op, E_CONFLICT) == E_CONFLICT, "another does not");
	int64_t n = -1;
	ok(!db_one_int(op, &n, "SELECT ctx_proposal()"), "a part's proposal ends with it");
	ok(db_commit(op) == OK, "the whole is committed");
	is(db_one_text(op, "SELECT value FROM settings WHERE key = 'a'"), "3", "with the part that ended well alone");
}

/* Another process holds the shared lock: no checkpoint. */
static void checkpoint_waits(struct op *op)
{
	int lock = open(pool_printf(dbkit_pool, "%s/run/checkpoint.lock", dbkit_dir), O_RDWR | O_CLOEXEC);
	ok(lock >= 0, "the lock file is in the data directory's run/");
	flock(lock, LOCK_SH);
	ok(db_checkpoint(op->db, 0) == E_BUSY, "no checkpoint while a writer holds the lock");
	flock(lock, LOCK_UN);
	ok(db_checkpoint(op->db, 0) == OK, "and one when nobody does");
	close(lock);
	db_begin(op);
	ok(db_checkpoint(op->db, 0) == E_BUSY, "nor inside one's own transaction");
	db_rollback(op);
}

static void wal_is_folded(struct op *op)
{
	for (int i = 0; i < 40; i++) {
		db_begin(op);
		db_run(op, "INSERT OR REPLACE INTO settings (key, value) VALUES ('big', hex(zeroblob(100000)))");
		db_commit(op);
	}
	struct stat st;
	stat(pool_printf(dbkit_pool, "%s-wal", dbkit_path()), &st);
	ok(st.st_size < 16 << 20, "commits fold the WAL back past %d pages", WAL_PAGES);
}

static void settings_read_back(struct op *op)
{
	const char *path = pool_printf(dbkit_pool, "%s/settings", dbkit_dir);
	fflush(stdout);
	int out = dup(1), file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	dup2(file, 1);
	db_print_settings(op->db);
	fflush(stdout);
	dup2(out, 1);
	char text[2048] = {0};
	ok(pread(file, text, sizeof text - 1, 0) > 0, "the settings are printed");
	static const char *const wanted[] = {"defensive=1\n", "trusted_schema=0\n", "dqs_dml=0\n", "dqs_ddl=0\n",
		"foreign_keys=1\n", "load_extension=0\n", "no_ckpt_on_close=1\n", "journal_mode=wal\n",
		"wal_autocheckpoint=0\n", "synchronous=2\n", "mmap_size=0\n", "cell_size_check=1\n"};
	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
		ok(strstr(text, wanted[i]) != NULL, "%.*s", (int)strlen(wanted[i]) - 1, wanted[i]);
	close(file);
	close(out);
}

static void views(struct op *op)
{
	struct op *read = dbkit_open(DB_READ, &ADA);
	int64_t before = 0, during = 0, after = 0;
	ok(db_view_open(read) == OK && db_view_open(read) == OK, "a view is opened, and may be asked for twice");
	db_one_int(read, &before, "SELECT count(*) FROM settings");
	db_begin(op);
	db_run(op, "INSERT INTO settings (key, value) VALUES ('view', 'x')");
	ok(db_commit(op) == OK, "somebody commits meanwhile");
	db_one_int(read, &during, "SELECT count(*) FROM settings");
	is_int(during, before, "which the view does not see");
	ok(db_begin(read) == E_FORBIDDEN, "a view is no writer");
	db_view_close(read->db);
	db_view_close(read->db);
	db_one_int(read, &after, "SELECT count(*) FROM settings");
	is_int(after, before + 1, "what comes after it does");
	ok(db_view_open(op) == OK && !db_in_tx(op->db), "on a writing connection it is not a transaction either");
	db_view_close(op->db);
	db_begin(op);
	ok(db_view_open(op) == OK, "inside a transaction there is a view already");
	db_view_close(op->db);
	ok(db_in_tx(op->db) && db_commit(op) == OK, "which closing it does not end");
	db_close(read->db);
}

int main(void)
{
	dbkit_start();
	dbkit_migrate();
	struct op *op = dbkit_open(DB_HUMAN, &ADA);
	transaction(op);
	parts(op);
	checkpoint_waits(op);
	wal_is_folded(op);
	settings_read_back(op);
	views(op);
	db_close(op->db);
	return tap_done();
}
